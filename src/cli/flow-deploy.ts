/** A flow on its way to new tickets: checked, tested, tried on past ones, and then deployed. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { flowName, pinText } from '../compose-flow.ts';
import type { FlowDesk } from '../compose-operator.ts';
import { type Deployment, ruling, saySpan } from '../domain/deployment.ts';
import { StewardError } from '../domain/errors.ts';
import type { PinnedFlow } from '../domain/plan.ts';
import { readDefinition } from '../flow-file.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { type DryRun, dryRun } from './flow-dry-run.ts';
import { type Tested, testFlow } from './flow-trial.ts';
import { sayTable } from './say.ts';

export interface DeployOptions extends JsonOption {
  readonly last: number;
  readonly strict?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** Percent. */
  readonly canary?: number;
  /** Ms. */
  readonly watch?: number;
  readonly min?: number;
}

/**
 * - `refused`: tests fail, or warnings under `--strict`.
 * - `same`: new tickets go by it already.
 * - `shown`: a dry run, or nobody said yes.
 */
type Outcome = 'refused' | 'same' | 'shown' | 'deployed' | 'canary';

interface Said {
  readonly flow: string;
  readonly version: string;
  readonly replaces: string | null;
  readonly outcome: Outcome;
  readonly number: number | null;
  readonly warnings: readonly string[];
  readonly tests: readonly Tested[];
  readonly dryRun: DryRun | null;
}

const WATCH_MS = 30 * 60_000;
const MIN_TICKETS = 20;

/** @throws StewardError InvalidFlow, InvalidRequest, RequestConflict: another deployment came first */
export async function deployFlow(
  context: Context,
  file: string,
  options: DeployOptions,
): Promise<{ readonly ok: boolean }> {
  if (options.canary === undefined && (options.watch !== undefined || options.min !== undefined)) {
    throw new StewardError('InvalidRequest', '--watch and --min are for a canary: say --canary 10% as well');
  }
  const { flow, warnings } = pinText(await context.readText(file), file);
  const tests = await testBeside(context, file);
  const { flows, flowFile } = await context.operator();
  const history = await flows.history(flow.name);
  const newest = history.at(-1);
  if (newest?.version !== flow.version && !options.dryRun) assertNoCanary(newest);
  const replaces = newest ? ruling(newest) : ((await flows.fromFile(flow.name)) ?? null);
  const begun = { flow: flow.name, version: flow.version, replaces, warnings, tests, number: null };
  const end = (outcome: Outcome, more: Partial<Said> = {}) => {
    const said: Said = { ...begun, outcome, dryRun: null, ...more };
    if (options.json) sayJson(context, said);
    return { ok: outcome !== 'refused' && (outcome !== 'shown' || options.dryRun === true) };
  };
  const out = (text: string) => {
    if (!options.json) context.out(`${text}\n`);
  };

  for (const warning of warnings) out(`warning: ${warning}`);
  out(sayTests(file, tests));
  const isBad = tests.some(({ ok }) => !ok) || (options.strict === true && warnings.length > 0);
  if (isBad) {
    out('Nothing was deployed.');
    return end('refused');
  }
  if (newest?.version === flow.version) {
    await assertSame(flows, flow);
    out(saySame(newest));
    return end('same');
  }
  const canary = canaryOf(options);
  if (canary && flow.name !== flowName(flowFile)) {
    throw new StewardError(
      'InvalidRequest',
      `a canary compares tickets, which go by ${flowName(flowFile)} (STEWARD_FLOW) and not by ${flow.name}; deploy it without --canary`,
    );
  }
  const tried = await dryRun(flows, flow.name, flow.definition, options.last);
  out(sayDryRun(tried));
  if (options.dryRun || !(await isWanted(context, tried, options))) {
    out(options.dryRun ? 'Nothing was deployed.' : 'Nothing was deployed; --yes deploys it.');
    return end('shown', { dryRun: tried });
  }
  await assertSame(flows, flow);
  const seen = newest?.number ?? 0;
  if (canary && replaces === null) {
    throw new StewardError(
      'InvalidRequest',
      `there is no version of ${flow.name} yet that a canary could be compared with; deploy it without --canary`,
    );
  }
  const number = await flows.deploy({
    kind: canary ? 'canary' : 'deploy',
    flow,
    baseVersion: replaces,
    seen,
    ...(canary ? { canary } : {}),
  });
  out(sayDeployed(flow, replaces, canary));
  if (flow.name !== flowName(flowFile)) out(`Tickets go by ${flowName(flowFile)} (STEWARD_FLOW), and not by it.`);
  return end(canary ? 'canary' : 'deployed', { dryRun: tried, number });
}

function assertNoCanary(newest: Deployment | undefined): void {
  if (newest?.kind !== 'canary') return;
  const { name, version, by } = newest;
  throw new StewardError(
    'RequestConflict',
    `a canary of ${name} is under way: version ${version}, by ${by}. Wait for its end, or end it: npx steward flow rollback ${name}`,
  );
}

function saySame({ kind, name, version, canary }: Deployment): string {
  if (kind !== 'canary') return `New tickets go by version ${version} of ${name} already.`;
  return `Version ${version} of ${name} is a canary already, for ${canary?.percent}% of new tickets; npx steward flow history ${name} says how it stands.`;
}

/** Two definitions may have the same first digits of a hash, if somebody has made them so. */
async function assertSame(flows: FlowDesk, flow: PinnedFlow): Promise<void> {
  const kept = await flows.find(flow);
  if (!kept || JSON.stringify(kept.definition) === JSON.stringify(flow.definition)) return;
  throw new StewardError('InvalidFlow', `another flow has version ${flow.version} already; change its Comment, say`);
}

function canaryOf({ canary, watch = WATCH_MS, min = MIN_TICKETS }: DeployOptions) {
  return canary === undefined ? undefined : { percent: canary, watchMs: watch, minTickets: min };
}

/** Where decisions change, somebody has to have seen it. */
async function isWanted(context: Context, { changes }: DryRun, options: DeployOptions): Promise<boolean> {
  if (options.yes || changes.length === 0) return true;
  if (options.json || !context.ask) return false;
  return context.ask('Deploy it?');
}

/** The flow's own tests: those in its directory that name it. */
async function testBeside(context: Context, file: string): Promise<Tested[]> {
  if (file === '-') throw new StewardError('InvalidRequest', 'a flow is deployed by its file, whose name is its own');
  const directory = dirname(file);
  const names = (await readdir(directory)).filter((name) => /\.flow-test\.ya?ml$/u.test(name)).sort();
  const tested: Tested[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const tests = readDefinition(await context.readText(path), path);
    const named = typeof tests === 'object' && tests !== null && 'flow' in tests ? tests.flow : undefined;
    if (typeof named === 'string' && join(directory, named) === join(directory, basename(file))) {
      tested.push(...(await testFlow(context, path)));
    }
  }
  return tested;
}

function sayTests(file: string, tests: readonly Tested[]): string {
  if (tests.length === 0) return `${file} is in order; it has no tests beside it.`;
  const failed = tests.filter(({ ok }) => !ok);
  const lines = failed.flatMap((one) => [
    `FAILED  ${one.file}: ${one.test}`,
    ...one.differences.map((line) => `        ${line}`),
  ]);
  const sum = `${tests.length - failed.length} of its tests passed, ${failed.length} failed.`;
  return [`${file} is in order.`, ...lines, sum].join('\n');
}

function sayDryRun({ tickets, changes, unknown }: DryRun): string {
  if (tickets === 0) return 'There is no past ticket to try it on.';
  const of = `the last ${tickets} ticket${tickets === 1 ? '' : 's'}`;
  const rows = changes.map(({ ticketId, version, state, entry, was, would, condition }) => [
    ticketId,
    version,
    `${state}#${entry}`,
    was ?? 'not asked',
    would ?? 'not asked',
    condition ?? '',
  ]);
  const heading = ['TICKET', 'VERSION', 'DECISION', 'WAS', 'WOULD BE', 'SINCE'];
  const tickets_ = new Set(changes.map(({ ticketId }) => ticketId)).size;
  const sum =
    changes.length === 0
      ? `No decision about ${of} would change.`
      : `${changes.length} decision${changes.length === 1 ? '' : 's'} about ${tickets_} of ${of} would change:\n${sayTable([heading, ...rows], '  ')}`;
  return [sum, ...sayUnknown(unknown)].join('\n');
}

/** By why, for there may be many. */
function sayUnknown(unknown: DryRun['unknown']): string[] {
  const counts = new Map<string, string[]>();
  for (const { ticketId, why } of unknown) counts.set(why, [...(counts.get(why) ?? []), ticketId]);
  return [...counts].map(([why, ids]) => {
    const more = ids.length > 3 ? `, and ${ids.length - 3} more` : '';
    return `Not known of ${ids.length}: ${why} (${ids.slice(0, 3).join(', ')}${more}).`;
  });
}

function sayDeployed(
  { name, version }: PinnedFlow,
  replaces: string | null,
  canary: ReturnType<typeof canaryOf>,
): string {
  const before = replaces === null ? '' : replaces === version ? ', as by its file' : `, in the place of ${replaces}`;
  const running = 'Tickets that are there keep the version that they began with.';
  const way = `npx steward flow history ${name}`;
  if (!canary)
    return `New tickets go by version ${version} of ${name}${before}. ${running}\nBack: npx steward flow rollback ${name}`;
  const { percent, watchMs } = canary;
  return `${percent}% of new tickets go by version ${version} of ${name}, the others by ${replaces}, for ${saySpan(watchMs)}. Then it goes on to all, or back, by itself; the admins hear why.\nHow it stands: ${way}\nBack at once:  npx steward flow rollback ${name}`;
}
