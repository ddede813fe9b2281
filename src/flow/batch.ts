/** A Map that is too large for one history: its items run in batches, each a position of its own whose outputs are handed back. Pure. */
import type { Json } from '../domain/json.ts';
import { absorbBatch, type BranchingPhase, firstFrame, flowOfLine } from './branch.ts';
import type { BatchDone, Line, Position } from './position.ts';
import type { Flow, MapState } from './types.ts';
import { flowsWithin } from './walk.ts';

/** Each batch is to have about so many lines at once. */
const AT_ONCE = 10;
/** What the items of a batch begin with is handed over at once: so many characters of JSON, or one item. */
const MOST_CHARACTERS = 262_144;

/** The same phase in batches of `size` items. `MaxConcurrency` holds for all of them together. */
export function inBatches(phase: BranchingPhase, size: number): BranchingPhase {
  const most = Math.max(1, Math.floor(phase.most / AT_ONCE));
  return { ...phase, most, batch: { size, most: Math.floor(phase.most / most) } };
}

/** @throws FlowFailure where ItemSelector finds nothing */
export function beginBatch(state: MapState, position: Position, phase: BranchingPhase): Position {
  const { begun: from, count, batch, lines } = phase;
  const inputs: Json[] = [];
  let characters = 0;
  for (let index = from; index < Math.min(count, from + (batch?.size ?? 1)); index++) {
    const { input } = firstFrame(state, position, phase, index);
    characters += JSON.stringify(input).length;
    if (inputs.length > 0 && characters > MOST_CHARACTERS) break;
    inputs.push(input);
  }
  const to = from + inputs.length;
  const line = { ...firstFrame(state, position, phase, from), phase: { kind: 'delegated', to, inputs } } as const;
  return {
    ...position,
    frame: { ...position.frame, phase: { ...phase, begun: to, lines: { ...lines, [from]: line } } },
  };
}

/** Where the batch of this line begins: the position of the Map's own frame, with these items alone. Its flow: `flowAround` the Map. */
export function batchAt(flow: Flow, position: Position, line: Line): Position {
  let { frame } = position;
  let within = flow;
  for (const index of line.slice(0, -1)) {
    const { phase, state } = frame;
    const inner = phase.kind === 'branching' ? phase.lines[index] : undefined;
    const around = within.states.get(state);
    if (!inner || !around) throw new TypeError(`nothing is under way at ${line.join('.')}`);
    within = flowOfLine(around, index);
    frame = inner;
  }
  const { phase } = frame;
  const from = line.at(-1) ?? 0;
  const begun = phase.kind === 'branching' ? phase.lines[from]?.phase : undefined;
  if (phase.kind !== 'branching' || begun?.kind !== 'delegated')
    throw new TypeError(`no batch is at ${line.join('.')}`);
  const { attempt, maxAttempts, used, items = [], batch, tolerated } = phase;
  const { to, inputs } = begun;
  const { line: _, ...root } = frame;
  const { until: __, ...execution } = position.execution;
  return {
    execution,
    // As if each batch were an execution of its own: its items are many.
    transitions: 0,
    sinceEffect: 0,
    turnedAt: position.turnedAt,
    frame: {
      ...root,
      entries: {},
      input: null,
      phase: {
        kind: 'branching',
        attempt,
        maxAttempts,
        used,
        isBatch: true,
        offset: from,
        count: to,
        begun: from,
        lines: {},
        outputs: {},
        failures: 0,
        items: items.slice(from, to),
        selected: inputs,
        most: batch?.most ?? 1,
        ...(tolerated === undefined ? {} : { tolerated }),
      },
    },
  };
}

/** What a batch that is through hands back, as its output. */
export function batchDone({ outputs, failures, failure }: BranchingPhase): Json {
  const done: BatchDone = { outputs, failures, ...(failure ? { failure } : {}) };
  return done as unknown as Json;
}

/** The flow whose own state that is: the whole, a branch's or an item's. */
export function flowAround(flow: Flow, state: string): Flow | undefined {
  if (flow.states.has(state)) return flow;
  for (const one of flow.states.values()) {
    for (const inner of flowsWithin(one)) {
      const found = flowAround(inner, state);
      if (found) return found;
    }
  }
  return undefined;
}

/** The Map with what came of the batch that began with item `from`. */
export function takeBatch(position: Position, from: number, done: BatchDone): Position {
  const { phase } = position.frame;
  if (phase.kind !== 'branching') throw new TypeError(`${position.frame.state} has no lines`);
  return { ...position, frame: { ...position.frame, phase: absorbBatch(phase, from, done) } };
}
