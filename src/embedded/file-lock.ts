import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from './process-identity.ts';

const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 5_000;
// Between making the file and writing who holds it lies no more than a moment, unless the holder died there.
const EMPTY_FOR_MS = 10_000;

/**
 * Runs `work` while no other process does under the same lock file. A lock whose holder is gone is taken over. Two that take over at
 * the same instant may both run, so `work` must bear that.
 * @param onWait called every five seconds while another process holds the lock
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>, onWait: () => void): Promise<T> {
  const self = await identify(process.pid);
  const token = JSON.stringify({ pid: process.pid, started: self?.started ?? '' });
  for (let looks = 0; !(await take(file, token)); looks++) {
    if (await isStale(file)) {
      await rm(file, { force: true });
      continue;
    }
    if (looks % (SAY_EVERY_MS / LOOK_EVERY_MS) === 0) onWait();
    await sleep(LOOK_EVERY_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, token: string): Promise<boolean> {
  try {
    await writeFile(file, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    const text = await readFile(file, 'utf8');
    if (text === '') return Date.now() - (await stat(file)).mtimeMs > EMPTY_FOR_MS;
    const { pid, started } = JSON.parse(text) as { pid: number; started: string };
    return (await identify(pid))?.started !== started;
  } catch {
    // Just let go: look again.
    return false;
  }
}
