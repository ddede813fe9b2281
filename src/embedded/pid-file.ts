/** A file that says which process holds something. It is there while it is held, and worth nothing once that process has gone. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isRunning, parseNote } from './process-identity.ts';

// Between making the file and writing who holds it lies no more than a moment, unless the holder died there.
const EMPTY_FOR_MS = 2_000;

/** @param note from `noteOf`. Answers whether the file is ours now; of two who take it at once one gets it. */
export async function takePidFile(file: string, note: string): Promise<boolean> {
  try {
    await writeFile(file, note, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the file where it is still ours. */
export async function releasePidFile(file: string, note: string): Promise<void> {
  if ((await textOf(file)) === note) await rm(file, { force: true });
}

/**
 * Removes the file where its holder has gone, or where it names none. Answers whether taking it may work now. One does so at a time,
 * or else the second would remove what a third has put there since.
 */
export async function dropStalePidFile(file: string): Promise<boolean> {
  const found = await look(file);
  if (found !== 'stale') return found === 'none';
  const turn = `${file}.drop`;
  if (!(await takePidFile(turn, ''))) {
    // Whoever has the turn needs it for a moment only, unless they died there.
    if (await isOld(turn)) await rm(turn, { force: true });
    return false;
  }
  try {
    if ((await look(file)) === 'stale') await rm(file, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
  return true;
}

async function look(file: string): Promise<'none' | 'held' | 'stale'> {
  const text = await textOf(file);
  if (text === undefined) return 'none';
  if (text === '') return (await isOld(file)) ? 'stale' : 'held';
  const holder = parseNote(text);
  return holder !== undefined && (await isRunning(holder)) ? 'held' : 'stale';
}

async function isOld(file: string): Promise<boolean> {
  const made = await stat(file).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > EMPTY_FOR_MS;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
