import { runProcess } from './process.ts';
import { startGatewayHalf } from './steward.ts';

await runProcess('gateway', async (ground) => {
  await ground.composed.migrate();
  const serving = await startGatewayHalf(ground, { eagerStart: false });
  return { stop: serving.close, failed: new Promise<never>(() => {}) };
});
