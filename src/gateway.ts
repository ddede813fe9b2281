import { runProcess } from './process.ts';
import { startGatewayHalf } from './steward.ts';
import { migrate } from './store/migrate.ts';

await runProcess('gateway', async (ground) => {
  await migrate(ground.settled.databaseUrl);
  const serving = await startGatewayHalf(ground, { eagerStart: false });
  return { stop: serving.close, failed: new Promise<never>(() => {}) };
});
