import { resolve } from 'node:path';
import type { Config, Secrets } from '../config.ts';
import { SEARCH_ATTRIBUTES } from '../contract.ts';
import { Secret } from '../secret.ts';
import { throwCollected } from '../stops.ts';
import { assertPortFree } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { endLeftOver, type ServerProcess } from './server-process.ts';
import { findTemporalBinary } from './temporal-binary.ts';
import { startTemporalServer } from './temporal-server.ts';
import type { Environment } from './temporal-version.ts';

/** Where the two servers are, and how to end those that were started here. */
export interface Services {
  readonly temporalAddress: string;
  readonly databaseUrl: Secret;
  /** Set where we started the Web UI too. */
  readonly webUi: string | undefined;
  /** How to call the `temporal` program that the server was started with, which may be on no PATH; set where we started it. */
  readonly temporalCli: string | undefined;
  readonly stop: () => Promise<void>;
  /** Resolves when one of ours has ended unasked, with its name. */
  readonly lost: Promise<string>;
}

export interface ServicesOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly environment: Environment;
  readonly say: (line: string) => void;
  /** Gives up a start that is under way. */
  readonly signal: AbortSignal;
}

const TYPES = { KEYWORD: 'Keyword', BOOL: 'Bool' } as const;
/** A month of 31 days is measured on the 1st of the next: its first workflows are to be there still, and for some days after. */
export const RETENTION_DAYS = 35;
/** Where the `temporal` program looks for a server when it is told nothing. */
const CLI_PORT = 7233;

/** Starts what no setting names: PostgreSQL without DATABASE_URL, the Temporal dev server without TEMPORAL_ADDRESS. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { config, secrets } = options;
  const dir = resolve(config.stateDir);
  const started: ServerProcess[] = [];
  const losses: Promise<string>[] = [];
  const keep = <T extends ServerProcess>(name: string, server: T): T => {
    started.push(server);
    losses.push(server.ended.then(() => name));
    return server;
  };
  const stop = async () => {
    const stopped = await Promise.allSettled(started.map((server) => server.stop()));
    throwCollected(stopped.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
  };
  await assertOurPortsFree(dir, config, secrets);
  // Where one fails the other is of no use: a build of the Temporal program would go on for minutes.
  const failed = new AbortController();
  const under = { ...options, signal: AbortSignal.any([options.signal, failed.signal]) };
  const starting = [
    secrets.databaseUrl ?? startDatabase(under, dir).then((server) => new Secret(keep('PostgreSQL', server).url)),
    config.temporal.address === undefined
      ? startTemporal(under, dir).then(({ server, cli }) => ({ address: keep('Temporal', server).address, cli }))
      : { address: config.temporal.address, cli: undefined },
  ] as const;
  try {
    const [databaseUrl, temporal] = await Promise.all(starting);
    return {
      temporalAddress: temporal.address,
      temporalCli: temporal.cli,
      databaseUrl,
      webUi: config.temporal.address === undefined ? config.temporal.webUiUrl : undefined,
      stop,
      lost: losses.length > 0 ? Promise.race(losses) : new Promise<never>(() => {}),
    };
  } catch (error) {
    failed.abort();
    await Promise.allSettled(starting);
    await stop().catch((trouble: unknown) => options.say(`Stopping: ${String(trouble)}`));
    throw error;
  }
}

/** Every port is looked at before anything starts; servers that a killed start left behind are ended first. */
async function assertOurPortsFree(dir: string, config: Config, secrets: Secrets): Promise<void> {
  if (secrets.databaseUrl === undefined) {
    await endLeftOver({ dir, name: 'postgres-server', stopSignal: 'SIGINT' });
    const { port } = config.database.embedded;
    await assertPortFree(port, { what: 'the embedded PostgreSQL', setting: 'STEWARD_POSTGRES_PORT' });
  }
  if (config.temporal.address === undefined) {
    await endLeftOver({ dir, name: 'temporal-server', stopSignal: 'SIGTERM' });
    const { port, uiPort } = config.temporal.embedded;
    await assertPortFree(port, { what: 'the Temporal dev server', setting: 'STEWARD_TEMPORAL_PORT' });
    await assertPortFree(uiPort, { what: 'the Temporal Web UI', setting: 'STEWARD_UI_PORT' });
  }
}

async function startDatabase({ config, say, signal }: ServicesOptions, dir: string) {
  say('PostgreSQL: starting');
  return startPostgres({ dir, port: config.database.embedded.port, signal });
}

async function startTemporal({ config, environment, say, signal }: ServicesOptions, dir: string) {
  const { binary, port, uiPort } = config.temporal.embedded;
  say('Temporal dev server: looking for its program');
  const found = await findTemporalBinary({ named: binary, environment, onProgress: say, signal });
  say(`Temporal dev server: starting ${found.server}`);
  const server = await startTemporalServer({
    binary: found,
    signal,
    dir,
    port,
    uiPort,
    retentionDays: RETENTION_DAYS,
    searchAttributes: Object.fromEntries(Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, TYPES[type]])),
  });
  return { server, cli: port === CLI_PORT ? found.path : `${found.path} --address ${server.address}` };
}
