import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { sql } from 'kysely';
import { createStewardClient } from '../src/client.ts';
import { compose, composeGateway } from '../src/compose.ts';
import { environment, judge } from '../src/config.ts';
import type { DeliveryStore } from '../src/deps.ts';
import { freePort } from '../src/embedded/ports.ts';
import { startPostgres } from '../src/embedded/postgres.ts';
import { findTemporalBinary } from '../src/embedded/temporal-binary.ts';
import { startTemporalServer } from '../src/embedded/temporal-server.ts';
import { createApp } from '../src/http/app.ts';
import { hashKey, newKey } from '../src/http/keys.ts';
import { serve } from '../src/http/serve.ts';
import { Secret } from '../src/secret.ts';
import { migrate } from '../src/store/migrate.ts';
import { connectTemporal, installRuntime } from '../src/temporal/connect.ts';
import { BUNDLED, providerRates, startWorkers } from '../src/temporal/workers.ts';

/** Nobody's hands are full: what is measured is a ticket that finds its agent. */
const BOUNDLESS = 1_000_000;

/**
 * Steward as `npm start` runs it (gateway and worker in one process), on servers of its own; the Temporal server in memory.
 * @param capacity how many tickets each agent takes; whatever comes then stands in line
 */
export async function startBenchStack(
  say: (line: string) => void,
  settings: Readonly<Record<string, string>> = {},
  capacity = BOUNDLESS,
) {
  const dir = await mkdtemp(join(tmpdir(), 'steward-bench-'));
  const { config, secrets } = judge({ STEWARD_STATE_DIR: dir, ...settings });
  installRuntime(() => {});
  const [postgres, temporalServer] = await Promise.all([
    startPostgres({ dir, port: await freePort() }),
    findTemporalBinary({ named: environment.STEWARD_TEMPORAL_BINARY, environment, onProgress: say }).then(
      async (binary) =>
        startTemporalServer({ binary, dir, port: await freePort(), inMemory: true, searchAttributes: ATTRIBUTES }),
    ),
  ]);
  await migrate(postgres.url);
  const settled = {
    config,
    databaseUrl: new Secret(postgres.url),
    linkSecret: new Secret('a secret of the benchmark, long enough'),
    slackToken: secrets.slackToken,
    slackSigningSecret: secrets.slackSigningSecret,
    aws: secrets.aws,
  };
  const recorded = new Map<string, () => void>();
  const composed = await compose(settled);
  await composed.loadFiles();
  await composed.db.updateTable('agents').set({ capacity }).execute();
  const deps = { ...composed.deps, deliveries: watched(composed.deps.deliveries, recorded) };
  await composed.assertKeys();
  const bundle = await bundleWorkflowCode({
    ...BUNDLED,
    workflowsPath: fileURLToPath(new URL('./all-workflows.ts', import.meta.url)),
  });
  const sequencer = composed.startSequencer((error) => say(String(error)));
  const log = { info() {}, warn() {}, error: (facts: object, message: string) => console.error(message, facts) };
  /** A worker and a gateway on the same servers, with the codec or without. */
  const startHalf = async (taskQueue: string, codec: boolean) => {
    const at = { address: temporalServer.address, namespace: 'default' };
    const temporal = await connectTemporal(at, codec ? composed.dataConverter : null);
    const workers = await startWorkers({
      connection: temporal.connection,
      namespace: 'default',
      taskQueue,
      deps,
      dataConverter: codec ? composed.workerDataConverter : undefined,
      bundle,
      rates: providerRates(config),
      extra: { step: async (n: number) => n + 1 },
    });
    const steward = createStewardClient(temporal.client, { taskQueue, eagerStart: true });
    const app = createApp(composeGateway(settled, composed, temporal.client, steward, log));
    const port = await freePort();
    const serving = await serve(app, { host: '127.0.0.1', port });
    const stop = async () => {
      await serving.close();
      await workers.stop();
      await temporal.connection.close();
    };
    return { temporal, port, stop };
  };
  const encrypted = await startHalf('bench', true);
  const clear = once(await startHalf('bench-clear', false));
  const apiKey = newKey();
  await composed.keys.add('bench', hashKey(apiKey));
  return {
    temporal: encrypted.temporal,
    recorded,
    apiKey,
    ports: { encrypted: encrypted.port, clear: clear.port },
    /** As agents' desks are at a capacity that people have: an agent's load is counted over their open tickets. */
    async clearDesks() {
      await composed.db.updateTable('tickets').set({ state: 'closed' }).where('state', '<>', 'closed').execute();
    },
    dir,
    /** Where one worker is to be measured. */
    stopClear: clear.stop,
    /** Open tickets that wait for a person and have a clock that runs. */
    async waiting(): Promise<number> {
      const { rows } = await sql<{
        n: number;
      }>`select count(*)::integer as n from tickets t where state = 'waitingForAgent'
        and exists (select 1 from sla_clocks c where c.ticket_id = t.id and c.status = 'running')`.execute(composed.db);
      return rows[0]?.n ?? 0;
    },
    /** Open tickets of a customer. */
    async open(customerId: string): Promise<number> {
      const { rows } = await sql<{ n: number }>`select count(*)::integer as n from tickets
        where customer_id = ${customerId} and state <> 'closed' and route <> 'none'`.execute(composed.db);
      return rows[0]?.n ?? 0;
    },
    /** How many tickets have exactly one breach on their timeline, of this deadline. */
    async breaches(due: Date): Promise<number> {
      const { rows } = await sql<{ once: number }>`
        select count(*) filter (where n = 1 and of_due = 1)::integer as once from (
          select ticket_id, count(*) as n,
            count(*) filter (where facts->>'deadline' = ${due.toISOString()}) as of_due
          from timeline where kind = 'slaBreached' group by ticket_id) as per_ticket`.execute(composed.db);
      return rows[0]?.once ?? 0;
    },
    /** How many tickets have exactly one claim on their timeline, by a click. */
    async claims(): Promise<number> {
      const { rows } = await sql<{ once: number }>`
        select count(*)::integer as once from (select ticket_id from timeline
          where kind = 'claimed' and facts->>'source' = 'slack' group by ticket_id having count(*) = 1) as per_ticket`.execute(
        composed.db,
      );
      return rows[0]?.once ?? 0;
    },
    async erasure(id: string): Promise<{ shredded: boolean; erased: boolean }> {
      const { rows } = await sql<{ shredded: boolean; erased: boolean }>`select e.erased_at is not null as erased,
          exists (select 1 from erasure_steps s where s.erasure_id = e.id and s.step = 'shred') as shredded
        from erasures e where e.id = ${id}`.execute(composed.db);
      return rows[0] ?? { shredded: false, erased: false };
    },
    pids: { temporal: temporalServer.pid, postgres: postgres.pid },
    async stop() {
      await encrypted.stop();
      await clear.stop();
      await sequencer.stop();
      await composed.close();
      await Promise.all([postgres.stop(), temporalServer.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function once<T extends { readonly stop: () => Promise<void> }>(half: T): T {
  let stopped: Promise<void> | undefined;
  return {
    ...half,
    stop: () => {
      stopped ??= half.stop();
      return stopped;
    },
  };
}

export type BenchStack = Awaited<ReturnType<typeof startBenchStack>>;

const ATTRIBUTES = {
  TicketState: 'Keyword',
  TicketPriority: 'Keyword',
  CustomerTier: 'Keyword',
  TicketRoute: 'Keyword',
  NeedsAttention: 'Bool',
};

/** Tells when a ticket's delivery is recorded as sent. */
function watched(store: DeliveryStore, recorded: Map<string, () => void>): DeliveryStore {
  const ticketOf = new Map<string, string>();
  return {
    isUnreached: store.isUnreached,
    withdraw: store.withdraw,
    withdrawOutdated: store.withdrawOutdated,
    unreached: store.unreached,
    giveUp: store.giveUp,
    queue: store.queue,
    get: store.get,
    cards: store.cards,
    slackThread: store.slackThread,
    reroute: store.reroute,
    async begin(id) {
      const delivery = await store.begin(id);
      ticketOf.set(id, delivery.ticketId);
      return delivery;
    },
    async finish(id, outcome) {
      await store.finish(id, outcome);
      recorded.get(ticketOf.get(id) ?? '')?.();
    },
    async finishWritten(ticketId, written) {
      await store.finishWritten(ticketId, written);
      recorded.get(ticketId)?.();
    },
  };
}
