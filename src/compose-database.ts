/** The first question to a database, where it shows whether DATABASE_URL leads to one that lets us in. */
import { StewardError } from './domain/errors.ts';
import type { Secret } from './secret.ts';

/** PostgreSQL's own words for "no such user or password", and for "no such database". */
const REFUSED = /^28/;
const NO_DATABASE = '3D000';

/** @param mend what the person in front of it may do. @throws StewardError Unavailable, with the address and the setting */
export async function askFirst<T>(databaseUrl: Secret, mend: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new StewardError('Unavailable', sayAway(databaseUrl, mend, cause), { cause });
  }
}

function sayAway(databaseUrl: Secret, mend: string, cause: unknown): string {
  const { host, pathname } = new URL(databaseUrl.reveal());
  const where = host === '' ? 'the socket' : host;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (REFUSED.test(code)) {
    return `The PostgreSQL at ${where} does not let us in: check DATABASE_URL, or whether another one listens there.`;
  }
  if (code === NO_DATABASE) {
    return `The PostgreSQL at ${where} has no database ${pathname.slice(1)}: make it, or check DATABASE_URL.`;
  }
  // Several addresses may have been tried, which leaves the message empty.
  const said = cause instanceof Error ? cause.message || code : '';
  return `PostgreSQL at ${where} does not answer${said === '' ? '' : ` (${said})`}. ${mend}, or check DATABASE_URL.`;
}
