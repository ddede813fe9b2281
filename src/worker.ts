import { runProcess } from './process.ts';
import { startWorkerHalf } from './steward.ts';
import { ensureSearchAttributes } from './temporal/search-attributes.ts';
import { prebuiltBundle } from './temporal/workers.ts';

await runProcess('worker', async (ground) => {
  await ground.composed.migrate('steward_worker');
  await ground.composed.assertKeys();
  await ground.composed.loadFiles();
  await ensureSearchAttributes(ground.temporal.connection, ground.settled.config.temporal.namespace);
  const workers = await startWorkerHalf(ground, await prebuiltBundle());
  return { stop: workers.stop, failed: workers.done };
});
