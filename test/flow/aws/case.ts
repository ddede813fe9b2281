/** What AWS's documentation says of the language, as cases: a flow, what goes in, and what has to come of it. */

import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { checkFlow } from '../../../src/flow/check.ts';
import { readMocks } from '../../../src/flow/mocks.ts';
import { parseFlow } from '../../../src/flow/parse.ts';
import { begin } from '../../../src/flow/run.ts';
import { tryFlow } from '../../../src/flow/trial.ts';
import { allStates } from '../../../src/flow/walk.ts';
import { answerEvaluation } from '../../../src/jsonata/answer.ts';

export interface Case {
  /** Which parts of the language it shows, as `<part>.<field>` and the like; without any of them it would come out differently. */
  readonly of: readonly string[];
  /** By name; the first is where the flow starts. */
  readonly states: JsonObject;
  /** Fields of the flow itself. */
  readonly flow?: JsonObject;
  readonly input?: Json;
  readonly mocks?: JsonObject;
  /** What the first Task's module is given. */
  readonly given?: Json;
  /** Seconds of the virtual clock from the first state's entry to the last one's exit. */
  readonly seconds?: number;
  readonly path?: readonly string[];
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** What the checker says, in part. */
  readonly says?: string;
}

export const NOW = Date.UTC(2026, 3, 23, 14, 30);

/** What came of a case, of what the case speaks of. */
export async function cameOf(one: Case): Promise<Partial<Case>> {
  const definition = { StartAt: Object.keys(one.states)[0] ?? '', States: one.states, ...one.flow };
  if (one.says !== undefined) {
    const said = checkFlow(definition, { modules: ['m'], bound: 'error' }).map(
      ({ path, message }) => `${path}: ${message}`,
    );
    return { says: said.find((line) => line.includes(one.says ?? '')) === undefined ? said.join('\n') : one.says };
  }
  const flow = parseFlow(definition, 'case');
  const { mocks, problems } = readMocks(
    one.mocks ?? {},
    allStates(flow).map(({ name }) => name),
  );
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join());
  const input = one.input ?? {};
  const trial = await tryFlow(flow, input, {
    mocks,
    now: NOW,
    random: () => 0.5,
    evaluate: (evaluation, now) => answerEvaluation(evaluation, { now, draw: () => new Uint8Array(32).fill(7) }),
  });
  const last = trial.states.at(-1);
  const came = {
    path: trial.path,
    seconds: (Date.parse(last?.exitedAt ?? '') - NOW) / 1000,
    ...(trial.status === 'succeeded' ? { output: trial.output } : { error: trial.error, cause: trial.cause }),
    ...(one.given === undefined ? {} : { given: givenIn(flow, input) }),
  };
  const asked = Object.keys(came).filter((key) => key in one || key === 'error' || key === 'output');
  const told = Object.entries(came).filter(([key]) => asked.includes(key));
  return Object.fromEntries(told) as Partial<Case>;
}

function givenIn(flow: ReturnType<typeof parseFlow>, input: Json): Json {
  const { effect } = begin(flow, input, { now: NOW, executionId: 'trial' });
  const task = effect.kind === 'lines' ? effect.effects[0] : effect;
  if (task?.kind === 'task') return task.input;
  throw new Error(`the flow does not begin with a Task but with ${effect.kind}`);
}

/** What has to come of it. */
export function wanted({ output, error, cause, seconds, path, given, says }: Case): Partial<Case> {
  const all = Object.entries({ output, error, cause, seconds, path, given, says });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as Partial<Case>;
}

/** A Task; a mock answers for it, whatever module it names. */
export const task = (more: JsonObject = {}): JsonObject => ({ Type: 'Task', Resource: 'module:m', End: true, ...more });
export const pass = (more: JsonObject = {}): JsonObject => ({ Type: 'Pass', End: true, ...more });
/** A flow of one Pass within a Parallel or a Map. */
export const within = (more: JsonObject = {}, name = 'Inner'): JsonObject => ({
  StartAt: name,
  States: { [name]: pass(more) },
});
export const result = (value: Json, more: JsonObject = {}): Json => [{ result: value, ...more }];
export const fails = (...errors: string[]): Json => errors.map((error) => ({ error, cause: 'because' }));
