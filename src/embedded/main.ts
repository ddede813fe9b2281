/** `npm start`: the whole of Steward on one command. */
import { environment, readConfig } from '../config.ts';
import { aborted, askedToEnd, createFailures, leave } from '../ending.ts';
import { createLog } from '../log.ts';
import { createStops } from '../stops.ts';
import { installRuntime } from '../temporal/connect.ts';
import { holdState } from './hold.ts';
import { sayStarted } from './say.ts';
import { startSteward } from './start.ts';

const begun = performance.now();
const say = (line: string) => {
  process.stdout.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
};

const asked = askedToEnd();
asked.addEventListener('abort', () => process.stdout.write('\nStopping: open tickets go on at the next start.\n'));
const stops = createStops();
const { tell, exitCode } = createFailures((words) => process.stderr.write(`\n${words}\n`));

try {
  const { config, secrets } = readConfig();
  stops.add(await holdState(config.stateDir));
  const log = createLog(config.logLevel);
  installRuntime((level, message) => (level === 'ERROR' ? log.error(message) : log.warn(message)));
  const started = await startSteward({ config, secrets, environment, say, sendDemo: true, signal: asked });
  stops.add(started.stop);
  say('ready');
  process.stdout.write(sayStarted(started));
  await Promise.race([aborted(asked), started.failed]);
} catch (error) {
  if (!asked.aborted) tell(error);
}
await stops.run().catch(tell);
await leave(exitCode());
