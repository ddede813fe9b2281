/** Flows run without any server: one by hand, and a flow's own tests. */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { StewardError } from '../domain/errors.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { checkFlow, type Problem } from '../flow/check.ts';
import { type Mocks, readMocks } from '../flow/mocks.ts';
import { parseFlow } from '../flow/parse.ts';
import { differences, readScenarios, type Scenario } from '../flow/scenario.ts';
import { parseTimestamp } from '../flow/timestamp.ts';
import { type Trial, tryFlow } from '../flow/trial.ts';
import type { Flow } from '../flow/types.ts';
import { allStates } from '../flow/walk.ts';
import { readDefinition } from '../flow-file.ts';
import { findJsonFault } from '../json-fault.ts';
import { answerEvaluation, writtenProblem } from '../jsonata/answer.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable } from './say.ts';

export interface EvalOptions extends JsonOption {
  readonly definition: string;
  readonly input: string;
  readonly mocks?: string;
  /** When the virtual clock begins. */
  readonly at?: string;
}

type Ground = Pick<Context, 'readText' | 'now'>;

/**
 * Runs a flow from its start to its end: Tasks answer by mocks, time passes at once, any Resource will do. Answers whether it succeeded.
 * @throws StewardError InvalidFlow, InvalidRequest
 */
export async function evalFlow(context: Context, options: EvalOptions): Promise<{ readonly ok: boolean }> {
  const flow = await readFlowFile(context, options.definition);
  const input = readJsonInput(await context.readText(options.input), options.input);
  const mocks = await mocksFor(context, flow, options.mocks);
  const trial = await run(flow, input, mocks, options.at === undefined ? context.now() : readTime(options.at));
  if (options.json) sayJson(context, trial);
  else context.out(sayTrial(trial));
  return { ok: trial.status === 'succeeded' };
}

function run(flow: Flow, input: Json, mocks: Mocks, now: number): Promise<Trial> {
  return tryFlow(flow, input, {
    mocks,
    now,
    random: Math.random,
    evaluate: (evaluation, at) => answerEvaluation(evaluation, { now: at, draw: () => randomBytes(32) }),
  });
}

async function readFlowFile(context: Ground, file: string): Promise<Flow> {
  const definition = readDefinition(await context.readText(file), file);
  const problems = checkFlow(definition, { modules: [], bound: 'warning', written: writtenProblem });
  const wrong = problems.filter(({ severity }) => severity === 'error');
  if (wrong.length === 0) return parseFlow(definition, file);
  const said = wrong.map((p) => ({ file, field: p.path, message: p.message }));
  throw new StewardError('InvalidFlow', `${file} is wrong:\n${sayLines(wrong)}`, { problems: said });
}

function sayLines(problems: readonly Problem[]): string {
  return problems.map((p) => `  ${p.path}: ${p.message}`).join('\n');
}

function readJsonInput(text: string, file: string): Json {
  const fault = findJsonFault(text);
  if (fault) throw new StewardError('InvalidRequest', `${file} is no JSON: ${fault.what}`);
  return JSON.parse(text) as Json;
}

async function mocksFor(context: Ground, flow: Flow, file: string | undefined): Promise<Mocks> {
  if (file === undefined) return new Map();
  const { mocks, problems } = readMocks(readJsonInput(await context.readText(file), file), namesOf(flow));
  if (problems.length === 0) return mocks;
  throw new StewardError('InvalidRequest', `the mocks in ${file} are wrong:\n${sayLines(problems)}`);
}

function namesOf(flow: Flow): string[] {
  return allStates(flow).map((state) => state.name);
}

function readTime(text: string): number {
  const time = parseTimestamp(text);
  if (time !== undefined) return time;
  throw new StewardError('InvalidRequest', `--at must be a time like 2026-04-23T14:30:00Z; this is ${text}`);
}

function sayTrial(trial: Trial): string {
  const rows = trial.states.map((passed) => [
    passed.enteredAt,
    `${'  '.repeat(passed.line?.length ?? 0)}${passed.state}${passed.line ? ` [${passed.line.join('.')}]` : ''}`,
    passed.attempts === undefined ? '' : `${passed.attempts} attempt${passed.attempts === 1 ? '' : 's'}`,
    passed.error ?? (passed.output === undefined ? 'cut off' : JSON.stringify(passed.output)),
  ]);
  const end =
    trial.status === 'succeeded'
      ? `succeeded: ${JSON.stringify(trial.output, null, 2)}`
      : `failed: ${trial.error}${trial.cause === '' ? '' : `: ${trial.cause}`}`;
  return `${sayTable(rows)}\n${end}\n`;
}

/** A test of a flow, and how it ended. */
export interface Tested {
  readonly file: string;
  readonly test: string;
  readonly ok: boolean;
  readonly differences: readonly string[];
}

/** Runs the tests of these files. Answers whether all passed. @throws StewardError InvalidFlow, InvalidRequest */
export async function testFlows(
  context: Context,
  files: readonly string[],
  options: JsonOption,
): Promise<{ readonly ok: boolean }> {
  const all: Tested[] = [];
  for (const file of files) all.push(...(await testFlow(context, file)));
  const failed = all.filter(({ ok }) => !ok);
  if (options.json) sayJson(context, all);
  else {
    for (const { file, test, ok, differences: found } of all) {
      context.out(
        `${ok ? 'passed' : 'FAILED'}  ${file}: ${test}\n${found.map((line) => `        ${line}\n`).join('')}`,
      );
    }
    context.out(`${all.length - failed.length} passed, ${failed.length} failed\n`);
  }
  return { ok: failed.length === 0 };
}

export async function testFlow(context: Ground, file: string): Promise<Tested[]> {
  const { flow, scenarios } = await readTests(context, file);
  const tested: Tested[] = [];
  for (const scenario of scenarios) {
    const found = await tryScenario(context, flow, scenario);
    tested.push({ file, test: scenario.name, ok: found.length === 0, differences: found });
  }
  return tested;
}

async function tryScenario(context: Ground, flow: Flow, { input, mocks, at, expected }: Scenario): Promise<string[]> {
  try {
    return differences(await run(flow, input, mocks, at ?? context.now()), expected);
  } catch (error) {
    // A Task that nobody answers for is that test's fault alone.
    if (error instanceof StewardError) return [error.message];
    throw error;
  }
}

/** The tests, and the flow that they name. */
async function readTests(context: Ground, file: string): Promise<{ flow: Flow; scenarios: readonly Scenario[] }> {
  const value = readDefinition(await context.readText(file), file) as JsonObject;
  const named = typeof value === 'object' && value !== null ? value.flow : undefined;
  if (typeof named !== 'string') {
    throw new StewardError('InvalidRequest', `${file}: $.flow is missing: the file of the flow that it tests`);
  }
  const flow = await readFlowFile(context, join(dirname(file), named));
  const { scenarios, problems } = readScenarios(value, namesOf(flow));
  if (problems.length > 0) throw new StewardError('InvalidRequest', `${file} is wrong:\n${sayLines(problems)}`);
  return { flow, scenarios };
}
