/** What the programs that tests kill have in common: a worker and a gateway in one process. */
import { runProcess } from '../../src/process.ts';
import { type Ground, startGatewayHalf, startWorkerHalf } from '../../src/steward.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';

/** Says `ready`; ends when whoever started it has gone. The workflow code is the file that the first argument names. */
export async function runBothHalves(change: (ground: Ground) => void = () => {}): Promise<void> {
  const [, , codePath = ''] = process.argv;
  process.stdin.once('close', () => process.exit(1)).resume();
  await runProcess('steward', async (ground) => {
    await ground.composed.migrate();
    await ground.composed.assertKeys();
    await ground.composed.loadFiles();
    await ensureSearchAttributes(ground.temporal.connection, ground.settled.config.temporal.namespace);
    change(ground);
    const workers = await startWorkerHalf(ground, { codePath });
    const serving = await startGatewayHalf(ground, { eagerStart: true });
    process.stdout.write('ready\n');
    const stop = async () => {
      await serving.close(0);
      await workers.stop();
    };
    return { stop, failed: workers.done };
  });
}
