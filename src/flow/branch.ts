/** Parallel and Map: lines within a state. Pure bookkeeping; `run.ts` runs the lines. */
import type { Json } from '../domain/json.ts';
import { EXCEED_TOLERATED_FAILURE_THRESHOLD } from './failure.ts';
import { countOf, inputOf, itemsOf, parametersOf, scopeOf } from './inout.ts';
import type { Path } from './path.ts';
import type { Attempt, BatchDone, Branching, Frame, Phase, Position } from './position.ts';
import { fillTemplate } from './template.ts';
import type { Flow, MapState, ParallelState, State } from './types.ts';

export type BranchingPhase = Extract<Phase, { kind: 'branching' }>;

/** AWS runs at most so many items of a Map at a time; here it also bounds what one workflow has in flight. */
const MOST_AT_ONCE = 40;

/** How many items may be under way at once (0: as many as there may be), and how many may fail. */
export interface Limits {
  readonly most: number;
  readonly count: number | undefined;
  readonly percentage: number | undefined;
}

/**
 * A Parallel or a Map before its first line.
 * @throws FlowFailure States.Runtime, States.ParameterPathFailure
 */
export function branching(state: ParallelState | MapState, position: Position, attempt: Attempt): BranchingPhase {
  if (state.type === 'Parallel') {
    return linesOf(state.branches.length, attempt, { given: parametersOf(state, position) });
  }
  const input = inputOf(state, position);
  const items = itemsOf(state.itemsPath, position, input);
  const whole = Number.MAX_SAFE_INTEGER;
  const count = (field: string, value: number | Path | undefined, most: number) =>
    value === undefined ? undefined : countOf(field, value, position, input, most);
  const limits: Limits = {
    most: countOf('MaxConcurrency', state.maxConcurrency, position, input, whole),
    count: count('ToleratedFailureCount', state.toleratedFailureCount, whole),
    percentage: count('ToleratedFailurePercentage', state.toleratedFailurePercentage, 100),
  };
  return linesOf(items.length, attempt, { items, limits });
}

/** `count` lines, none of them begun. */
export function linesOf(
  count: number,
  { attempt, maxAttempts, used }: Attempt,
  { limits, ...more }: Partial<Branching> & { readonly limits?: Limits },
): BranchingPhase {
  const none = { begun: 0, lines: {}, outputs: {}, failures: 0 };
  const bounds = limits ? { most: limits.most, ...toleratedBy(limits, count) } : { most: count };
  const phase = { kind: 'branching', attempt, maxAttempts, used, ...none, count, ...bounds, ...more } as const;
  return more.items ? { ...phase, most: Math.min(phase.most === 0 ? MOST_AT_ONCE : phase.most, MOST_AT_ONCE) } : phase;
}

/** How many items may fail: with both bounds the stricter one counts. */
function toleratedBy({ count, percentage }: Limits, items: number): { readonly tolerated?: number } {
  if (count === undefined && percentage === undefined) return {};
  return { tolerated: Math.min(count ?? items, Math.floor((items * (percentage ?? 100)) / 100)) };
}

export function flowOfLine(state: State, index: number): Flow {
  const flow = state.type === 'Parallel' ? state.branches[index] : state.type === 'Map' ? state.processor : undefined;
  if (flow) return flow;
  throw new TypeError(`${state.name} has no line ${index}`);
}

/** The frame that line `index` begins with. */
export function firstFrame(
  state: ParallelState | MapState,
  position: Position,
  phase: BranchingPhase,
  index: number,
): Frame {
  const { frame } = position;
  const { offset = 0 } = phase;
  const item = phase.items ? { index, value: phase.items[index - offset] ?? null } : frame.item;
  const base: Frame = {
    state: flowOfLine(state, index).startAt,
    entry: 0,
    entries: {},
    input: null,
    enteredAt: position.turnedAt,
    phase: { kind: 'ready' },
    line: [...(frame.line ?? []), index],
    within: `${frame.within ?? ''}${frame.state}#${frame.entry}[${index}]/`,
    ...(frame.variables ? { variables: frame.variables } : {}),
    ...(item ? { item } : {}),
  };
  return { ...base, input: lineInput(state, position, phase, base) };
}

function lineInput(state: ParallelState | MapState, position: Position, phase: BranchingPhase, line: Frame): Json {
  if (state.type === 'Parallel') return phase.given ?? null;
  if (phase.selected) return phase.selected[(line.item?.index ?? 0) - (phase.offset ?? 0)] ?? null;
  const value = line.item?.value ?? null;
  if (!state.itemSelector) return value;
  // The item's own place in $$ is what the selector is for.
  const inItem = line.item ? { ...position, frame: { ...position.frame, item: line.item } } : position;
  return fillTemplate(
    state.itemSelector,
    scopeOf(inItem, inputOf(state, position), `ItemSelector[${line.item?.index}]`),
  );
}

/** Whether another line may begin. */
export function mayBegin({ begun, count, lines, most, failure }: Branching): boolean {
  return failure === undefined && begun < count && Object.keys(lines).length < most;
}

/** Takes in where line `index` has come to. */
export function absorb(phase: BranchingPhase, index: number, frame: Frame): BranchingPhase {
  const { [index]: _, ...others } = phase.lines;
  const begun = Math.max(phase.begun, index + 1);
  const end = frame.phase;
  if (end.kind === 'succeeded') {
    return { ...phase, begun, lines: others, outputs: { ...phase.outputs, [index]: end.output } };
  }
  if (end.kind !== 'failed') return { ...phase, begun, lines: { ...others, [index]: frame } };
  const failures = phase.failures + 1;
  const failure = failureOf(phase, failures, { error: end.error, cause: end.cause });
  if (!failure) return { ...phase, begun, lines: others, failures };
  return { ...phase, begun, lines: {}, failures, failure };
}

/** Takes in what came of the batch that began with item `from`. */
export function absorbBatch(phase: BranchingPhase, from: number, done: BatchDone): BranchingPhase {
  const { [from]: _, ...lines } = phase.lines;
  const outputs = { ...phase.outputs, ...done.outputs };
  const failures = phase.failures + done.failures;
  const failure = failureOf(phase, failures, done.failure);
  return { ...phase, outputs, failures, ...(failure ? { lines: {}, failure } : { lines }) };
}

/** What so many failures are to the Map: the last one itself, where nothing says how many may fail. */
function failureOf(
  { tolerated, count }: Branching,
  failures: number,
  last: Branching['failure'] | undefined,
): Branching['failure'] | undefined {
  if (tolerated === undefined) return last;
  if (failures <= tolerated) return undefined;
  const cause = `${failures} of ${count} items failed; ${tolerated} may`;
  return { error: EXCEED_TOLERATED_FAILURE_THRESHOLD, cause };
}

/** The outputs in the order of the branches or items, without those that failed and were tolerated. */
export function outputsOf({ outputs, count }: Branching): Json[] {
  return Array.from({ length: count }, (_, index) => outputs[index]).filter((output) => output !== undefined);
}
