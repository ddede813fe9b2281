/** The two halves of Steward, started on what is there: `worker.ts` and `gateway.ts` run one each, `npm start` both. */
import type { WorkerOptions } from '@temporalio/worker';
import { createStewardClient } from './client.ts';
import { type Composed, composeGateway, type Settled } from './compose.ts';
import { checkToRun } from './compose-flow.ts';
import { StewardError } from './domain/errors.ts';
import { createApp } from './http/app.ts';
import { sayFault } from './http/fault.ts';
import { type Served, serve } from './http/serve.ts';
import type { Log } from './log.ts';
import { sayReapplied, watchRestored } from './restored-watch.ts';
import { type RulesWatch, watchRules } from './rules-watch.ts';
import { startAssignmentWaker } from './temporal/assignment-waker.ts';
import { startCanaryWaker } from './temporal/canary-waker.ts';
import type { Temporal } from './temporal/connect.ts';
import { startDegradedWaker } from './temporal/degraded-waker.ts';
import { startIncidentWaker } from './temporal/incident-waker.ts';
import { startNoticeWaker } from './temporal/notice-waker.ts';
import { ensureSchedules } from './temporal/schedules.ts';
import { startWebhookWaker } from './temporal/webhook-waker.ts';
import { bundleWorkflows, providerRates, startWorkers, type Workers } from './temporal/workers.ts';

export interface Ground {
  readonly settled: Settled;
  readonly composed: Composed;
  readonly temporal: Temporal;
  readonly log: Log;
}

/** It is the worker that pins the flow, so it is the one to warn of it. */
export async function startWorkerHalf(
  ground: Ground,
  bundle?: WorkerOptions['workflowBundle'],
  restoredEveryMs?: number,
): Promise<Workers> {
  const { config } = ground.settled;
  const reapply = () => ground.composed.reapply(ground.temporal.client);
  sayReapplied(ground.log, await reapply());
  for (const warning of ground.composed.warnings) ground.log.warn(warning);
  await warnOfFlow(ground);
  const workers = await startWorkers({
    connection: ground.temporal.connection,
    namespace: config.temporal.namespace,
    taskQueue: config.taskQueue,
    deps: ground.composed.deps,
    dataConverter: ground.composed.workerDataConverter,
    bundle: bundle ?? (await bundleWorkflows()),
    rates: providerRates(config),
  });
  await ensureSchedules(ground.temporal.client, {
    taskQueue: config.taskQueue,
    timeZone: ground.composed.deps.audits.policy.controller.timeZone,
  });
  const sequencer = ground.composed.startSequencer((error) => {
    const reason = error instanceof Error ? error.message : String(error);
    ground.log.error({ reason }, 'the audit log could not be ordered, or its head not be kept; it is tried again');
  });
  const assignments = startAssignmentWaker({
    client: ground.temporal.client,
    due: ground.composed.assignmentsDue,
    onTrouble: (error) => ground.log.warn(sayFault(error), 'tickets in line could not be given out; it is tried again'),
  });
  const { store, endpoints } = ground.composed.deps.webhooks;
  const waker =
    endpoints.size === 0
      ? undefined
      : startWebhookWaker({
          client: ground.temporal.client,
          taskQueue: config.taskQueue,
          wanting: store.wanting,
          onTrouble: (error) => ground.log.warn(sayFault(error), 'webhooks could not be woken; it is tried again'),
        });
  const { rules, incidents, degraded } = ground.composed.deps.healing;
  const healer =
    rules === null
      ? undefined
      : startIncidentWaker({
          client: ground.temporal.client,
          taskQueue: config.taskQueue,
          wanting: incidents.wanting,
          lostAttemptMs: config.timings.lostAttemptMs,
          onTrouble: (error) => ground.log.warn(sayFault(error), 'incidents could not be looked at; it is tried again'),
        });
  const looks =
    degraded === null
      ? undefined
      : startDegradedWaker({
          client: ground.temporal.client,
          degraded,
          onTrouble: (error) =>
            ground.log.warn(sayFault(error), 'tickets could not be told to look again; it is tried again'),
        });
  const { notices } = ground.composed.deps;
  const teller = startNoticeWaker({
    client: ground.temporal.client,
    taskQueue: config.taskQueue,
    wanting: notices.wanting,
    lostAttemptMs: config.timings.lostAttemptMs,
    onTrouble: (error) => ground.log.warn(sayFault(error), 'the admins could not be told; it is tried again'),
  });
  const canaries = startCanaryWaker({
    client: ground.temporal.client,
    taskQueue: config.taskQueue,
    wanting: ground.composed.deps.canaries.open,
    onTrouble: (error) => ground.log.warn(sayFault(error), 'canaries could not be looked at; it is tried again'),
  });
  const restored = watchRestored({
    forgotten: ground.composed.forgotten,
    reapply,
    log: ground.log,
    everyMs: restoredEveryMs,
  });
  const watch = watchRulesOf(ground, { save: ground.composed.rules.save, refused: notices.policiesRefused });
  return {
    done: workers.done,
    async stop() {
      const wakers = [assignments, waker, healer, looks, teller, canaries, restored];
      await Promise.all([watch.stop(), ...wakers.map((one) => one?.stop())]);
      // The workers first: what they still do is logged too.
      await workers.stop().finally(sequencer.stop);
    },
  };
}

/** Once something was deployed, an edit of the file does nothing by itself. */
async function warnOfFlow({ composed, settled, log }: Ground): Promise<void> {
  const { flow } = composed.deps.plans;
  const file = settled.config.files.flow;
  const { standing, ruling } = await composed.deps.flows.standing(flow);
  if (standing !== 'edited') return;
  const deployed = await composed.deps.flows.find({ name: flow.name, version: ruling });
  const problems = checkToRun(deployed?.definition).filter(({ severity }) => severity === 'error');
  if (problems.length > 0) {
    log.error(
      { flow: flow.name, deployedVersion: ruling, problems },
      'the flow that is deployed does not run on this worker',
    );
  }
  log.warn(
    { file, flow: flow.name, fileVersion: flow.version, deployedVersion: ruling },
    `the flow ${file} says something else than what is deployed, and what is deployed rules: npx steward flow diff ${ruling} ${file} shows it, npx steward flow deploy ${file} deploys it`,
  );
}

export interface GatewayHalfOptions {
  /** A worker runs in this very process, on the same connection. */
  readonly eagerStart: boolean;
  readonly restoredEveryMs?: number;
}

export async function startGatewayHalf(
  ground: Ground,
  { eagerStart, restoredEveryMs: everyMs }: GatewayHalfOptions,
): Promise<Served> {
  const { config } = ground.settled;
  const forgotten = await ground.composed.forgotten();
  if (forgotten > 0) {
    throw new StewardError(
      'Unavailable',
      `This database knows nothing of ${forgotten} erasures that were done: a backup was restored. Start a worker first, or run: npx steward erase --reapply`,
    );
  }
  const client = createStewardClient(ground.temporal.client, { taskQueue: config.taskQueue, eagerStart });
  const { log, composed } = ground;
  const restored = watchRestored({ forgotten: composed.forgotten, log, everyMs });
  const { isRestored } = restored;
  const app = createApp({
    ...composeGateway(ground.settled, composed, ground.temporal.client, client, log),
    isRestored,
  });
  const { host, port, tls } = config.gateway;
  const served = await serve(app, { host, port, tls });
  // In one process with a worker, that one takes the rules over for both.
  const rules = eagerStart ? undefined : watchRulesOf(ground, { save: async () => {} });
  return {
    ...served,
    close: async (graceMs) => {
      await Promise.all([rules?.stop(), restored.stop()]);
      await served.close(graceMs);
    },
  };
}

function watchRulesOf({ composed, settled, log }: Ground, what: Pick<RulesWatch, 'save' | 'refused'>) {
  const { live, read } = composed.rules;
  return watchRules({ live, read, ...what, log, everyMs: settled.config.policyCheckMs });
}
