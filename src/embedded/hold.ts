import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StewardError } from '../domain/errors.ts';
import { dropStalePidFile, releasePidFile, takePidFile } from './pid-file.ts';
import { isRunning, noteOf, parseNote } from './process-identity.ts';

const fileOf = (stateDir: string): string => join(stateDir, 'steward.pid');

/** The process that runs on this state directory now, if any; one that was killed does not count. */
export async function holderOf(stateDir: string): Promise<number | undefined> {
  const holder = parseNote(await readFile(fileOf(stateDir), 'utf8').catch(() => ''));
  return holder !== undefined && (await isRunning(holder)) ? holder.pid : undefined;
}

/** One Steward per state directory, also when two start at once. Returns what gives it back. @throws StewardError Unavailable */
export async function holdState(stateDir: string): Promise<() => Promise<void>> {
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  const file = fileOf(stateDir);
  const note = await noteOf(process.pid);
  while (!(await takePidFile(file, note))) {
    const holder = await holderOf(stateDir);
    if (holder !== undefined) {
      throw new StewardError(
        'Unavailable',
        `Steward runs already on ${stateDir} (process ${holder}). Stop it first, or set STEWARD_STATE_DIR and the ports to run a second one.`,
      );
    }
    // Somebody has made the file a moment ago and not written yet who they are.
    if (!(await dropStalePidFile(file))) await sleep(20);
  }
  return () => releasePidFile(file, note);
}
