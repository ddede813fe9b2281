import { access, chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StewardError } from '../domain/errors.ts';
import { withFileLock } from './file-lock.ts';
import { cacheDirOf } from './home.ts';
import { buildTemporal } from './temporal-build.ts';
import { downloadTemporal } from './temporal-download.ts';
import type { Source } from './temporal-source.ts';
import { type Environment, type TemporalBinary, tryBinary } from './temporal-version.ts';

const CLI_VERSION = '1.5.1';
const NAME = `temporal-${CLI_VERSION}`;
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

export interface FindOptions {
  /** The value of STEWARD_TEMPORAL_BINARY: that program and no other. */
  readonly named?: string | undefined;
  /** Says where programs are kept (XDG_CACHE_HOME, HOME), and goes to those that are asked and run: PATH, GOPATH, proxies. */
  readonly environment: Environment;
  /** Says what is being done, for a person who waits; about every five seconds while something takes long. */
  readonly onProgress: (line: string) => void;
  /** Ends the search, a download or a build among it. */
  readonly signal?: AbortSignal | undefined;
}

const SOURCES: readonly (readonly [string, Source])[] = [
  ["the Temporal SDK's download", downloadTemporal],
  ['a build with Go', buildTemporal],
];

/**
 * The dev server's program: the one that is named, else our cached copy, else `temporal` on the PATH, else the SDK's download, else
 * built with Go; the last two are kept in the cache.
 * @throws StewardError ServerMissing with everything that was tried and what helps
 */
export async function findTemporalBinary(options: FindOptions, sources = SOURCES): Promise<TemporalBinary> {
  const { named, environment, signal = new AbortController().signal } = options;
  if (named) {
    const found = await tryBinary(named, environment);
    if (typeof found !== 'string') return found;
    throw new StewardError('ServerMissing', `STEWARD_TEMPORAL_BINARY names ${named}, which ${found}. ${MEND}`);
  }
  const cacheDir = cacheDirOf(environment);
  const notes: string[] = [];
  for (const path of [...(cacheDir === undefined ? [] : [programIn(cacheDir)]), PROGRAM]) {
    const found = await tryBinary(path, environment);
    if (typeof found !== 'string') return found;
    notes.push(`${path === PROGRAM ? '`temporal` on the PATH' : path} ${found}`);
  }
  const dir = await makeCache(cacheDir);
  const found = await withFileLock(
    join(dir, `${NAME}.lock`),
    () => obtain({ ...options, signal }, dir, sources, notes),
    () => options.onProgress('Another process is preparing the Temporal dev server; waiting for it.'),
    signal,
  );
  if (found !== undefined) return found;
  throw new StewardError('ServerMissing', `There is no Temporal dev server here. ${notes.join('; ')}. ${MEND}`);
}

const programIn = (cacheDir: string): string => join(cacheDir, NAME, PROGRAM);

/** @throws StewardError ServerMissing where this user has no place that can be written to */
async function makeCache(cacheDir: string | undefined): Promise<string> {
  const lacking = (why: string, cause?: unknown) =>
    new StewardError(
      'ServerMissing',
      `There is no Temporal dev server here, and no place to keep one: ${why}. Set XDG_CACHE_HOME to a directory that you may write to. ${MEND}`,
      { cause },
    );
  if (cacheDir === undefined) throw lacking('neither HOME nor the system names a home for this user');
  await mkdir(cacheDir, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw lacking(`${cacheDir} cannot be made (${cause.code})`, cause);
  });
  return cacheDir;
}

const MEND =
  'Install the Temporal CLI 1.5 or later (https://docs.temporal.io/cli) so that `temporal` is on the PATH, or Go, with which Steward ' +
  'builds it; or set STEWARD_TEMPORAL_BINARY to the program, or TEMPORAL_ADDRESS to a Temporal server of yours.';

async function obtain(
  options: FindOptions & { readonly signal: AbortSignal },
  cacheDir: string,
  sources: readonly (readonly [string, Source])[],
  notes: string[],
): Promise<TemporalBinary | undefined> {
  const { environment, onProgress, signal } = options;
  const cached = programIn(cacheDir);
  // Whoever held the lock before us may have done it.
  const found = await tryBinary(cached, environment);
  if (typeof found !== 'string') return found;
  await dropDrafts(cacheDir);
  for (const [title, source] of sources) {
    signal.throwIfAborted();
    const dir = join(cacheDir, `${NAME}.draft-${process.pid}`);
    try {
      await mkdir(dir, { recursive: true });
      const path = await source({ version: CLI_VERSION, dir, environment, onProgress, signal });
      await access(path);
      await chmod(path, 0o755);
      const fresh = await tryBinary(path, environment);
      if (typeof fresh === 'string') throw new Error(`the program ${fresh}`);
      await mkdir(join(cacheDir, NAME), { recursive: true });
      await rename(path, cached);
      return { path: cached, server: fresh.server };
    } catch (error) {
      // What was ended has not failed, and the next way must not be tried.
      signal.throwIfAborted();
      const note = `${title} failed: ${error instanceof Error ? error.message : String(error)}`;
      notes.push(note);
      onProgress(note);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  return undefined;
}

/** What a killed attempt left; we hold the lock, so nobody is at it. */
async function dropDrafts(cacheDir: string): Promise<void> {
  const names = await readdir(cacheDir);
  const drafts = names.filter((name) => name.startsWith(`${NAME}.draft-`));
  await Promise.all(drafts.map((name) => rm(join(cacheDir, name), { recursive: true, force: true })));
}
