import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../src/contract.ts';
import { createDatabase, type Postgres, startPostgres } from '../../src/embedded/postgres.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import type { TemporalBinary } from '../../src/embedded/temporal-version.ts';
import { bundleWorkflows } from '../../src/temporal/workers.ts';
import { onFreePort } from '../support/ports.ts';
import { familyOf } from '../support/processes.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';

/** A PostgreSQL and a Temporal server of their own, which keep what they are told and may be killed. */
export interface Stage {
  readonly temporalAddress: string;
  /** A file with the workflow code: bundling it anew at every start would take seconds. */
  readonly bundle: string;
  readonly dir: string;
  newDatabase(): Promise<string>;
  kill(server: Server): Promise<void>;
  /** Starts it again on the same port and data. */
  start(server: Server): Promise<void>;
  /** SIGSTOP: it takes connections and says nothing, until `resume`. */
  hang(server: Server): Promise<void>;
  resume(server: Server): Promise<void>;
}
export type Server = 'temporal' | 'postgres';

/**
 * Whoever is killed has given the kernel what they wrote: a disk that is slow to take it, shared with other machines, would be all that the
 * tests measure. Only a machine that loses its power would lose something.
 */
const HASTY = { fsync: 'off', full_page_writes: 'off' };
/** A deletion waits for the acknowledgement of the workflow's end, which the server gives every 30 s otherwise. */
const QUICK = ['history.transferProcessorUpdateAckInterval="1s"'];
const TYPES = { KEYWORD: 'Keyword', BOOL: 'Bool' } as const;
const ATTRIBUTES = Object.fromEntries(Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, TYPES[type]]));

/** Whoever starts it stops it. */
export async function startStage(binary: TemporalBinary): Promise<Stage & { stop(): Promise<void> }> {
  const dir = await makeRunDirectory();
  try {
    return await startIn(dir, binary);
  } catch (error) {
    await removeRunDirectory(dir);
    throw error;
  }
}

async function startIn(dir: string, binary: TemporalBinary): Promise<Stage & { stop(): Promise<void> }> {
  const ports = { postgres: 0, temporal: 0 };
  const startOn = {
    postgres: (port: number): Promise<Postgres> => startPostgres({ dir, port, settings: HASTY }),
    temporal: (port: number): Promise<TemporalServer> =>
      startTemporalServer({
        dir,
        port,
        binary,
        searchAttributes: ATTRIBUTES,
        dynamicConfig: QUICK,
      }),
  };
  const bundle = join(dir, 'workflows.js');
  const [postgres, temporal, { code }] = await Promise.all([
    onFreePort((port) => {
      ports.postgres = port;
      return startOn.postgres(port);
    }),
    onFreePort((port) => {
      ports.temporal = port;
      return startOn.temporal(port);
    }),
    bundleWorkflows(),
  ]);
  await writeFile(bundle, code);
  const running = { postgres, temporal };
  // The parent first: it starts no more of them.
  const signal = async (server: Server, name: NodeJS.Signals) => {
    for (const { pid } of await familyOf(running[server].pid)) process.kill(pid, name);
  };
  return {
    dir,
    bundle,
    temporalAddress: temporal.address,
    async newDatabase() {
      const url = new URL(postgres.url);
      url.pathname = `chaos_${randomBytes(6).toString('hex')}`;
      await createDatabase(postgres.url, url.pathname.slice(1));
      return url.href;
    },
    kill: (server) => running[server].kill(),
    async start(server) {
      if (server === 'postgres') running.postgres = await startOn.postgres(ports.postgres);
      else running.temporal = await startOn.temporal(ports.temporal);
    },
    hang: (server) => signal(server, 'SIGSTOP'),
    resume: (server) => signal(server, 'SIGCONT'),
    async stop() {
      await Promise.all([running.postgres.stop(), running.temporal.stop()]);
      await removeRunDirectory(dir);
    },
  };
}
