/** For a start, which asks a database many things: one that has answered and then does not is busy, or is being started anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StewardError } from './domain/errors.ts';
import { isAway } from './http/away.ts';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;

/** Asks again while it does not answer, for half a minute. What it says itself, or we do, stands. @throws what it threw last */
export async function whileBusy<T>(ask: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof StewardError || !isAway(error) || performance.now() > end) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
