import { StewardError } from '../domain/errors.ts';
import { namesSomebody } from '../domain/names-somebody.ts';

/** What `--why` says: it is kept for good, where no erasure can take it out. @throws StewardError InvalidRequest */
export function whyOf(text: string): string {
  const why = text.trim();
  if (!/^[^\p{Cc}\p{Cs}]{1,300}$/u.test(why)) {
    throw new StewardError('InvalidRequest', '--why: expected 1 to 300 printable characters on one line');
  }
  const named = namesSomebody(why);
  if (named === null) return why;
  throw new StewardError('InvalidRequest', `--why: holds ${named}; it is kept when the person is gone, so name nobody`);
}
