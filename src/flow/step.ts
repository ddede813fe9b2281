import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { choose, type Decision } from './choose.ts';
import { FlowFailure } from './failure.ts';
import { failText, inputOf, outputOf, resultOutput, scopeOf, taskInput, waitUntil } from './inout.ts';
import { writePath } from './path.ts';
import type { Clock, Phase, Position } from './position.ts';
import { catcherOf, firstAttempt, nextAttempt } from './retry.ts';
import { fillTemplate } from './template.ts';
import type { Flow, State, TaskState } from './types.ts';

/** What one turn goes by and leaves behind. */
export interface Trail {
  readonly clock: Clock;
  readonly decisions: Decision[];
  /** The frame's entries, kept as a map for the length of the turn: a copy at every move would cost states times moves. */
  readonly entries: Map<string, number>;
}

export function stateAt(flow: Flow, position: Position): State {
  const state = flow.states.get(position.frame.state);
  if (state) return state;
  const message = `flow ${flow.name} has no state ${position.frame.state}: the position is another flow's`;
  throw new StewardError('InvalidFlow', message);
}

export function inPhase(position: Position, phase: Phase): Position {
  return { ...position, frame: { ...position.frame, phase } };
}

export function enter(position: Position, name: string, input: Json, { clock, entries }: Trail): Position {
  const entry = (entries.get(name) ?? 0) + 1;
  entries.set(name, entry);
  const frame = {
    ...position.frame,
    state: name,
    entry,
    input,
    enteredAt: clock.now,
    phase: { kind: 'ready' } as const,
  };
  return { ...position, transitions: position.transitions + 1, frame };
}

/** To the next state, or to the end where there is none. */
export function move(position: Position, next: string | undefined, output: Json, trail: Trail): Position {
  return next === undefined ? inPhase(position, { kind: 'succeeded', output }) : enter(position, next, output, trail);
}

/** Runs the state the position stands at: to the next one, or to where it must wait for the driver. */
export function runState(state: State, position: Position, trail: Trail): Position {
  try {
    return attemptState(state, position, trail);
  } catch (failure) {
    if (!(failure instanceof FlowFailure)) throw failure;
    const { error, message: cause } = failure;
    // Data that a path can't find will not be found a second later.
    if (state.type === 'Task') return failTask(state, position, { error, cause, retryable: false }, trail);
    return inPhase(position, { kind: 'failed', error, cause });
  }
}

function attemptState(state: State, position: Position, trail: Trail): Position {
  const { now } = trail.clock;
  switch (state.type) {
    case 'Task': {
      const tasking = inPhase(position, { kind: 'tasking', ...firstAttempt(state) });
      taskInput(state, tasking);
      return tasking;
    }
    case 'Choice': {
      const input = inputOf(state, position);
      const decision = choose(state, position.frame.entry, scopeOf(position, input), position.execution.input);
      const output = outputOf(state, position, input);
      trail.decisions.push(decision);
      return enter(position, decision.next, output, trail);
    }
    case 'Pass': {
      const input = inputOf(state, position);
      const filled = state.parameters ? fillTemplate(state.parameters, scopeOf(position, input, 'Parameters')) : input;
      return move(
        position,
        state.next,
        resultOutput(state, position, state.result === undefined ? filled : state.result),
        trail,
      );
    }
    case 'Wait': {
      if (position.frame.phase.kind !== 'waiting') {
        return inPhase(position, { kind: 'waiting', until: waitUntil(state, position, now) });
      }
      return move(position, state.next, outputOf(state, position, inputOf(state, position)), trail);
    }
    case 'Succeed':
      return inPhase(position, { kind: 'succeeded', output: outputOf(state, position, inputOf(state, position)) });
    case 'Fail': {
      const error = failText('ErrorPath', state.error, position) ?? 'Failed';
      return inPhase(position, { kind: 'failed', error, cause: failText('CausePath', state.cause, position) ?? '' });
    }
  }
}

/** A Task's error: Retry first, then Catch, else the state has failed. */
export function failTask(
  state: TaskState,
  position: Position,
  failure: { error: string; cause: string; retryable?: boolean; retryAfterMs?: number; counts?: boolean },
  trail: Trail,
): Position {
  const { phase } = position.frame;
  const { error, cause } = failure;
  const retryAfterMs = failure.retryAfterMs ?? 0;
  const { now, random } = trail.clock;
  if (phase.kind === 'tasking' && failure.retryable !== false) {
    if (failure.counts === false) {
      if (retryAfterMs <= 0) return position;
      return inPhase(position, { ...phase, kind: 'backingOff', until: now + retryAfterMs, error });
    }
    const next = nextAttempt(state, phase, error, random);
    if (next) {
      const until = now + Math.max(next.delayMs, retryAfterMs);
      return inPhase(position, { kind: 'backingOff', until, error, ...next.attempt });
    }
  }
  const catcher = catcherOf(state, error);
  if (!catcher) return inPhase(position, { kind: 'failed', error, cause });
  return catchFailure(position, catcher, { Error: error, Cause: cause }, trail);
}

function catchFailure(
  position: Position,
  catcher: TaskState['catch'][number],
  output: { readonly Error: string; readonly Cause: string },
  trail: Trail,
): Position {
  const { input } = position.frame;
  try {
    const merged = catcher.resultPath === null ? input : writePath(catcher.resultPath, input, output);
    return enter(position, catcher.next, merged, trail);
  } catch (failure) {
    if (!(failure instanceof FlowFailure)) throw failure;
    return inPhase(position, { kind: 'failed', error: failure.error, cause: failure.message });
  }
}
