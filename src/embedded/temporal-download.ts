import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { orAborted } from '../ending.ts';
import type { Source } from './temporal-source.ts';

const STALLED_MS = 60_000;

/**
 * The Temporal SDK can fetch the CLI. It runs in a process of its own: its runtime is one per process and must stay free for our
 * worker, and a download that hangs can only be ended with its process.
 */
export const downloadTemporal: Source = async ({ version, dir, environment, onProgress, signal }) => {
  onProgress("Trying the Temporal SDK's download of the dev server.");
  const script = fileURLToPath(
    new URL(`./fetch-temporal${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
  );
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, script, dir, version], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  const stop = (): boolean => child.kill('SIGKILL');
  process.once('exit', stop);
  try {
    const ended = await orAborted(signal, Promise.race([code, stalled(dir, code)]));
    if (ended === 'stalled') throw new Error(`nothing came for ${STALLED_MS / 1000} s`);
    // The SDK starts what it downloaded and gives it 5 s; a slow machine's failure to start is no failure to download.
    const file = (await readdir(dir)).find((name) => name.startsWith('temporal') && !name.endsWith('.downloading'));
    if (file !== undefined) return join(dir, file);
    throw new Error(said.trim().split('\n').at(-1) || `it ended with ${ended} and left no program`);
  } finally {
    stop();
    process.off('exit', stop);
  }
};

/** Ends once nothing in `dir` has grown for a minute, or with `over`. */
async function stalled(dir: string, over: Promise<unknown>): Promise<'stalled'> {
  let size = -1;
  let grown = Date.now();
  let done = false;
  void over.then(() => {
    done = true;
  });
  while (!done && Date.now() - grown < STALLED_MS) {
    const now = await sizeOf(dir);
    if (now !== size) grown = Date.now();
    size = now;
    await sleep(500, undefined, { ref: false });
  }
  return 'stalled';
}

async function sizeOf(dir: string): Promise<number> {
  const names = await readdir(dir).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(dir, name)).then(
        (file) => file.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
