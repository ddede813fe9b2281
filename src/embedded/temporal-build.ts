import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { homeOf } from './home.ts';
import type { Source } from './temporal-source.ts';

const MODULE = 'github.com/temporalio/cli/cmd/temporal';
const SAY_EVERY_MS = 5_000;

/** Builds the Temporal CLI with the machine's Go: about four minutes on two cores. */
export const buildTemporal: Source = async ({ version, dir, environment, onProgress, signal }) => {
  const env = {
    ...environment,
    // Go wants a home for its caches; where there is none they go the way of the draft.
    HOME: homeOf(environment) ?? dir,
    GOBIN: dir,
    // A module cache made here can be deleted like any other directory.
    GOFLAGS: `${environment.GOFLAGS ?? ''} -modcacherw`.trim(),
    // Nothing in it needs a C compiler.
    CGO_ENABLED: '0',
  };
  const started = Date.now();
  let modules = 0;
  let packages = 0;
  let last = '';
  const child = spawn('go', ['install', '-v', `${MODULE}@v${version}`], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    // A process group of its own: ended as one, with the compilers that Go has started.
    detached: true,
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('go: downloading ')) modules++;
    else if (/^[\w.-]+(\/[\w.-]+)*$/.test(line)) packages++;
    else last = line;
  });
  const say = (): void => {
    const seconds = Math.round((Date.now() - started) / 1000);
    onProgress(
      `Building the Temporal dev server with Go, once, about four minutes: ${seconds} s, ${modules} modules fetched, ${packages} of about 1,300 packages compiled.`,
    );
  };
  const timer = setInterval(say, SAY_EVERY_MS);
  const stop = (): void => endGroup(child.pid);
  process.once('exit', stop);
  signal.addEventListener('abort', stop, { once: true });
  try {
    say();
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new Error('code' in error && error.code === 'ENOENT' ? 'Go is not installed' : error.message)),
      );
      child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(last || `go ended with ${code}`))));
    });
  } finally {
    clearInterval(timer);
    process.off('exit', stop);
    signal.removeEventListener('abort', stop);
  }
  return join(dir, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
};

function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGTERM');
  } catch {
    // All of it has ended already.
  }
}
