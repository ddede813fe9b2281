/**
 * The interpreter: a synchronous step function. `begin` and `proceed` run a flow up to its next effect; the driver does what the effect
 * says, and proceeds with what came of it. No clock and no chance of its own: both come with the call.
 */
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { batchDone, beginBatch, inBatches, takeBatch } from './batch.ts';
import { absorb, firstFrame, flowOfLine, mayBegin, outputsOf } from './branch.ts';
import { effectOf } from './effect.ts';
import { RUNTIME, TIMEOUT } from './failure.ts';
import { takeAnswer } from './jsonata.ts';
import { Entries, enter, failed, inPhase, leave, type Trail } from './leave.ts';
import type { Clock, FlowEvent, Line, Phase, Position, Turn } from './position.ts';
import { bound } from './size.ts';
import { failState, failWork, guarded, isWork, runState, startWork, stateAt, takeResult } from './step.ts';
import type { Flow, MapState, ParallelState, State } from './types.ts';

export type { Decision, Rejected } from './choose.ts';
export { effectOf } from './effect.ts';
export type { Clock, Effect, FlowEvent, Position, Turn } from './position.ts';

/**
 * A workflow that runs on without letting go holds up its worker: so many states, then the shortest timer. An effect counts as letting go
 * when the clock has moved on by it: within a workflow task time stands still, and a Wait for what has passed or a module that answers at
 * once may well stay within it.
 */
export const STATES_PER_YIELD = 500;
/** More moves than this are a loop that nobody meant (AWS stops an execution at 25,000 events). */
export const MOST_TRANSITIONS = 25_000;

/** An execution without a name of its own is named by its id. */
export function begin(
  flow: Flow,
  input: Json,
  clock: Clock & { readonly executionId: string; readonly executionName?: string },
): Turn {
  const { executionId: id, executionName: name = id } = clock;
  const until = flow.timeoutSeconds === undefined ? {} : { until: clock.now + 1000 * flow.timeoutSeconds };
  const start: Position = {
    execution: { id, name, flow: flow.name, startedAt: clock.now, input, ...until },
    transitions: -1,
    sinceEffect: 0,
    turnedAt: clock.now,
    frame: { state: flow.startAt, entry: 0, entries: {}, input, enteredAt: clock.now, phase: { kind: 'ready' } },
  };
  return turnOf(flow, start, clock, (position, trail) => enter(position, flow.startAt, input, trail));
}

/**
 * Goes on from `position` with what came of its effect, or of one of its lines' effects.
 * @throws StewardError UnlawfulTransition when the position doesn't wait for such an event.
 */
export function proceed(flow: Flow, position: Position, event: FlowEvent, clock: Clock): Turn {
  const moved = clock.now > position.turnedAt;
  const from = { ...position, sinceEffect: moved ? 0 : position.sinceEffect, turnedAt: clock.now };
  return turnOf(flow, from, clock, (at, trail) => {
    if (event.kind === 'timedOut') return timeOut(flow, at, trail);
    return event.line ? reactIn(flow, at, event, event.line, trail) : react(flow, stateAt(flow, at), at, event, trail);
  });
}

/** Goes on where a position stands, without anything having come of it: where a batch of items begins. */
export function resume(flow: Flow, position: Position, clock: Clock): Turn {
  return turnOf(flow, { ...position, turnedAt: clock.now }, clock, (at) => at);
}

type Act = (position: Position, trail: Trail) => Position;

function turnOf(flow: Flow, from: Position, clock: Clock, act: Act): Turn {
  const decisions: Turn['decisions'] = [];
  const position = inFrame(flow, from, { clock, decisions }, act);
  return { position, effect: effectOf(flow, position), decisions };
}

/** Runs a frame from what `act` makes of it to its next effects. */
function inFrame(flow: Flow, from: Position, turn: Omit<Trail, 'entries'>, act: Act): Position {
  const entries = new Entries(from.frame.entries);
  const trail = { clock: turn.clock, decisions: turn.decisions, entries };
  const position = advance(flow, act(from, trail), trail);
  const all = entries.all();
  return position.frame.entries === all ? position : { ...position, frame: { ...position.frame, entries: all } };
}

function advance(flow: Flow, from: Position, trail: Trail): Position {
  let position = from;
  for (;;) {
    const { phase } = position.frame;
    if (phase.kind === 'branching') {
      const settled = branchOn(flow, position, trail);
      if (settled.frame.phase.kind === 'branching') return settled;
      position = settled;
    } else if (phase.kind === 'ready') {
      position = runReady(flow, position, trail);
    } else {
      return position;
    }
  }
}

function runReady(flow: Flow, position: Position, trail: Trail): Position {
  if (position.transitions > MOST_TRANSITIONS) {
    const cause = `more than ${MOST_TRANSITIONS} moves from state to state: the flow runs in a circle`;
    return failed(position, RUNTIME, cause, trail);
  }
  if (position.sinceEffect >= STATES_PER_YIELD) {
    return inPhase(position, { kind: 'yielding', until: trail.clock.now + 1 });
  }
  const passed = runState(stateAt(flow, position), position, trail);
  return { ...passed, sinceEffect: position.sinceEffect + 1 };
}

/** Begins as many lines as may be under way, and leaves the state when all are through or one too many has failed. */
function branchOn(flow: Flow, from: Position, trail: Trail): Position {
  const state = stateAt(flow, from);
  if (state.type !== 'Parallel' && state.type !== 'Map') throw new TypeError(`${state.name} has no lines`);
  const position = beginLines(state, batched(state, from, trail), trail);
  const { phase } = position.frame;
  if (phase.kind !== 'branching') return position;
  const isThrough = phase.begun >= phase.count && Object.keys(phase.lines).length === 0;
  if (phase.isBatch) {
    return phase.failure || isThrough ? inPhase(position, { kind: 'succeeded', output: batchDone(phase) }) : position;
  }
  if (phase.failure) return failWork(state, position, phase.failure, trail);
  if (!isThrough) return position;
  return takeResult(state, position, outputsOf(phase), trail);
}

/** Whether a Map runs its items in batches is settled before the first of them begins. */
function batched(state: State, position: Position, { clock }: Trail): Position {
  const { phase } = position.frame;
  if (state.type !== 'Map' || phase.kind !== 'branching' || phase.begun > 0 || phase.batch || phase.isBatch) {
    return position;
  }
  const size = clock.batch?.(state, phase.count);
  return size === undefined ? position : inPhase(position, inBatches(phase, size));
}

function beginLines(state: ParallelState | MapState, from: Position, trail: Trail): Position {
  let position = from;
  for (;;) {
    const { phase } = position.frame;
    if (phase.kind !== 'branching' || !mayBegin(phase)) return position;
    const index = phase.begun;
    position = guarded(state, position, trail, () => {
      if (phase.batch && state.type === 'Map') return beginBatch(state, position, phase);
      const frame = firstFrame(state, position, phase, index);
      bound(frame.input, state.name, trail.clock);
      return runLine(state, position, index, frame, trail, (at, inner) => enter(at, frame.state, frame.input, inner));
    });
  }
}

/** Runs one line on, and takes in where it has come to. */
function runLine(
  state: State,
  position: Position,
  index: number,
  frame: Position['frame'],
  trail: Trail,
  act: Act,
): Position {
  const ran = inFrame(flowOfLine(state, index), { ...position, frame }, trail, act);
  const { phase } = position.frame;
  if (phase.kind !== 'branching') throw new TypeError(`${state.name} has no lines`);
  return { ...ran, frame: { ...position.frame, phase: absorb(phase, index, ran.frame) } };
}

/** An event of a line is its frame's; the frames around take in what comes of it. */
function reactIn(flow: Flow, position: Position, event: FlowEvent, line: Line, trail: Trail): Position {
  const [index, ...rest] = line;
  const state = stateAt(flow, position);
  if (index === undefined) return react(flow, state, position, event, trail);
  const { phase } = position.frame;
  const frame = phase.kind === 'branching' ? phase.lines[index] : undefined;
  if (!frame) throw unlawful(position, event);
  if (frame.phase.kind === 'delegated') {
    if (event.kind !== 'batched') throw unlawful({ ...position, frame }, event);
    trail.decisions.push(...(event.decisions ?? []));
    return takeBatch(position, index, event.done);
  }
  return runLine(state, position, index, frame, trail, (at, inner) => {
    return reactIn(flowOfLine(state, index), at, event, rest, inner);
  });
}

/** Nothing catches it: the flow's own time is over, as on AWS. */
function timeOut(flow: Flow, position: Position, trail: Trail): Position {
  const cause = `the flow's TimeoutSeconds (${flow.timeoutSeconds ?? 0}) are over`;
  return failed(position, TIMEOUT, cause, trail);
}

function react(flow: Flow, state: State, position: Position, event: FlowEvent, trail: Trail): Position {
  const { phase } = position.frame;
  switch (event.kind) {
    case 'result':
      if (phase.kind !== 'tasking' || state.type !== 'Task') throw unlawful(position, event);
      return takeResult(state, position, event.output, trail);
    case 'error':
      if (phase.kind === 'evaluating') return failState(state, position, event, trail);
      if (phase.kind !== 'tasking' || state.type !== 'Task') throw unlawful(position, event);
      return failWork(state, position, event, trail);
    case 'evaluated':
      if (phase.kind !== 'evaluating') throw unlawful(position, event);
      return guarded(state, position, trail, () => takeAnswer(state, position, event.answer, trail));
    case 'elapsed':
      return elapse(state, position, event, trail);
    case 'timedOut':
    case 'batched':
      throw unlawful(position, event);
    case 'retry':
    case 'fix':
      if (phase.kind !== 'failed') throw unlawful(position, event);
      return again(flow, position, event.kind === 'fix' ? event.input : position.frame.input);
    case 'skip':
      if (phase.kind !== 'failed') throw unlawful(position, event);
      return skip(state, { ...position, execution: inTime(flow, position), transitions: 0 }, event.result, trail);
  }
}

function elapse(state: State, position: Position, event: FlowEvent, trail: Trail): Position {
  const { phase } = position.frame;
  if (phase.kind === 'yielding') return inPhase({ ...position, sinceEffect: 0 }, { kind: 'ready' });
  if (phase.kind === 'backingOff') {
    const { attempt, maxAttempts, used } = phase;
    if (!isWork(state)) throw unlawful(position, event);
    return guarded(state, position, trail, () => startWork(state, position, { attempt, maxAttempts, used }, trail));
  }
  if (phase.kind !== 'waiting') throw unlawful(position, event);
  return runState(state, position, trail);
}

/** An operator sends the state in again. A person has looked, so the count of moves begins anew; the entry stays the same occasion. */
function again(flow: Flow, position: Position, input: Json): Position {
  const frame = { ...position.frame, input, phase: { kind: 'ready' } as const };
  return { ...position, execution: inTime(flow, position), transitions: 0, frame };
}

/** The flow's time begins anew as well, else it would be over before the state is asked. */
function inTime({ timeoutSeconds }: Flow, { execution, turnedAt }: Position): Position['execution'] {
  return timeoutSeconds === undefined ? execution : { ...execution, until: turnedAt + 1000 * timeoutSeconds };
}

function skip(state: State, position: Position, result: Json, trail: Trail): Position {
  if (isWork(state)) return takeResult(state, position, result, trail);
  const next = state.type === 'Choice' ? state.default : 'next' in state ? state.next : undefined;
  return guarded(state, position, trail, () => leave(position, next, result, undefined, trail));
}

const AWAITED: Readonly<Record<Phase['kind'], string>> = {
  ready: 'nothing',
  yielding: 'elapsed',
  tasking: 'result or error',
  backingOff: 'elapsed',
  evaluating: 'evaluated or error',
  branching: 'an event of one of its lines',
  delegated: 'batched',
  waiting: 'elapsed',
  failed: 'retry, fix or skip',
  succeeded: 'nothing: the flow has ended',
};

function unlawful({ frame }: Position, event: FlowEvent): StewardError {
  const awaited = AWAITED[frame.phase.kind];
  return new StewardError('UnlawfulTransition', `${frame.state} can't take '${event.kind}'; it waits for ${awaited}`);
}
