import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createDatabase, type Postgres, startPostgres } from '../../src/embedded/postgres.ts';
import { endLeftOver, type ServerProcess } from '../../src/embedded/server-process.ts';
import { defaultCacheDir, findTemporalBinary } from '../../src/embedded/temporal-binary.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import type { TemporalBinary } from '../../src/embedded/temporal-version.ts';
import { migrate } from '../../src/store/migrate.ts';
import { onFreePort } from './ports.ts';

/** What the tests of the project `stack` get by `inject`. */
declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    /** An administrator's address: for making databases, not for tables. Tests want `useDatabase`. */
    databaseUrl: string;
    /** Migrated and empty. */
    templateDatabase: string;
    /** For tests that start a dev server of their own. */
    temporalBinary: { readonly path: string; readonly server: string };
  }
}

const PREFIX = 'steward-test-';
const TEMPLATE = 'steward_template';
const SEARCH_ATTRIBUTES = {
  TicketState: 'Keyword',
  TicketPriority: 'Keyword',
  CustomerTier: 'Keyword',
  TicketRoute: 'Keyword',
  NeedsAttention: 'Bool',
};

/** One PostgreSQL and one Temporal dev server for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepLeftOvers();
  const dir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // PostgreSQL may run as another user, who must get through.
  await chmod(dir, 0o711);
  const binary = findTemporalBinary({
    named: process.env.STEWARD_TEMPORAL_BINARY,
    cacheDir: defaultCacheDir(process.env.XDG_CACHE_HOME),
    environment: process.env,
    onProgress: (line) => console.log(line),
  });
  const starts = [startDatabase(dir), startTemporal(dir, binary)] as const;
  const teardown = async (): Promise<void> => {
    const servers = await Promise.allSettled<ServerProcess>(starts);
    await Promise.all(servers.map((server) => (server.status === 'fulfilled' ? server.value.stop() : undefined)));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const [postgres, temporal] = await Promise.all(starts);
    project.provide('databaseUrl', postgres.url);
    project.provide('templateDatabase', TEMPLATE);
    project.provide('temporalAddress', temporal.address);
    project.provide('temporalBinary', await binary);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function startDatabase(dir: string): Promise<Postgres> {
  // Nothing here outlives the run, so nothing need reach the disk.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const postgres = await onFreePort((port) => startPostgres({ dir, port, settings }));
  const template = new URL(postgres.url);
  template.pathname = TEMPLATE;
  await createDatabase(postgres.url, TEMPLATE);
  await migrate(template.href);
  return postgres;
}

async function startTemporal(dir: string, binary: Promise<TemporalBinary>): Promise<TemporalServer> {
  const options = { binary: await binary, dir, inMemory: true, searchAttributes: SEARCH_ATTRIBUTES };
  return onFreePort((port) => startTemporalServer({ ...options, port }));
}

/** A run that was killed left its servers: their directories carry the pid of a run that is no more. */
async function sweepLeftOvers(): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    const owner = Number.parseInt(name.slice(PREFIX.length), 10);
    if (!Number.isInteger(owner) || isRunning(owner)) continue;
    const dir = join(tmpdir(), name);
    await endLeftOver({ dir, name: 'postgres-server', stopSignal: 'SIGQUIT' });
    await endLeftOver({ dir, name: 'temporal-server', stopSignal: 'SIGTERM' });
    await rm(dir, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
