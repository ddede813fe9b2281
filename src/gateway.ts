import { runProcess } from './process.ts';
import { startGatewayHalf } from './steward.ts';
import { ensureSearchAttributes } from './temporal/search-attributes.ts';

await runProcess('gateway', async (ground) => {
  await ground.composed.migrate('steward_gateway');
  await ground.composed.assertKeys();
  // A ticket may come before the first worker; without the search attributes Temporal would refuse it.
  await ensureSearchAttributes(ground.temporal.connection, ground.settled.config.temporal.namespace);
  const serving = await startGatewayHalf(ground, { eagerStart: false });
  return { stop: serving.close, failed: new Promise<never>(() => {}) };
});
