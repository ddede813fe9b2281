/** States in JSONata: what is evaluated when, and what is done with it. The driver evaluates. */
import type { Json, JsonObject } from '../domain/json.ts';
import { type Limits, linesOf } from './branch.ts';
import { contextOf } from './context.ts';
import { type Answer, type Evaluation, literalAnswer, type Then } from './evaluation.ts';
import { FlowFailure, NO_CHOICE_MATCHED, QUERY_EVALUATION_ERROR } from './failure.ts';
import { assertErrorName, MOST_SECONDS } from './inout.ts';
import { failed, inPhase, leave, type Trail } from './leave.ts';
import type { Attempt, Position, TaskInput } from './position.ts';
import { parseTimestamp } from './timestamp.ts';
import type { Catcher, ChoiceState, MapState, State, TaskState } from './types.ts';
import { isList, isObject, kindOf, own } from './values.ts';

/** A state in JSONata is entered, or its next attempt begins. */
export function beginJsonata(state: State, position: Position, trail: Trail, attempt?: Attempt): Position {
  const written = state.jsonata ?? {};
  switch (state.type) {
    case 'Pass':
      return leaveJsonata(position, written, state.next, position.frame.input, {}, trail, state);
    case 'Choice': {
      const conditions = state.choices.map((rule) => own(rule.jsonata ?? {}, 'Condition') ?? false);
      return ask(state, position, { ...readable(position), kind: 'choice', conditions }, { step: 'begin' }, trail);
    }
    default: {
      const evaluation = { ...readable(position), kind: 'fields', fields: pick(written, BEGIN[state.type]) } as const;
      return ask(state, position, evaluation, { step: 'begin' }, trail, attempt);
    }
  }
}

const BEGIN: Readonly<Record<Exclude<State['type'], 'Pass' | 'Choice'>, readonly string[]>> = {
  Task: ['Arguments', 'TimeoutSeconds', 'HeartbeatSeconds'],
  Parallel: ['Arguments'],
  Map: ['Items', 'MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'],
  Wait: ['Seconds', 'Timestamp'],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
};

/** Output and Assign, then on; `states` is what they see beside input and context. */
export function leaveJsonata(
  position: Position,
  written: JsonObject,
  next: string | undefined,
  output: Json,
  states: JsonObject,
  trail: Trail,
  state: State,
): Position {
  const evaluation = {
    ...readable(position, states),
    kind: 'fields',
    fields: pick(written, ['Output', 'Assign']),
  } as const;
  const { phase } = position.frame;
  // Told of the state when it is left.
  const attempt = 'attempt' in phase && phase.attempt !== undefined ? attemptOf(phase) : undefined;
  const then = { step: 'leave', output, ...(next === undefined ? {} : { next }) } as const;
  return ask(state, position, evaluation, then, trail, attempt);
}

export function catchJsonata(state: State, position: Position, catcher: Catcher, error: JsonObject, trail: Trail) {
  return leaveJsonata(position, catcher.jsonata ?? {}, catcher.next, error, { errorOutput: error }, trail, state);
}

function readable(position: Position, more: JsonObject = {}) {
  const { input, variables = {} } = position.frame;
  return { states: { input, context: contextOf(position), ...more }, variables };
}

function pick(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** Evaluated by the driver; at once where there is nothing to evaluate. */
function ask(
  state: State,
  position: Position,
  evaluation: Evaluation,
  then: Then,
  trail: Trail,
  attempt?: Attempt,
): Position {
  const token = 'token' in position.frame.phase ? position.frame.phase.token : undefined;
  const asked = { evaluation, then, ...attempt, ...(token === undefined ? {} : { token }) };
  const asking = inPhase(position, { kind: 'evaluating', ...asked });
  const answer = literalAnswer(evaluation);
  return answer ? takeAnswer(state, asking, answer, trail) : asking;
}

/**
 * Goes on with what was evaluated.
 * @throws FlowFailure States.QueryEvaluationError when it is not what the field takes; States.NoChoiceMatched
 */
export function takeAnswer(state: State, position: Position, answer: Answer, trail: Trail): Position {
  const { phase } = position.frame;
  if (phase.kind !== 'evaluating') throw new TypeError(`${state.name} evaluates nothing`);
  const { then } = phase;
  if (answer.kind === 'choice') return choose(state as ChoiceState, position, answer.chosen, trail);
  if (answer.kind === 'items') {
    if (then.step !== 'select') throw new TypeError(`${state.name} selects nothing`);
    const selected = answer.values.map((fields) => fields.ItemSelector ?? null);
    return inPhase(position, linesOf(then.items.length, attemptOf(phase), { ...then, selected }));
  }
  const { values } = answer;
  if (then.step === 'leave') {
    const output = given(values, 'Output', then.output, trail);
    return leave(position, then.next, output, own(values, 'Assign'), trail);
  }
  return began(state, position, values, trail);
}

function began(state: State, position: Position, values: JsonObject, trail: Trail): Position {
  const { phase, input } = position.frame;
  const attempt = attemptOf(phase as Partial<Attempt>);
  switch (state.type) {
    case 'Task': {
      const token = 'token' in phase && phase.token !== undefined ? { token: phase.token } : {};
      return inPhase(position, {
        kind: 'tasking',
        ...attempt,
        ...token,
        given: taskInput(state, values, input, trail),
      });
    }
    case 'Parallel':
      return inPhase(
        position,
        linesOf(state.branches.length, attempt, { given: given(values, 'Arguments', input, trail) }),
      );
    case 'Map':
      return beginMap(state, position, values, attempt, trail);
    case 'Wait':
      return inPhase(position, { kind: 'waiting', until: untilOf(values, trail.clock.now) });
    case 'Succeed':
      return leave(position, undefined, given(values, 'Output', input, trail), undefined, trail);
    case 'Fail': {
      const error = textOf('Error', own(values, 'Error')) ?? 'Failed';
      const isWritten = own(state.jsonata ?? {}, 'Error') === error;
      if (!isWritten && !trail.clock.isBefore?.('error-name')) assertErrorName(error, position);
      return failed(position, error, textOf('Cause', own(values, 'Cause')) ?? '', trail);
    }
    default:
      throw new TypeError(`${state.type} begins with nothing evaluated`);
  }
}

/** As the field was written, `null` too: `otherwise` stands where it was not. */
function given(values: JsonObject, field: string, otherwise: Json, { clock }: Trail): Json {
  const value = own(values, field);
  if (value === undefined) return otherwise;
  return value === null && clock.isBefore?.('null-kept') ? otherwise : value;
}

function attemptOf({ attempt = 1, maxAttempts = 1, used = [] }: Partial<Attempt>): Attempt {
  return { attempt, maxAttempts, used };
}

function taskInput(state: TaskState, values: JsonObject, raw: Json, trail: Trail): TaskInput {
  const said = given(values, 'Arguments', raw, trail);
  // Lambda's `invoke`: the function gets its Payload.
  const input = state.invoke ? ((isObject(said) ? own(said, 'Payload') : undefined) ?? {}) : said;
  const times = [
    ['timeoutSeconds', own(values, 'TimeoutSeconds')],
    ['heartbeatSeconds', own(values, 'HeartbeatSeconds')],
  ].filter(([, value]) => value !== undefined);
  const checked = times.map(([name, value]) => [name, numberOf(String(name), value, 1, MOST_SECONDS)]);
  return { input, ...Object.fromEntries(checked) };
}

function beginMap(state: MapState, position: Position, values: JsonObject, attempt: Attempt, trail: Trail): Position {
  const items = given(values, 'Items', position.frame.input, trail);
  if (!isList(items)) fail(`Items must be an array; this is ${kindOf(items)}`);
  const most = own(values, 'MaxConcurrency');
  const count = own(values, 'ToleratedFailureCount');
  const share = own(values, 'ToleratedFailurePercentage');
  const whole = Number.MAX_SAFE_INTEGER;
  const limits: Limits = {
    most: most === undefined ? 0 : numberOf('MaxConcurrency', most, 0, whole),
    count: count === undefined ? undefined : numberOf('ToleratedFailureCount', count, 0, whole),
    percentage: share === undefined ? undefined : numberOf('ToleratedFailurePercentage', share, 0, 100, false),
  };
  const lines = linesOf(items.length, attempt, { items, limits });
  const selector = own(state.jsonata ?? {}, 'ItemSelector');
  if (selector === undefined) return inPhase(position, lines);
  const evaluation: Evaluation = {
    ...readable(position),
    kind: 'items',
    fields: { ItemSelector: selector },
    items: items.map((Value, Index) => ({ Index, Value, Source: 'STATE_DATA' })),
  };
  const { most: atOnce, tolerated } = lines;
  const bounds = { most: atOnce, ...(tolerated === undefined ? {} : { tolerated }) };
  const then = { step: 'select', items, ...bounds } as const;
  return ask(state, position, evaluation, then, trail, attempt);
}

function choose(state: ChoiceState, position: Position, chosen: number | null, trail: Trail): Position {
  const { frame } = position;
  const rule = chosen === null ? undefined : state.choices[chosen];
  const next = rule ? rule.next : state.default;
  const said = (index: number) => conditionText(state, index);
  if (next === undefined) {
    const words = state.choices.map((_, index) => said(index)).join('; ');
    throw new FlowFailure(NO_CHOICE_MATCHED, `no rule of ${state.name} is met and it has no Default: ${words}`);
  }
  const before = state.choices.slice(0, chosen ?? undefined);
  trail.decisions.push({
    state: state.name,
    entry: frame.entry,
    ...(frame.within === undefined ? {} : { within: frame.within }),
    next,
    rule: chosen ?? 'Default',
    // What an expression has read, nobody knows.
    inputs: {},
    rejected: before.map((_, index) => ({ rule: index, condition: said(index), actual: false })),
    condition: chosen === null ? 'no rule was met' : said(chosen),
  });
  return leaveJsonata(position, (rule ?? state).jsonata ?? {}, next, frame.input, {}, trail, state);
}

function conditionText(state: ChoiceState, index: number): string {
  const condition = state.choices[index]?.condition;
  return condition?.kind === 'jsonata' ? condition.text : '';
}

function untilOf(values: JsonObject, now: number): number {
  const seconds = own(values, 'Seconds');
  if (seconds !== undefined) return now + 1000 * numberOf('Seconds', seconds, 0, MOST_SECONDS);
  const text = textOf('Timestamp', own(values, 'Timestamp')) ?? '';
  return parseTimestamp(text) ?? fail('Timestamp must be like 2026-04-23T14:30:00Z');
}

function numberOf(field: string, value: Json | undefined, least: number, most: number, whole = true): number {
  if (typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  return fail(`${field} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}; this is ${kindOf(value)}`);
}

function textOf(field: string, value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return fail(`${field} must be a text; this is ${kindOf(value)}`);
}

function fail(cause: string): never {
  throw new FlowFailure(QUERY_EVALUATION_ERROR, cause);
}
