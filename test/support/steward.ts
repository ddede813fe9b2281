import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';
import type { Hono } from 'hono';
import { afterAll, beforeAll, inject } from 'vitest';
import { readPrivacyPolicy } from '../../src/adapters/privacy-policy.ts';
import { createStewardClient, type StewardClient } from '../../src/client.ts';
import { type Composed, compose, composeGateway } from '../../src/compose.ts';
import { judge } from '../../src/config.ts';
import type { Deps } from '../../src/deps.ts';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import type { PrivacyPolicy } from '../../src/domain/privacy-policy.ts';
import { createApp } from '../../src/http/app.ts';
import type { GatewayDeps } from '../../src/http/deps.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { Secret } from '../../src/secret.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { createReader, type Reader } from '../../src/store/read.ts';
import { connectTemporal, installRuntime, type Temporal } from '../../src/temporal/connect.ts';
import { bundleWorkflows, providerRates, startWorkers, type Workers } from '../../src/temporal/workers.ts';
import { useDatabase } from './database.ts';
import { LINK_SECRET } from './link-secret.ts';

/** A whole Steward on the run's servers: a database, a task queue and an outbox of its own; HTTP without a port. */
export interface TestSteward {
  readonly app: Hono;
  /** What `app` is made of. */
  readonly gateway: GatewayDeps;
  readonly apiKey: string;
  readonly steward: StewardClient;
  readonly temporal: Temporal;
  readonly composed: Composed;
  /** The database as its owner, for what a test puts there or looks at by itself. */
  readonly owner: Database;
  readonly read: Reader;
  readonly taskQueue: string;
  readonly stateDir: string;
  readonly databaseUrl: string;
  /** Posts an event as a platform would. */
  post(event: unknown): Promise<Response>;
  /** `meanwhile`: what goes on while nobody works. */
  restartWorkers(meanwhile?: () => Promise<void>): Promise<void>;
}

export interface UseStewardOptions {
  readonly settings?: () => Readonly<Record<string, string>>;
  readonly overrides?: Partial<Deps>;
  /** Secrets by the names that policies give them. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Changes to policies/privacy.yaml. */
  readonly privacy?: (policy: PrivacyPolicy) => PrivacyPolicy;
  /** Which providers get a worker, when not every configured one. */
  readonly rates?: ReturnType<typeof providerRates>;
}

/** Call it at the top of a test file; the result is readable from the first test on. */
export function useSteward(options: UseStewardOptions = {}): TestSteward {
  const database = useDatabase();
  const held: { current?: TestSteward & { stop(): Promise<void> } } = {};
  beforeAll(async () => {
    held.current = await startTestSteward(database.url, options);
  });
  afterAll(() => held.current?.stop());
  return new Proxy({} as TestSteward, {
    get: (_target, property) => Reflect.get(held.current ?? {}, property),
  });
}

let quiet = false;
/** The SDK's own log would drown what the tests say; once per process. */
function quietRuntime(): void {
  if (!quiet) installRuntime(() => {});
  quiet = true;
}

export async function startTestSteward(
  databaseUrl: string,
  options: UseStewardOptions = {},
): Promise<TestSteward & { stop(): Promise<void> }> {
  quietRuntime();
  const stateDir = await mkdtemp(join(tmpdir(), 'steward-state-'));
  const { config, secrets } = judge({
    STEWARD_STATE_DIR: stateDir,
    STEWARD_TASK_QUEUE: `test-${randomBytes(6).toString('hex')}`,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    // Tests that make providers fail mean to see what one call does, and not the one after.
    STEWARD_HEALING: join(stateDir, 'no-healing.yaml'),
    ...options.settings?.(),
  });
  const { taskQueue } = config;
  const settled = {
    config,
    databaseUrl: new Secret(databaseUrl),
    linkSecret: LINK_SECRET,
    slackToken: secrets.slackToken,
    slackSigningSecret: secrets.slackSigningSecret,
    assertionSecret: secrets.assertionSecret,
    pagerDutyKey: secrets.pagerDutyKey,
    aws: secrets.aws,
    clearText: 'accept' as const,
  };
  const read = options.privacy && (await readPrivacyPolicy(config.files.privacy));
  const privacy = read && options.privacy?.(read);
  const namedSecret = (name: string) => {
    const text = options.secrets?.[name];
    return text === undefined ? undefined : new Secret(text);
  };
  const composed = await compose({ ...settled, namedSecret, ...(privacy ? { privacy } : {}) }, options.overrides);
  await composed.loadFiles();
  const address = config.temporal.address ?? inject('temporalAddress');
  await composed.assertKeys();
  const temporal = await connectTemporal({ address, namespace: 'default' }, composed.dataConverter);
  const bundle: WorkerOptions['workflowBundle'] = await bundleWorkflows();
  const start = (): Promise<Workers> =>
    startWorkers({
      connection: temporal.connection,
      namespace: 'default',
      taskQueue,
      deps: composed.deps,
      dataConverter: composed.workerDataConverter,
      bundle,
      rates: options.rates ?? providerRates(config),
    });
  let workers = await start();
  const steward = createStewardClient(temporal.client, { taskQueue, eagerStart: true });
  const log = { info() {}, warn() {}, error: (facts: object, message: string) => console.error(message, facts) };
  const gateway = composeGateway({ ...settled, namedSecret }, composed, temporal.client, steward, log);
  const app = createApp(gateway) as unknown as Hono;
  const apiKey = newKey();
  const owner = openDatabase({ url: databaseUrl, poolSize: 2 });
  // It sends events, and reads what Temporal shows encrypted.
  await composed.keys.add('test', hashKey(apiKey), 'operator');
  return {
    app,
    gateway,
    apiKey,
    steward,
    temporal,
    composed,
    owner,
    read: createReader(composed.databases.as('steward_operator')),
    taskQueue,
    stateDir,
    databaseUrl,
    post: async (event) =>
      app.request('/v1/events', {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(event),
      }),
    async restartWorkers(meanwhile = async () => {}) {
      await workers.stop();
      await meanwhile();
      workers = await start();
    },
    async stop() {
      await workers.stop();
      await temporal.connection.close();
      await Promise.all([composed.close(), owner.destroy()]);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

let count = 0;
/** An envelope like the reference event's, with an id of its own. */
export function envelope(detail: Partial<TicketEnvelope['detail']> = {}): TicketEnvelope {
  count += 1;
  return {
    source: 'support.platform',
    'detail-type': 'ticket.created',
    detail: {
      ticketId: `TKT-${randomBytes(4).toString('hex')}-${count}`,
      customerId: `CUST-${randomBytes(4).toString('hex')}`,
      subject: 'Login issue',
      message: "I can't access my account.",
      sentimentScore: -0.7,
      customerTier: 'premium',
      ...detail,
    },
  };
}
