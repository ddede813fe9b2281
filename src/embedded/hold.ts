import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StewardError } from '../domain/errors.ts';
import { identify } from './process-identity.ts';

interface Holder {
  readonly pid: number;
  readonly started: string;
}

const fileOf = (stateDir: string): string => join(stateDir, 'steward.pid');

/** The process that runs on this state directory now, if any; one that was killed does not count. */
export async function holderOf(stateDir: string): Promise<number | undefined> {
  const text = await readFile(fileOf(stateDir), 'utf8').catch(() => '');
  if (text === '') return undefined;
  const holder = JSON.parse(text) as Holder;
  const now = await identify(holder.pid);
  return now?.started === holder.started ? holder.pid : undefined;
}

/** One Steward per state directory. Returns what gives it back. @throws StewardError Unavailable */
export async function holdState(stateDir: string): Promise<() => Promise<void>> {
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  const holder = await holderOf(stateDir);
  if (holder !== undefined) {
    throw new StewardError(
      'Unavailable',
      `Steward runs already on ${stateDir} (process ${holder}). Stop it first, or set STEWARD_STATE_DIR and the ports to run a second one.`,
    );
  }
  const self = await identify(process.pid);
  await writeFile(fileOf(stateDir), JSON.stringify({ pid: process.pid, started: self?.started ?? '' }));
  return () => rm(fileOf(stateDir), { force: true });
}
