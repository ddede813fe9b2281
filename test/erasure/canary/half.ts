/**
 * `worker` or `gateway`, as src/worker.ts and src/gateway.ts start them, with a second look in two seconds: the policy's file counts
 * in days. Says `ready` on standard output; ends when whoever started it has gone.
 */
import { runProcess } from '../../../src/process.ts';
import { startGatewayHalf, startWorkerHalf } from '../../../src/steward.ts';
import { ensureSearchAttributes } from '../../../src/temporal/search-attributes.ts';

const [, , codePath = '', half = ''] = process.argv;
process.stdin.once('close', () => process.exit(1)).resume();

await runProcess(half, async (ground) => {
  const { composed, settled, temporal } = ground;
  await composed.migrate(half === 'worker' ? 'steward_worker' : 'steward_gateway');
  await composed.assertKeys();
  await composed.loadFiles();
  await ensureSearchAttributes(temporal.connection, settled.config.temporal.namespace);
  Object.assign(composed.deps.erasure.policy.erasure, { codeMinutes: 1, lookAgainDays: 2 / 86_400 });
  if (half === 'worker') {
    const workers = await startWorkerHalf(ground, { codePath });
    process.stdout.write('ready\n');
    return { stop: workers.stop, failed: workers.done };
  }
  const serving = await startGatewayHalf(ground, { eagerStart: false });
  process.stdout.write('ready\n');
  return { stop: serving.close, failed: new Promise<never>(() => {}) };
});
