/** `npm start`: the whole of Steward on one command. */
import { environment, readConfig } from '../config.ts';
import { StewardError } from '../domain/errors.ts';
import { createLog } from '../log.ts';
import { installRuntime } from '../temporal/connect.ts';
import { holdState } from './hold.ts';
import { sayStarted } from './say.ts';
import { startSteward } from './start.ts';

const begun = performance.now();
const say = (line: string) => {
  process.stdout.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
};

try {
  const { config, secrets } = readConfig();
  const log = createLog(config.logLevel);
  installRuntime((level, message) => (level === 'ERROR' ? log.error(message) : log.warn(message)));
  const release = await holdState(config.stateDir);
  const started = await startSteward({ config, secrets, environment, say, sendDemo: true });
  say('ready');
  process.stdout.write(sayStarted(started));
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await Promise.race([asked, started.failed]).finally(async () => {
    process.stdout.write('\nStopping: open tickets go on at the next start.\n');
    await started.stop();
    await release();
  });
} catch (error) {
  process.stderr.write(
    `\n${error instanceof StewardError ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exitCode = 1;
}
