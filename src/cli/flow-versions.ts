/** Versions of flows: what was deployed, how they differ, and the way back. */
import { checkToRun, flowName, pinText } from '../compose-flow.ts';
import type { FlowDesk } from '../compose-operator.ts';
import { sayCounts } from '../domain/canary.ts';
import { type Deployment, ruling, saySpan, versionBefore } from '../domain/deployment.ts';
import { StewardError } from '../domain/errors.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { PinnedFlow } from '../domain/plan.ts';
import { type Change, diffFlows, type FlowDiff } from '../flow/diff.ts';
import { readDefinition } from '../flow-file.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';
import { whyOf } from './why.ts';

export interface HistoryOptions extends JsonOption {}
export interface RollbackOptions extends JsonOption {
  readonly why?: string;
}
export interface DiffOptions extends JsonOption {
  readonly flow?: string;
}

/** What was deployed, the newest first, and whether the flow's file says so too. */
export async function showHistory(context: Context, given: string | undefined, options: HistoryOptions): Promise<void> {
  const { flows, flowFile } = await context.operator();
  const name = given ?? flowName(flowFile);
  const history = await flows.history(name);
  const read = await flows.fromFile(name);
  if (history.length === 0 && read === undefined) throw await unknownFlow(flows, name);
  const newest = history.at(-1);
  const active = newest ? ruling(newest) : (read ?? null);
  const file = name === flowName(flowFile) ? await versionInFile(context, flowFile) : undefined;
  const canary = newest?.kind === 'canary' ? await flows.fares(newest) : null;
  if (options.json) {
    return sayJson(context, { flow: name, active, file: file ?? null, canary, deployments: history.toReversed() });
  }
  if (newest) context.out(`${sayHistory(history)}\n`);
  if (canary) context.out(`The canary is under way: ${sayCounts(canary)}.\n`);
  if (!newest) context.out(`Nothing of ${name} was deployed: tickets go by what its file says, version ${read}.\n`);
  if (newest && file !== undefined && file !== active) {
    context.out(
      `The file ${flowFile} says something else: version ${file}. It rules once it is deployed: npx steward flow deploy ${flowFile}\n`,
    );
  }
}

/** Undefined: there is no such file here, or it is wrong. */
async function versionInFile(context: Context, file: string): Promise<string | undefined> {
  try {
    return pinText(await context.readText(file), file).flow.version;
  } catch (error) {
    if (error instanceof StewardError) return undefined;
    throw error;
  }
}

function sayHistory(history: readonly Deployment[]): string {
  const rows = history
    .toReversed()
    .map((one) => [
      `${one.number}`,
      sayTime(one.at),
      one.kind === 'canary' && one.canary ? `canary ${one.canary.percent}%, ${saySpan(one.canary.watchMs)}` : one.kind,
      one.version,
      one.baseVersion ?? '-',
      one.by,
      one.why ?? '',
    ]);
  return sayTable([['NUMBER', 'AT (UTC)', 'WHAT', 'VERSION', 'BEFORE', 'BY', 'WHY'], ...rows]);
}

/** Back to the version of before; of a canary: to what it was compared with. @throws StewardError InvalidRequest, RequestConflict */
export async function rollBack(context: Context, given: string | undefined, options: RollbackOptions): Promise<void> {
  const why = options.why === undefined ? 'by hand' : whyOf(options.why);
  const { flows, flowFile } = await context.operator();
  const name = given ?? flowName(flowFile);
  const history = await flows.history(name);
  const newest = history.at(-1);
  if (!newest) throw await unknownFlow(flows, name, 'nothing of it was deployed');
  const version = versionBefore(history);
  if (version === undefined) {
    throw new StewardError(
      'InvalidRequest',
      `before version ${newest.version} of ${name} there was none to go back to`,
    );
  }
  const flow = await flows.find({ name, version });
  if (!flow) throw new StewardError('InvalidRequest', `version ${version} of ${name} was not kept`);
  assertRuns(flow);
  const number = await flows.deploy({
    kind: 'rollback',
    flow,
    baseVersion: newest.version,
    seen: newest.number,
    why,
  });
  if (options.json) return sayJson(context, { flow: name, version, replaces: newest.version, number });
  context.out(
    `New tickets go by version ${version} of ${name} again, and not by ${newest.version}. Tickets that are there keep the version that they began with.\n`,
  );
}

/** What ran once need not run with the modules of today. */
function assertRuns({ name, version, definition }: PinnedFlow): void {
  const errors = checkToRun(definition).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const lines = errors.map(({ path, message }) => `  ${path}: ${message}`).join('\n');
  throw new StewardError('InvalidFlow', `version ${version} of ${name} does not run here any more:\n${lines}`);
}

/** States that are there only in one of the two, and what the others say otherwise. */
export async function diffVersions(context: Context, a: string, b: string, options: DiffOptions): Promise<void> {
  const { flows, flowFile } = await context.operator();
  const name = options.flow ?? flowName(flowFile);
  const [before, after] = [await definitionOf(context, flows, name, a), await definitionOf(context, flows, name, b)];
  const diff = diffFlows(before, after);
  if (options.json) return sayJson(context, { name, a, b, ...diff });
  context.out(`${sayDiff(diff)}\n`);
}

/** A file has a dot in its name, or a folder before it; flows and their versions have neither. */
export const isFile = (word: string) => /[./]/u.test(word);

/** What new runs of a flow go by. @throws StewardError InvalidRequest */
export async function activeDefinition(context: Context, name: string): Promise<JsonObject> {
  const { flows } = await context.operator();
  return definitionOf(context, flows, name, 'active');
}

async function definitionOf(context: Context, flows: FlowDesk, name: string, word: string): Promise<JsonObject> {
  if (isFile(word)) {
    const value = readDefinition(await context.readText(word), word);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    throw new StewardError('InvalidFlow', `${word}: a flow is an object`);
  }
  const version = word === 'active' ? await activeOf(flows, name) : await versionOf(flows, name, word);
  const found = await flows.find({ name, version });
  if (!found) throw new StewardError('InvalidRequest', `version ${version} of ${name} was not kept`);
  return found.definition;
}

async function activeOf(flows: FlowDesk, name: string): Promise<string> {
  const newest = (await flows.history(name)).at(-1);
  const version = newest ? ruling(newest) : await flows.fromFile(name);
  if (version === undefined) throw await unknownFlow(flows, name);
  return version;
}

async function versionOf(flows: FlowDesk, name: string, begin: string): Promise<string> {
  const found = await flows.versions(name, begin);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const what =
    only === undefined
      ? `there is no version ${begin} of ${name}: npx steward flow history ${name} names them; a file has a dot in its name`
      : `${begin} may be any of ${found.join(', ')}`;
  throw new StewardError('InvalidRequest', what);
}

async function unknownFlow(flows: FlowDesk, name: string, what = 'nobody knows it'): Promise<StewardError> {
  const names = await flows.names();
  const there = names.length === 0 ? '' : `; there are ${names.join(', ')}`;
  return new StewardError('InvalidRequest', `flow ${name}: ${what}${there}`);
}

function sayDiff({ added, removed, changed, flow, onlyOrder }: FlowDiff): string {
  if (onlyOrder)
    return 'They say the same; their fields stand in another order, so texts that they make of objects differ.';
  const lines = [
    ...flow.map((change) => sayChange('the flow', change)),
    ...added.map((state) => `+ state ${state}`),
    ...removed.map((state) => `- state ${state}`),
    ...changed.flatMap(({ state, changes }) => changes.map((change) => sayChange(`state ${state}`, change))),
  ];
  return lines.length === 0 ? 'They say the same.' : lines.join('\n');
}

function sayChange(of: string, { path, before, after }: Change): string {
  const say = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value));
  return `~ ${of} ${path}: ${say(before)} -> ${say(after)}`;
}
