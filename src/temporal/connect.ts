import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { type Address, temporalAway } from './address.ts';
import { connectionOptions } from './tls.ts';

export interface Temporal {
  readonly connection: NativeConnection;
  /** Shares the worker's connection, which is what eager start needs. */
  readonly client: Client;
}

/**
 * The SDK's process-wide runtime, once and before the first connection: signals are ours (parts are stopped in order), and what
 * the SDK has to say goes to our log.
 */
export function installRuntime(say: (level: string, message: string) => void): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', (entry) => say(entry.level, entry.message)),
    telemetryOptions: { logging: { forward: { level: 'WARN' } } },
  });
}

/** @param dataConverter null: for calls that carry no payload. @throws StewardError Unavailable, InvalidConfig */
export async function connectTemporal(at: Address, dataConverter: DataConverter | null): Promise<Temporal> {
  const { namespace } = at;
  const connection = await NativeConnection.connect(await connectionOptions(at)).catch((cause: unknown) => {
    throw temporalAway(at, 'See that it runs', cause);
  });
  return { connection, client: new Client({ connection, namespace, ...(dataConverter ? { dataConverter } : {}) }) };
}
