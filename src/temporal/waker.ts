import { setTimeout as sleep } from 'node:timers/promises';

export interface WakerOptions<T> {
  /** What somebody has to begin with; each is given to one who asks. */
  readonly wanting: () => Promise<readonly T[]>;
  /** Wakes or starts its workflow. */
  readonly wake: (one: T) => Promise<void>;
  /** Hears of the first of several failures in a row; all are tried again. */
  readonly onTrouble: (error: unknown) => void;
  readonly everyMs: number;
  /** Until the next look where the last one found something. */
  readonly busyMs?: number;
}

export interface Waker {
  stop(): Promise<void>;
}

/**
 * Looks for what wants a workflow, and wakes or starts it. Every worker process runs one. That something wants one is written in the
 * database with the change itself, so no word of it can be lost: who dies after writing is followed by another look.
 */
export function startWaker<T>({ wanting, wake, onTrouble, everyMs, busyMs = everyMs }: WakerOptions<T>): Waker {
  const stopping = new AbortController();

  async function run(): Promise<void> {
    let wasWell = true;
    while (!stopping.signal.aborted) {
      let pauseMs = everyMs;
      try {
        const found = await wanting();
        if (found.length > 0) pauseMs = Math.min(busyMs, everyMs);
        await Promise.all(found.map(wake));
        wasWell = true;
      } catch (error) {
        if (wasWell) onTrouble(error);
        wasWell = false;
      }
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
