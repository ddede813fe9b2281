import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type Address, temporalAway } from './address.ts';
import { connectionOptions } from './tls.ts';

export interface Dialled {
  readonly client: Client;
  /** Bounds what `call` asks of the server: without a worker an update or a query would wait for one. In ms. */
  readonly within: <T>(ms: number, call: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

const CONNECT_MS = 3_000;

/**
 * A connection for a process that runs no worker: pure JavaScript, quick to load.
 * @param dataConverter null: for calls that carry no payload. @throws StewardError Unavailable, InvalidConfig
 */
export async function dialTemporal(at: Address, dataConverter: DataConverter | null): Promise<Dialled> {
  const { namespace } = at;
  const options = await connectionOptions(at);
  const connection = await Connection.connect({ ...options, connectTimeout: CONNECT_MS }).catch((cause: unknown) => {
    throw temporalAway(at, 'Run `npm start` in another terminal', cause);
  });
  return {
    client: new Client({ connection, namespace, ...(dataConverter ? { dataConverter } : {}) }),
    within: (ms, call) => connection.withDeadline(Date.now() + ms, call),
    close: () => connection.close(),
  };
}
