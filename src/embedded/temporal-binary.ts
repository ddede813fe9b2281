import { access, chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { StewardError } from '../domain/errors.ts';
import { withFileLock } from './file-lock.ts';
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
  /** Where a downloaded or built program is kept for every checkout of this user; see `defaultCacheDir`. */
  readonly cacheDir: string;
  /** For the programs that are asked and run: PATH, HOME, GOPATH, proxies. */
  readonly environment: Environment;
  /** Says what is being done, for a person who waits; about every five seconds while something takes long. */
  readonly onProgress: (line: string) => void;
}

const SOURCES: readonly (readonly [string, Source])[] = [
  ["the Temporal SDK's download", downloadTemporal],
  ['a build with Go', buildTemporal],
];

/** `~/.cache/steward`, or below XDG_CACHE_HOME where that is set. */
export function defaultCacheDir(xdgCacheHome: string | undefined): string {
  return join(xdgCacheHome || join(homedir(), '.cache'), 'steward');
}

/**
 * The dev server's program: the one that is named, else our cached copy, else `temporal` on the PATH, else the SDK's download, else
 * built with Go; the last two are kept in the cache.
 * @throws StewardError ServerMissing with everything that was tried and what helps
 */
export async function findTemporalBinary(options: FindOptions, sources = SOURCES): Promise<TemporalBinary> {
  const { named, environment } = options;
  if (named) {
    const found = await tryBinary(named, environment);
    if (typeof found !== 'string') return found;
    throw new StewardError('ServerMissing', `STEWARD_TEMPORAL_BINARY names ${named}, which ${found}. ${MEND}`);
  }
  const cached = join(options.cacheDir, NAME, PROGRAM);
  const notes: string[] = [];
  for (const path of [cached, PROGRAM]) {
    const found = await tryBinary(path, environment);
    if (typeof found !== 'string') return found;
    notes.push(`${path === PROGRAM ? '`temporal` on the PATH' : path} ${found}`);
  }
  await mkdir(options.cacheDir, { recursive: true });
  const found = await withFileLock(
    join(options.cacheDir, `${NAME}.lock`),
    () => obtain(options, cached, sources, notes),
    () => options.onProgress('Another process is preparing the Temporal dev server; waiting for it.'),
  );
  if (found !== undefined) return found;
  throw new StewardError('ServerMissing', `There is no Temporal dev server here. ${notes.join('; ')}. ${MEND}`);
}

const MEND =
  'Install the Temporal CLI 1.5 or later (https://docs.temporal.io/cli) so that `temporal` is on the PATH, or Go, with which Steward ' +
  'builds it; or set STEWARD_TEMPORAL_BINARY to the program, or TEMPORAL_ADDRESS to a Temporal server of yours.';

async function obtain(
  options: FindOptions,
  cached: string,
  sources: readonly (readonly [string, Source])[],
  notes: string[],
): Promise<TemporalBinary | undefined> {
  const { cacheDir, environment, onProgress } = options;
  // Whoever held the lock before us may have done it.
  const found = await tryBinary(cached, environment);
  if (typeof found !== 'string') return found;
  await dropDrafts(cacheDir);
  for (const [title, source] of sources) {
    const dir = join(cacheDir, `${NAME}.draft-${process.pid}`);
    try {
      await mkdir(dir, { recursive: true });
      const path = await source({ version: CLI_VERSION, dir, environment, onProgress });
      await access(path);
      await chmod(path, 0o755);
      const fresh = await tryBinary(path, environment);
      if (typeof fresh === 'string') throw new Error(`the program ${fresh}`);
      await mkdir(join(cacheDir, NAME), { recursive: true });
      await rename(path, cached);
      return { path: cached, server: fresh.server };
    } catch (error) {
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
