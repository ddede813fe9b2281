/**
 * `node dist/health.js gateway|worker`: is the process of this container doing its work? Exit 0 or 1, and why on standard error.
 * The gateway is asked by HTTP. For the worker Temporal is asked: a worker that runs but no longer fetches tasks is not well.
 */
import { once } from 'node:events';
import { type IncomingMessage, request as requestInTheClear } from 'node:http';
import { request as requestByTls } from 'node:https';
import { hostname } from 'node:os';
import { readConfig } from './config.ts';

const PATIENCE_MS = 5_000;
/** A poll waits up to a minute for a task, and is seen when it begins. */
const POLLED_WITHIN_MS = 150_000;
/** `temporal.api.enums.v1.TaskQueueType` */
const WORKFLOW_QUEUE = 1;

async function gatewayIll(): Promise<string | undefined> {
  const { host, port, tls } = readConfig().config.gateway;
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const at = { host: reached, port, path: '/healthz', signal };
  // Whether it answers is asked, on this very machine; its certificate is for the name that others reach it by.
  const request = tls ? requestByTls({ ...at, rejectUnauthorized: false }) : requestInTheClear(at);
  const [answer] = (await once(request.end(), 'response', { signal })) as [IncomingMessage];
  answer.destroy();
  return answer.statusCode === 200 ? undefined : `/healthz answered ${answer.statusCode}`;
}

async function workerIll(): Promise<string | undefined> {
  // Only here: the gateway's check runs every few seconds and needs no gRPC.
  const { dialTemporal } = await import('./temporal/dial.ts');
  const { config, secrets } = readConfig();
  const { address, namespace, tls } = config.temporal;
  if (!address) return 'TEMPORAL_ADDRESS is not set';
  const temporal = await dialTemporal({ address, namespace, apiKey: secrets.temporalApiKey, tls }, null);
  try {
    const taskQueue = { name: config.taskQueue };
    const { pollers } = await temporal.within(PATIENCE_MS, () =>
      temporal.client.workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType: WORKFLOW_QUEUE }),
    );
    // The SDK names a worker pid@host, and a container's host name is its own.
    const ours = (pollers ?? []).filter((poller) => poller.identity?.endsWith(`@${hostname()}`));
    const last = Math.max(0, ...ours.map((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000));
    if (Date.now() - last <= POLLED_WITHIN_MS) return undefined;
    return `no worker of this host has asked the task queue ${config.taskQueue} for work lately`;
  } finally {
    await temporal.close();
  }
}

const CHECKS: Readonly<Record<string, () => Promise<string | undefined>>> = { gateway: gatewayIll, worker: workerIll };
const check = CHECKS[process.argv[2] ?? ''] ?? (async () => `say which: ${Object.keys(CHECKS).join(' or ')}`);
const ill = await check().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
if (ill !== undefined) {
  process.stderr.write(`${ill}\n`);
  process.exitCode = 1;
}
