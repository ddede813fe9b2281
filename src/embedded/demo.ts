/**
 * `npm run demo [-- --json]`: the main job, unattended. Exit code 0 only if every ticket went where it should.
 * `npm run demo -- shipment [--json]`: a flow without a ticket.
 */
import { parseArgs } from 'node:util';
import { sayTable } from '../cli/say.ts';
import { environment, readConfig } from '../config.ts';
import { StewardError } from '../domain/errors.ts';
import { askedToEnd, leave, sayFailure } from '../ending.ts';
import { type DemoOutcome, runDemo } from './demo-run.ts';
import { demoShipments } from './demo-shipment.ts';
import { openDemoStack } from './demo-stack.ts';

/** Three retries take 14 s, a provider's time-outs come on top. */
const LIMIT_MS = 60_000;

const begun = performance.now();
const asked = askedToEnd();
const since = () => `${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s`;

/** The exit code. */
async function main(json: boolean, what: string | undefined): Promise<number> {
  const say = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const { config, secrets } = readConfig();
  if (!config.demo) {
    throw new StewardError(
      'InvalidConfig',
      'The demo writes customers and tickets of its own; STEWARD_DEMO=off forbids it.',
    );
  }
  const timed = (line: string) => say(`${since()}  ${line}`);
  if (what === 'shipment') {
    const { outcomes, troubles } = await demoShipments({ config, secrets, environment, say, signal: asked });
    if (json) process.stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`);
    return verdict(troubles, say);
  }
  const stack = await openDemoStack({ config, secrets, environment, say: timed, signal: asked });
  try {
    const { read } = stack.operator;
    const demo = runDemo({ read, post: stack.post, say, limitMs: LIMIT_MS, signal: asked });
    const { outcomes, troubles } = await Promise.race([demo, stack.failed]);
    process.stdout.write(json ? `${JSON.stringify(outcomes, null, 2)}\n` : `\n${sayOutcomes(outcomes)}\n`);
    return verdict(troubles, say);
  } finally {
    await stack.close();
  }
}

function verdict(troubles: readonly string[], say: (line: string) => void): number {
  for (const trouble of troubles) process.stderr.write(`${trouble}\n`);
  say(troubles.length === 0 ? '\nAll went where they should.' : '\nNot all went where they should.');
  return troubles.length === 0 ? 0 : 1;
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
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [what, ...more] = positionals;
  if ((what !== undefined && what !== 'shipment') || more.length > 0) {
    throw new StewardError(
      'InvalidRequest',
      `There is no demo "${positionals.join(' ')}"; say "shipment", or nothing.`,
    );
  }
  code = await main(values.json, what);
} catch (error) {
  const said = asked.aborted ? 'Interrupted: tickets that were sent go on at the next start.' : sayFailure(error);
  process.stderr.write(`\n${said}\n`);
}
await leave(code);
