import type { Json } from '../domain/json.ts';
import { contextOf } from './context.ts';
import { type Expression, evaluate, pathsOf } from './expression.ts';
import { FlowFailure, RUNTIME } from './failure.ts';
import { type Path, readPath, type Scope, WHOLE, writePath } from './path.ts';
import type { Position } from './position.ts';
import type { Query } from './query.ts';
import { isPersonal } from './record.ts';
import { fillTemplate, type Template } from './template.ts';
import { parseTimestamp } from './timestamp.ts';
import type { TaskState, WaitState } from './types.ts';

/** The longest Wait or time-out that AWS allows, in s (about three years). */
export const MOST_SECONDS = 99_999_999;

/**
 * Reads `frame.input` (or another value in its place) and the context object `$$`. `field`: whose functions of chance draw; the same field
 * of the same entry draws the same whenever it is asked, so a Task's repeats and a run that goes on elsewhere have the same input.
 */
export function scopeOf(position: Position, input: Json = position.frame.input, field = ''): Scope {
  const { execution, frame } = position;
  let drawn = 0;
  const draw = () => JSON.stringify([execution.id, execution.startedAt, frame.state, frame.entry, field, drawn++]);
  return { input, context: () => contextOf(position), draw };
}

/** @throws FlowFailure States.Runtime when there is nothing at the path. */
function need(field: string, path: Expression, scope: Scope): Json {
  const value = evaluate(path, scope);
  if (value === undefined) throw new FlowFailure(RUNTIME, `${field}: there is nothing at ${path.text}`);
  return value;
}

/** What the state works on: its raw input through InputPath. */
export function inputOf(state: { readonly inputPath: Path | Query | null }, position: Position): Json {
  return state.inputPath === null ? {} : need('InputPath', state.inputPath, scopeOf(position));
}

export function outputOf(state: { readonly outputPath: Path | Query | null }, position: Position, output: Json): Json {
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

export function taskInput(state: TaskState, position: Position): { input: Json; timeoutSeconds?: number } {
  const scope = scopeOf(position, inputOf(state, position), 'Parameters');
  const filled = state.parameters ? fillTemplate(state.parameters, scope) : scope.input;
  const input = state.invoke ? (readPath(PAYLOAD, scopeOf(position, filled)) ?? {}) : filled;
  const seconds = state.timeoutSeconds;
  if (seconds === undefined) return { input };
  if (typeof seconds === 'number') return { input, timeoutSeconds: seconds };
  return { input, timeoutSeconds: wholeSeconds('TimeoutSecondsPath', 1, seconds, scope) };
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
  const ground = { inputPath: WHOLE, flowInput: position.execution.input };
  if (pathsOf(value).some((path) => isPersonal(found, path, ground))) {
    throw new FlowFailure(RUNTIME, `${field}: what stands at ${value.text} is personal, and no name of an error`);
  }
  if (ERROR_NAME.test(found)) return found;
  const rule = "letters, digits, '_', '.', ':' and '-', at most 100";
  throw new FlowFailure(RUNTIME, `${field}: what stands at ${value.text} is no name of an error (${rule})`);
}

type FailPath = 'ErrorPath' | 'CausePath';
/** Unlike a Cause, an error's name goes into histories, summaries and mails: free text from the input has no business there. */
const ERROR_NAME = /^[\w.:-]{1,100}$/;
