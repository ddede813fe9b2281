import type { Json } from '../domain/json.ts';
import { contextOf } from './context.ts';
import { type Expression, evaluate, pathsOf } from './expression.ts';
import { FlowFailure, RUNTIME } from './failure.ts';
import { type Path, readPath, type Scope, type Variables, WHOLE, writePath } from './path.ts';
import type { Position, TaskInput } from './position.ts';
import type { Query } from './query.ts';
import { cameAsPersonal, isPersonal } from './record.ts';
import { fillTemplate, type Template } from './template.ts';
import { parseTimestamp } from './timestamp.ts';
import type { TaskState, WaitState } from './types.ts';
import { isList, kindOf } from './values.ts';

/** The longest Wait or time-out that AWS allows, in s (about three years). */
export const MOST_SECONDS = 99_999_999;

/**
 * Reads `frame.input` (or another value in its place) and the context object `$$`. `field`: whose functions of chance draw; the same field
 * of the same entry draws the same whenever it is asked, so a Task's repeats and a run that goes on elsewhere have the same input.
 */
export function scopeOf(position: Position, input: Json = position.frame.input, field = ''): Scope {
  return new PositionScope(position, input, field);
}

/** One for each field of each state: methods, and no function made anew for each. */
class PositionScope implements Scope {
  readonly input: Json;
  private readonly position: Position;
  private readonly field: string;
  private drawn = 0;

  constructor(position: Position, input: Json, field: string) {
    this.position = position;
    this.input = input;
    this.field = field;
  }

  get variables(): Variables {
    return this.position.frame.variables ?? NONE;
  }

  context(): Json {
    return contextOf(this.position);
  }

  draw(): string {
    const { execution, frame } = this.position;
    const state = `${frame.within ?? ''}${frame.state}`;
    return JSON.stringify([execution.id, execution.startedAt, state, frame.entry, this.field, this.drawn++]);
  }
}

const NONE: Variables = {};

/** @throws FlowFailure States.Runtime when there is nothing at the path. */
function need(field: string, path: Expression, scope: Scope): Json {
  const value = evaluate(path, scope);
  if (value === undefined) throw new FlowFailure(RUNTIME, `${field}: there is nothing at ${path.text}`);
  return value;
}

/** What the state works on: its raw input through InputPath. */
export function inputOf(state: { readonly inputPath: Path | Query | null }, position: Position): Json {
  if (state.inputPath === WHOLE) return position.frame.input;
  return state.inputPath === null ? {} : need('InputPath', state.inputPath, scopeOf(position));
}

export function outputOf(state: { readonly outputPath: Path | Query | null }, position: Position, output: Json): Json {
  if (state.outputPath === WHOLE) return output;
  return state.outputPath === null ? {} : need('OutputPath', state.outputPath, scopeOf(position, output));
}

/** A result's way out: ResultSelector, ResultPath onto the raw input, OutputPath. */
export function resultOutput(
  state: {
    readonly resultSelector?: Template | undefined;
    readonly resultPath: Path | null;
    readonly outputPath: Path | Query | null;
  },
  position: Position,
  result: Json,
): Json {
  const selected = state.resultSelector
    ? fillTemplate(state.resultSelector, scopeOf(position, result, 'ResultSelector'))
    : result;
  const merged =
    state.resultPath === null ? position.frame.input : writePath(state.resultPath, position.frame.input, selected);
  return outputOf(state, position, merged);
}

/** What a Task's module is given, what a Parallel's branches begin with, what an older Map's items are chosen from. */
export function parametersOf(
  state: { readonly inputPath: Path | Query | null; readonly parameters: Template | undefined },
  position: Position,
): Json {
  const input = inputOf(state, position);
  return state.parameters ? fillTemplate(state.parameters, scopeOf(position, input, 'Parameters')) : input;
}

export function taskInput(state: TaskState, position: Position): TaskInput {
  const filled = parametersOf(state, position);
  const input = state.invoke ? (readPath(PAYLOAD, scopeOf(position, filled)) ?? {}) : filled;
  // As nearly every Task has it.
  if (state.timeoutSeconds === undefined && state.heartbeatSeconds === undefined) return { input };
  const scope = () => scopeOf(position, inputOf(state, position));
  const times = (['timeoutSeconds', 'heartbeatSeconds'] as const).flatMap((field) => {
    const seconds = state[field];
    if (seconds === undefined) return [];
    return [[field, typeof seconds === 'number' ? seconds : wholeSeconds(PATHS[field], 1, seconds, scope())] as const];
  });
  return { input, ...Object.fromEntries(times) };
}

const PATHS = { timeoutSeconds: 'TimeoutSecondsPath', heartbeatSeconds: 'HeartbeatSecondsPath' } as const;

/**
 * A Map's count: as it is written, or from its path.
 * @throws FlowFailure States.Runtime when it is no number from 0 to `most`.
 */
export function countOf(field: string, count: number | Path, position: Position, input: Json, most: number): number {
  if (typeof count === 'number') return count;
  const value = need(`${field}Path`, count, scopeOf(position, input));
  if (typeof value === 'number' && value >= 0 && value <= most) return value;
  throw new FlowFailure(RUNTIME, `${field}Path: ${count.text} is no number from 0 to ${most}`);
}

/**
 * The items of a Map.
 * @throws FlowFailure States.Runtime when its ItemsPath leads to no list.
 */
export function itemsOf(path: Path | Query, position: Position, input: Json): readonly Json[] {
  const value = need('ItemsPath', path, scopeOf(position, input));
  if (isList(value)) return value;
  throw new FlowFailure(RUNTIME, `ItemsPath: ${path.text} is no array but ${kindOf(value)}`);
}

const PAYLOAD: Path = { text: '$.Payload', root: 'input', steps: ['Payload'] };

/** When a Wait that is entered at `now` ends, in epoch ms. */
export function waitUntil(state: WaitState, position: Position, now: number): number {
  const scope = scopeOf(position, inputOf(state, position));
  if (state.until.kind === 'seconds') {
    const { seconds } = state.until;
    return now + 1000 * (typeof seconds === 'number' ? seconds : wholeSeconds('SecondsPath', 0, seconds, scope));
  }
  const { at } = state.until;
  if (typeof at === 'number') return at;
  const value = need('TimestampPath', at, scope);
  const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (time !== undefined) return time;
  throw new FlowFailure(RUNTIME, `TimestampPath: ${at.text} is no timestamp like 2026-04-23T14:30:00Z`);
}

function wholeSeconds(field: string, least: number, path: Path, scope: Scope): number {
  const value = need(field, path, scope);
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= MOST_SECONDS) return value;
  throw new FlowFailure(RUNTIME, `${field}: ${path.text} is no whole number from ${least} to ${MOST_SECONDS}`);
}

/** Error or Cause of a Fail state. */
export function failText(
  field: FailPath,
  value: string | Expression | undefined,
  position: Position,
): string | undefined {
  if (typeof value !== 'object') return value;
  const found = need(field, value, scopeOf(position, position.frame.input, field));
  if (typeof found !== 'string') throw new FlowFailure(RUNTIME, `${field}: ${value.text} is no string`);
  if (field === 'CausePath') return found;
  const flowInput = position.execution.input;
  const ground = { inputPath: WHOLE, flowInput };
  // A variable has no place that tells; an error's name in one is let pass, unless the ticket came with it.
  const isPrivate = (path: Path) =>
    path.root === 'variable' ? cameAsPersonal(found, flowInput) : isPersonal(found, path, ground);
  if (pathsOf(value).some(isPrivate)) {
    throw new FlowFailure(RUNTIME, `${field}: what stands at ${value.text} is personal, and no name of an error`);
  }
  if (ERROR_NAME.test(found)) return found;
  throw new FlowFailure(RUNTIME, `${field}: what stands at ${value.text} is no name of an error (${RULE})`);
}

type FailPath = 'ErrorPath' | 'CausePath';
/** Unlike a Cause, an error's name goes into histories, summaries and mails: free text from the input has no business there. */
const ERROR_NAME = /^[\w.:-]{1,100}$/;
const RULE = "letters, digits, '_', '.', ':' and '-', at most 100";

/** Of one that an expression in JSONata has made: it has no place that tells. @throws FlowFailure States.Runtime */
export function assertErrorName(error: string, { execution }: Position): void {
  if (cameAsPersonal(error, execution.input))
    throw new FlowFailure(RUNTIME, 'Error: what its expression made is personal, and no name of an error');
  if (!ERROR_NAME.test(error))
    throw new FlowFailure(RUNTIME, `Error: what its expression made is no name of an error (${RULE})`);
}
