import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { sayCauses } from '../domain/errors.ts';
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
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (message === 'Worker failed') workerFailure = meta?.error;
      say(level, `${message}${reasonOf(level, meta)}`);
    }),
    telemetryOptions: { logging: { forward: { level: 'WARN' } } },
  });
}

let workerFailure: unknown;
/**
 * Why a worker failed, which the SDK tells its logger alone: what its `run` throws is then that it could not be put away
 * ("Worker still in use").
 */
export function toldOfWorker(): unknown {
  return workerFailure;
}

/** Of an activity that failed, which is a warning, the reason stands in its history; of a worker that failed it stands nowhere else. */
function reasonOf(level: string, meta: Readonly<Record<string | symbol, unknown>> | undefined): string {
  const error = meta?.error ?? meta?.err;
  return level === 'ERROR' && error !== undefined ? `: ${sayCauses(error)}` : '';
}

/** @param dataConverter null: for calls that carry no payload. @throws StewardError Unavailable, InvalidConfig */
export async function connectTemporal(at: Address, dataConverter: DataConverter | null): Promise<Temporal> {
  const { namespace } = at;
  const connection = await NativeConnection.connect(await connectionOptions(at)).catch((cause: unknown) => {
    throw temporalAway(at, 'See that it runs', cause);
  });
  return { connection, client: new Client({ connection, namespace, ...(dataConverter ? { dataConverter } : {}) }) };
}
