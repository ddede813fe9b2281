import { createStewardClient } from '../client.ts';
import { type Composed, compose, type Settled } from '../compose.ts';
import { type ReadFiles, readFiles } from '../compose-files.ts';
import { type Config, namedSecret, type Secrets } from '../config.ts';
import { StewardError } from '../domain/errors.ts';
import { orAborted } from '../ending.ts';
import { hashKey, newKey } from '../http/keys.ts';
import { createLog } from '../log.ts';
import { startGatewayHalf, startWorkerHalf } from '../steward.ts';
import { createStops } from '../stops.ts';
import { connectTemporal } from '../temporal/connect.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { bundleWorkflows } from '../temporal/workers.ts';
import { transportWarnings } from '../transport.ts';
import { DEMO_CUSTOMERS, demoTickets, sendFresh } from './demo-data.ts';
import { assertPortFree } from './ports.ts';
import { keepLinkSecret } from './secrets.ts';
import { startServices } from './services.ts';
import type { Environment } from './temporal-version.ts';

export interface Started {
  readonly settled: Settled;
  readonly gatewayUrl: string;
  readonly webUi: string | undefined;
  readonly temporalCli: string | undefined;
  /** The API key that was made on this start; earlier ones are kept hashed only. */
  readonly newKey: string | undefined;
  /** The demo tickets that were sent on an empty database. */
  readonly sent: readonly string[];
  readonly steward: ReturnType<typeof createStewardClient>;
  readonly db: Awaited<ReturnType<typeof compose>>['db'];
  readonly stop: () => Promise<void>;
  /** Rejects when a part fails for good. */
  readonly failed: Promise<never>;
}

export interface StartOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly environment: Environment;
  readonly say: (line: string) => void;
  readonly sendDemo: boolean;
  /** In the place of the environment, for secrets whose names stand in policies. */
  readonly namedSecret?: Settled['namedSecret'];
  /** Changes what was read of files. */
  readonly adapt?: (files: ReadFiles) => ReadFiles;
  /** Ends a start that is under way; what has started by then is stopped. */
  readonly signal: AbortSignal;
}

/** The whole of Steward in this process, on servers of its own where none are named. */
export async function startSteward(options: StartOptions): Promise<Started> {
  const { config, secrets, say, signal } = options;
  const { gateway, temporal: at } = config;
  // What holds something that must be stopped is waited for in full; it takes a moment only.
  const step = <T>(work: Promise<T>): Promise<T> => orAborted(signal, work);
  await assertPortFree(gateway.port, { what: 'the gateway', setting: 'STEWARD_PORT' });
  const stops = createStops();
  try {
    // Before any server is started for nothing.
    const read = await step(readFiles(config.files));
    const files = options.adapt?.(read) ?? read;
    // Bundling needs no server: it goes on while they start.
    const bundle = bundleWorkflows();
    bundle.catch(() => {});
    const services = await startServices(options);
    stops.add(services.stop);
    const linkSecret = secrets.linkSecret ?? (await keepLinkSecret(config.stateDir));
    const settled = {
      config,
      files,
      databaseUrl: services.databaseUrl,
      linkSecret,
      slackToken: secrets.slackToken,
      slackSigningSecret: secrets.slackSigningSecret,
      pagerDutyKey: secrets.pagerDutyKey,
      aws: secrets.aws,
      assertionSecret: secrets.assertionSecret,
      namedSecret: options.namedSecret ?? namedSecret,
      clearText: 'accept' as const,
    };
    const composed = await step(compose(settled));
    stops.add(composed.close);
    const applied = await step(composed.migrate());
    if (applied.length > 0) say(`Database: ${applied.length} migrations applied`);
    await step(composed.assertKeys());
    await step(composed.loadFiles());
    if (config.demo) await step(composed.seedCustomers(DEMO_CUSTOMERS));

    say('Worker and gateway: starting');
    const address = {
      address: services.temporalAddress,
      namespace: at.namespace,
      apiKey: secrets.temporalApiKey,
      tls: at.tls,
    };
    const temporal = await step(connectTemporal(address, composed.dataConverter));
    stops.add(() => temporal.connection.close());
    await step(ensureSearchAttributes(temporal.connection, at.namespace));
    const ground = { settled, composed, temporal, log: createLog(config.logLevel) };
    for (const warning of transportWarnings(config, secrets, services.databaseUrl)) ground.log.warn(warning);
    const workers = await startWorkerHalf(ground, await step(bundle));
    stops.add(workers.stop);
    const serving = await startGatewayHalf(ground, { eagerStart: true });
    stops.add(serving.close);
    signal.throwIfAborted();

    const steward = createStewardClient(temporal.client, { taskQueue: config.taskQueue, eagerStart: true });
    const failed = Promise.race([
      workers.done.then(() => new Promise<never>(() => {})),
      services.lost.then((name) =>
        Promise.reject(
          new StewardError('ServerFailed', `${name} has ended unasked; see its log in ${config.stateDir}`),
        ),
      ),
    ]);
    failed.catch(() => {});
    return {
      settled,
      gatewayUrl: gateway.publicUrl,
      webUi: services.webUi,
      temporalCli: services.temporalCli,
      newKey: await firstKey(composed.keys),
      sent: options.sendDemo && config.demo ? await sendDemo(composed.db, steward) : [],
      steward,
      db: composed.db,
      stop: stops.run,
      failed,
    };
  } catch (error) {
    await stops.run().catch((trouble: unknown) => say(`Stopping: ${String(trouble)}`));
    throw error;
  }
}

async function firstKey(keys: Composed['keys']): Promise<string | undefined> {
  if ((await keys.list()).length > 0) return undefined;
  const key = newKey();
  // The only one there is: whoever runs this machine gets to make the others' keys.
  await keys.add('first start', hashKey(key), 'admin');
  return key;
}

async function sendDemo(db: Composed['db'], steward: ReturnType<typeof createStewardClient>): Promise<string[]> {
  const any = await db.selectFrom('tickets').select('id').limit(1).executeTakeFirst();
  if (any) return [];
  const sent: string[] = [];
  for (const ticket of demoTickets()) sent.push((await sendFresh(ticket, steward.submit)).envelope.detail.ticketId);
  return sent;
}
