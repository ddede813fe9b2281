import { activityInfo, heartbeat } from '@temporalio/activity';

const BEAT_MS = 5_000;
/** A beat may be late on a busy machine: so many in the time after which the worker counts as dead. */
const BEATS = 4;

/** Shows that the worker is alive as long as this work takes: one that died is noticed by its silence. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const { heartbeatTimeoutMs } = activityInfo();
  const every = heartbeatTimeoutMs ? Math.min(BEAT_MS, heartbeatTimeoutMs / BEATS) : BEAT_MS;
  const beat = setInterval(heartbeat, every);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
