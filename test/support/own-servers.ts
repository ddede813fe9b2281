import { inject } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contract.ts';
import { type Postgres, startPostgres } from '../../src/embedded/postgres.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import { migrate } from '../../src/store/migrate.ts';
import { onFreePort } from './ports.ts';

/** Servers that a test may kill: not those that the whole run shares. */

export interface OwnTemporal {
  current: TemporalServer;
  readonly address: string;
  /** On the same port and data, as after a crash. */
  restart(): Promise<void>;
}

export async function startOwnTemporal(
  dir: string,
  dynamicConfig: readonly string[] = [],
  metricsPort?: number,
): Promise<OwnTemporal> {
  const types = { KEYWORD: 'Keyword', BOOL: 'Bool' } as const;
  const searchAttributes = Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, types[type]]),
  );
  const options = {
    binary: inject('temporalBinary'),
    dir,
    searchAttributes,
    dynamicConfig,
    ...(metricsPort === undefined ? {} : { metricsPort }),
  };
  const { port, server } = await onFreePort(async (port) => ({
    port,
    server: await startTemporalServer({ ...options, port }),
  }));
  const own: OwnTemporal = {
    current: server,
    address: server.address,
    async restart() {
      own.current = await startTemporalServer({ ...options, port });
    },
  };
  return own;
}

export interface OwnPostgres {
  current: Postgres;
  readonly url: string;
  restart(): Promise<void>;
}

/** Migrated and empty. It keeps to the disk what it said it would: it is going to be killed. */
export async function startOwnPostgres(dir: string): Promise<OwnPostgres> {
  const { port, server } = await onFreePort(async (port) => ({ port, server: await startPostgres({ dir, port }) }));
  await migrate(server.url);
  const own: OwnPostgres = {
    current: server,
    url: server.url,
    async restart() {
      own.current = await startPostgres({ dir, port });
    },
  };
  return own;
}
