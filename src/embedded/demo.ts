/** `npm run demo [-- --json]`: the main job, unattended. Exit code 0 only if every ticket went where it should. */
import { parseArgs } from 'node:util';
import { sayTable } from '../cli/say.ts';
import { environment, readConfig } from '../config.ts';
import { StewardError } from '../domain/errors.ts';
import { askedToEnd, leave, sayFailure } from '../ending.ts';
import { type DemoOutcome, runDemo } from './demo-run.ts';
import { openDemoStack } from './demo-stack.ts';

/** Three retries take 14 s, a provider's time-outs come on top. */
const LIMIT_MS = 60_000;

const begun = performance.now();
const asked = askedToEnd();
const since = () => `${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s`;

/** The exit code. */
async function main(json: boolean): Promise<number> {
  const say = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const { config, secrets } = readConfig();
  if (!config.demo) {
    throw new StewardError(
      'InvalidConfig',
      'The demo writes customers and tickets of its own; STEWARD_DEMO=off forbids it.',
    );
  }
  const timed = (line: string) => say(`${since()}  ${line}`);
  const stack = await openDemoStack({ config, secrets, environment, say: timed, signal: asked });
  try {
    const { read } = stack.operator;
    const demo = runDemo({ read, post: stack.post, say, limitMs: LIMIT_MS, signal: asked });
    const { outcomes, troubles } = await Promise.race([demo, stack.failed]);
    process.stdout.write(json ? `${JSON.stringify(outcomes, null, 2)}\n` : `\n${sayOutcomes(outcomes)}\n`);
    for (const trouble of troubles) process.stderr.write(`${trouble}\n`);
    say(troubles.length === 0 ? '\nAll went where they should.' : '\nNot all went where they should.');
    return troubles.length === 0 ? 0 : 1;
  } finally {
    await stack.close();
  }
}

function sayOutcomes(outcomes: readonly DemoOutcome[]): string {
  const rows = outcomes.map((o) => [
    o.ticketId,
    o.sentiment ? `${o.sentiment.label} (${o.sentiment.source})` : '-',
    o.priority ?? '-',
    o.decision ?? '-',
    o.route,
    o.deliveries.map((d) => `${d.template} to ${d.recipient}`).join(', '),
    o.seconds?.toFixed(1) ?? '-',
  ]);
  return sayTable([['TICKET', 'SENTIMENT', 'PRIORITY', 'DECISION', 'ROUTE', 'TOLD', 'SECONDS'], ...rows]);
}

let code = 1;
try {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  code = await main(values.json);
} catch (error) {
  const said = asked.aborted ? 'Interrupted: tickets that were sent go on at the next start.' : sayFailure(error);
  process.stderr.write(`\n${said}\n`);
}
await leave(code);
