import { setTimeout as sleep } from 'node:timers/promises';
import { dropStalePidFile, releasePidFile, takePidFile } from './pid-file.ts';
import { noteOf } from './process-identity.ts';

const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 5_000;

/**
 * Runs `work` while no other process does under the same lock file. A lock whose holder is gone is taken over.
 * @param onWait called every five seconds while another process holds the lock
 * @param signal ends the waiting; what `work` makes of it is its own affair
 */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: () => void,
  signal: AbortSignal,
): Promise<T> {
  const note = await noteOf(process.pid);
  for (let looks = 0; !(await takePidFile(file, note)); looks++) {
    if (await dropStalePidFile(file)) continue;
    if (looks % (SAY_EVERY_MS / LOOK_EVERY_MS) === 0) onWait();
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    await releasePidFile(file, note);
  }
}
