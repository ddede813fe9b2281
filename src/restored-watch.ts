/**
 * Processes outlive PostgreSQL, so a backup can come into its place while they run: what is done at a start after a restore is done then, too.
 */
import type { Composed } from './compose.ts';
import { sayFault } from './http/fault.ts';
import type { Log } from './log.ts';
import { startWaker, type Waker } from './temporal/waker.ts';

export interface RestoredWatchOptions extends Pick<Composed, 'forgotten'> {
  readonly log: Log;
  /** Erases again; missing: somebody else does. */
  readonly reapply?: () => ReturnType<Composed['reapply']>;
  readonly everyMs?: number | undefined;
}

export interface RestoredWatch extends Waker {
  /** Are people there whom an erasure has taken away? */
  readonly isRestored: () => boolean;
}

const EVERY_MS = 15_000;

/** Two looks in a row have to find it: an erasure that is just being done stands in the ledger a moment before the database knows of it. */
export function watchRestored({ forgotten, reapply, log, everyMs = EVERY_MS }: RestoredWatchOptions): RestoredWatch {
  let looks = 0;
  const waker = startWaker({
    everyMs,
    async wanting() {
      // Without patience: whoever stops waits for this look.
      looks = (await forgotten(0)) > 0 ? looks + 1 : 0;
      return looks > 1 ? ['restored'] : [];
    },
    async wake() {
      if (looks === 2)
        log.error({}, 'a backup was put in the place of the database while this runs: erased people are there again');
      if (reapply) sayReapplied(log, await reapply());
    },
    onTrouble: (error) =>
      log.warn(sayFault(error), 'the ledger of erasures could not be compared with the database; it is tried again'),
  });
  return { ...waker, isRestored: () => looks > 1 };
}

export function sayReapplied(log: Log, done: Awaited<ReturnType<Composed['reapply']>>): void {
  for (const { requestId, rows } of done) {
    log.warn({ requestId, rows }, 'a restored backup had brought an erased person back; erased again');
  }
}
