/**
 * The interpreter: a synchronous step function. `begin` and `proceed` run a flow up to its next effect; the driver does what the effect
 * says, and proceeds with what came of it. No clock and no chance of its own: both come with the call.
 */
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { effectOf } from './effect.ts';
import { FlowFailure, RUNTIME } from './failure.ts';
import { resultOutput } from './inout.ts';
import type { Clock, FlowEvent, Phase, Position, Turn } from './position.ts';
import { enter, failTask, inPhase, move, runState, stateAt, type Trail } from './step.ts';
import type { Flow, State } from './types.ts';

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
  const start: Position = {
    execution: { id, name, flow: flow.name, startedAt: clock.now, input },
    transitions: -1,
    sinceEffect: 0,
    turnedAt: clock.now,
    frame: { state: flow.startAt, entry: 0, entries: {}, input, enteredAt: clock.now, phase: { kind: 'ready' } },
  };
  const trail = trailFrom(start, clock);
  return advance(flow, enter(start, flow.startAt, input, trail), trail);
}

/**
 * Goes on from `position` with what came of its effect.
 * @throws StewardError UnlawfulTransition when the position doesn't wait for such an event.
 */
export function proceed(flow: Flow, position: Position, event: FlowEvent, clock: Clock): Turn {
  const trail = trailFrom(position, clock);
  const moved = clock.now > position.turnedAt;
  const from = { ...position, sinceEffect: moved ? 0 : position.sinceEffect, turnedAt: clock.now };
  return advance(flow, react(stateAt(flow, from), from, event, trail), trail);
}

function trailFrom(position: Position, clock: Clock): Trail {
  return { clock, decisions: [], entries: new Map(Object.entries(position.frame.entries)) };
}

function advance(flow: Flow, from: Position, trail: Trail): Turn {
  let position = from;
  while (position.frame.phase.kind === 'ready') {
    if (position.transitions > MOST_TRANSITIONS) {
      const cause = `more than ${MOST_TRANSITIONS} moves from state to state: the flow runs in a circle`;
      position = inPhase(position, { kind: 'failed', error: RUNTIME, cause });
    } else if (position.sinceEffect >= STATES_PER_YIELD) {
      position = inPhase(position, { kind: 'yielding', until: trail.clock.now + 1 });
    } else {
      const passed = runState(stateAt(flow, position), position, trail);
      position = { ...passed, sinceEffect: position.sinceEffect + 1 };
    }
  }
  const entries = Object.fromEntries(trail.entries);
  const still = { ...position, frame: { ...position.frame, entries } };
  return { position: still, effect: effectOf(flow, still), decisions: trail.decisions };
}

function react(state: State, position: Position, event: FlowEvent, trail: Trail): Position {
  const { phase } = position.frame;
  switch (event.kind) {
    case 'result':
      if (phase.kind !== 'tasking' || state.type !== 'Task') throw unlawful(position, event);
      return takeResult(state, position, event.output, trail);
    case 'error':
      if (phase.kind !== 'tasking' || state.type !== 'Task') throw unlawful(position, event);
      return failTask(state, position, event, trail);
    case 'elapsed':
      return elapse(state, position, event, trail);
    case 'retry':
    case 'fix':
      if (phase.kind !== 'failed') throw unlawful(position, event);
      return again(position, event.kind === 'fix' ? event.input : position.frame.input);
    case 'skip':
      if (phase.kind !== 'failed') throw unlawful(position, event);
      return skip(state, { ...position, transitions: 0 }, event.result, trail);
  }
}

function takeResult(state: State & { type: 'Task' }, position: Position, result: Json, trail: Trail): Position {
  try {
    const whole: Json = state.invoke ? { ExecutedVersion: '$LATEST', Payload: result, StatusCode: 200 } : result;
    return move(position, state.next, resultOutput(state, position, whole), trail);
  } catch (failure) {
    if (!(failure instanceof FlowFailure)) throw failure;
    // The Task did its work: doing it again would find the same result in the same wrong place.
    return failTask(state, position, { error: failure.error, cause: failure.message, retryable: false }, trail);
  }
}

function elapse(state: State, position: Position, event: FlowEvent, trail: Trail): Position {
  const { phase } = position.frame;
  if (phase.kind === 'yielding') return inPhase({ ...position, sinceEffect: 0 }, { kind: 'ready' });
  if (phase.kind === 'backingOff') {
    const { attempt, maxAttempts, used } = phase;
    return inPhase(position, { kind: 'tasking', attempt, maxAttempts, used });
  }
  if (phase.kind !== 'waiting') throw unlawful(position, event);
  return runState(state, position, trail);
}

/** An operator sends the state in again. A person has looked, so the count of moves begins anew; the entry stays the same occasion. */
function again(position: Position, input: Json): Position {
  return { ...position, transitions: 0, frame: { ...position.frame, input, phase: { kind: 'ready' } } };
}

function skip(state: State, position: Position, result: Json, trail: Trail): Position {
  if (state.type === 'Task') return takeResult(state, position, result, trail);
  const next = state.type === 'Choice' ? state.default : 'next' in state ? state.next : undefined;
  return move(position, next, result, trail);
}

const AWAITED: Readonly<Record<Phase['kind'], string>> = {
  ready: 'nothing',
  yielding: 'elapsed',
  tasking: 'result or error',
  backingOff: 'elapsed',
  waiting: 'elapsed',
  failed: 'retry, fix or skip',
  succeeded: 'nothing: the flow has ended',
};

function unlawful({ frame }: Position, event: FlowEvent): StewardError {
  const awaited = AWAITED[frame.phase.kind];
  return new StewardError('UnlawfulTransition', `${frame.state} can't take '${event.kind}'; it waits for ${awaited}`);
}
