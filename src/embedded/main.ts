/** `npm start`: the whole of Steward on one command. */
import { environment, readConfig } from '../config.ts';
import { StewardError } from '../domain/errors.ts';
import { leave } from '../ending.ts';
import { createLog } from '../log.ts';
import { installRuntime } from '../temporal/connect.ts';
import { holdState } from './hold.ts';
import { sayStarted } from './say.ts';
import { startSteward } from './start.ts';

const begun = performance.now();
const say = (line: string) => {
  process.stdout.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
};

/** Asked to end: at once by the second signal, in order by the first, at whatever step we are. */
const asked = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      resolve();
      process.once(signal, () => process.exit(130));
    });
  }
});

try {
  const { config, secrets } = readConfig();
  const release = await holdState(config.stateDir);
  const log = createLog(config.logLevel);
  installRuntime((level, message) => (level === 'ERROR' ? log.error(message) : log.warn(message)));
  const starting = startSteward({ config, secrets, environment, say, sendDemo: true });
  const started = await Promise.race([starting, asked.then(() => undefined)]);
  try {
    if (started) {
      say('ready');
      process.stdout.write(sayStarted(started));
      await Promise.race([asked, started.failed]);
    }
  } finally {
    process.stdout.write('\nStopping: open tickets go on at the next start.\n');
    await (await starting).stop();
    await release();
  }
  await leave(0);
} catch (error) {
  const said = error instanceof StewardError ? error.message : String((error as Error).stack ?? error);
  process.stderr.write(`\n${said}\n`);
  await leave(1);
}
