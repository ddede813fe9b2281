import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import {
  bundleWorkflowCode,
  type NativeConnection,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { Config } from '../config.ts';
import { type Provider, providerQueue } from '../contract.ts';
import type { Deps } from '../deps.ts';
import { StewardError, sayCauses } from '../domain/errors.ts';
import { toldOfWorker } from './connect.ts';
import { CONVERTER_PATHS } from './data-converter.ts';

export interface WorkersOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly deps: Deps;
  /** Undefined: nothing is encrypted; the benchmark compares with that. */
  readonly dataConverter: DataConverter | undefined;
  readonly bundle: WorkerOptions['workflowBundle'];
  /** Requests a second that each configured provider allows; the server keeps to it over all workers. */
  readonly rates: Partial<Record<Provider, number>>;
  /** Further activities on the main queue; the benchmark compares with some of its own. */
  readonly extra?: object;
}

export interface Workers {
  /** Resolves when all have stopped; rejects when one fails. */
  readonly done: Promise<void>;
  /** Lets running activities end, then stops. */
  stop(): Promise<void>;
}

/** Bundles the workflow code from source; a built image brings its bundle along. */
export async function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ ...BUNDLED, workflowsPath: pathOf('index') });
}

/** How each bundle is made, of whatever workflows. */
export const BUNDLED = {
  ...CONVERTER_PATHS,
  preloadModules: [pathOf('shared')],
  logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
};

function pathOf(module: 'index' | 'shared'): string {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../workflows/${module}.${ending}`, import.meta.url));
}

/** The bundle that `npm run build` put beside the compiled code; undefined when running from source. */
export async function prebuiltBundle(): Promise<WorkerOptions['workflowBundle']> {
  const codePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  return access(codePath).then(
    () => ({ codePath }),
    () => undefined,
  );
}

/** One worker for workflows and our own steps, and one per configured provider on a queue of its own. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { connection, namespace, taskQueue, deps, dataConverter, bundle, rates } = options;
  const activities = createActivities(deps);
  const common = {
    connection,
    namespace,
    ...(dataConverter ? { dataConverter } : {}),
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  } as const;
  const main = await Worker.create({
    ...common,
    taskQueue,
    activities: { ...activities, ...options.extra },
    ...(bundle ? { workflowBundle: bundle } : {}),
    // With 50 tickets in flight an eager start needs a free slot: slots >= 2 x in flight (measured).
    maxConcurrentWorkflowTaskExecutions: 100,
    maxConcurrentLocalActivityExecutions: 100,
    // About 0.2 MB each (measured): a thousand that wake in one instant are not replayed from their histories first.
    maxCachedWorkflows: 1_000,
  });
  const providers = await Promise.all(
    Object.entries(rates).map(([provider, perSecond]) =>
      Worker.create({
        ...common,
        taskQueue: providerQueue(taskQueue, provider as Provider),
        activities,
        maxTaskQueueActivitiesPerSecond: perSecond,
        maxConcurrentActivityTaskPolls: 2,
      }),
    ),
  );
  const workers = [main, ...providers];
  const done = Promise.all(workers.map(run)).then(() => {});
  return {
    done,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await done;
    },
  };
}

async function run(worker: Worker): Promise<void> {
  try {
    await worker.run();
  } catch (thrown) {
    const cause = toldOfWorker() ?? thrown;
    throw new StewardError(
      'WorkerFailed',
      `The worker of task queue ${worker.options.taskQueue} has failed: ${sayCauses(cause)}. Nothing is lost: what it had in hand waits in Temporal. Start it again; should it fail again, docs/operations.md says under "A worker that fails" where to look.`,
      { cause },
    );
  }
}

export function providerRates(config: Config): Partial<Record<Provider, number>> {
  return {
    ...(config.comprehend ? { comprehend: config.comprehend.perSecond } : {}),
    ...(config.ses ? { mail: config.ses.perSecond } : {}),
    ...(config.slack ? { slack: config.slack.perSecond } : {}),
    ...(config.statuspage ? { status: 10 } : {}),
    ...(config.pagerDuty ? { pagerduty: config.pagerDuty.perSecond } : {}),
  };
}
