import type { TestProject } from 'vitest/node';
import { createDatabase, type Postgres, startPostgres } from '../../src/embedded/postgres.ts';
import type { ServerProcess } from '../../src/embedded/server-process.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import type { TemporalBinary } from '../../src/embedded/temporal-version.ts';
import { migrate } from '../../src/store/migrate.ts';
import { findBinary } from './binary.ts';
import { onFreePort } from './ports.ts';
import { makeRunDirectory, removeRunDirectory, sweepRunDirectories } from './run-directory.ts';

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

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
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
  await sweepRunDirectories();
  // Without a terminal vitest dies of a signal on the spot. By `exit` the servers hear of it.
  const leave = (): never => process.exit(130);
  for (const signal of SIGNALS) process.once(signal, leave);
  const dir = await makeRunDirectory();
  const binary = findBinary();
  const starts = [startDatabase(dir), startTemporal(dir, binary)] as const;
  const teardown = async (): Promise<void> => {
    const servers = await Promise.allSettled<ServerProcess>(starts);
    await Promise.all(servers.map((server) => (server.status === 'fulfilled' ? server.value.stop() : undefined)));
    await removeRunDirectory(dir);
    for (const signal of SIGNALS) process.off(signal, leave);
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
  // A deletion waits for the acknowledgement of the workflow's end, which this server gives every 30 s otherwise.
  const dynamicConfig = ['history.transferProcessorUpdateAckInterval="1s"'];
  const options = { binary: await binary, dir, inMemory: true, searchAttributes: SEARCH_ATTRIBUTES, dynamicConfig };
  return onFreePort((port) => startTemporalServer({ ...options, port }));
}
