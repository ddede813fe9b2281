/**
 * `node dist/health.js gateway|worker`: is the process of this container doing its work? Exit 0 or 1, and why on standard error.
 * The gateway is asked by HTTP. For the worker Temporal is asked: a worker that runs but no longer fetches tasks is not well.
 */
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { readConfig } from './config.ts';

const PATIENCE_MS = 5_000;
/** A poll waits up to a minute for a task before the next one is seen. */
const POLLED_WITHIN_MS = 150_000;
/** `temporal.api.enums.v1.TaskQueueType` */
const WORKFLOW_QUEUE = 1;

async function gatewayIll(): Promise<string | undefined> {
  const { host, port } = readConfig().config.gateway;
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host;
  const answer = await fetch(`http://${reached}:${port}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return answer.ok ? undefined : `/healthz answered ${answer.status}`;
}

async function workerIll(): Promise<string | undefined> {
  const { config, secrets } = readConfig();
  const { address, namespace } = config.temporal;
  if (!address) return 'TEMPORAL_ADDRESS is not set';
  const apiKey = secrets.temporalApiKey ? { apiKey: secrets.temporalApiKey } : {};
  const connection = await Connection.connect({ address, connectTimeout: PATIENCE_MS, ...apiKey });
  try {
    const { pollers } = await connection.withDeadline(Date.now() + PATIENCE_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: config.taskQueue },
        taskQueueType: WORKFLOW_QUEUE,
      }),
    );
    // The SDK names a worker pid@host; a container's host name is its own.
    const ours = (pollers ?? []).filter((poller) => poller.identity?.endsWith(`@${hostname()}`));
    const last = Math.max(0, ...ours.map((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000));
    if (Date.now() - last <= POLLED_WITHIN_MS) return undefined;
    return `no worker of ${hostname()} asked the task queue ${config.taskQueue} for work lately`;
  } finally {
    await connection.close();
  }
}

const CHECKS: Readonly<Record<string, () => Promise<string | undefined>>> = { gateway: gatewayIll, worker: workerIll };
const check = CHECKS[process.argv[2] ?? ''] ?? (async () => `say which: ${Object.keys(CHECKS).join(' or ')}`);
const ill = await check().catch((error: unknown) => String(error));
if (ill !== undefined) {
  process.stderr.write(`${ill}\n`);
  process.exitCode = 1;
}
