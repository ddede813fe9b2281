import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { branching } from './branch.ts';
import { choose, pick } from './choose.ts';
import { FlowFailure, HEARTBEAT_TIMEOUT, TIMEOUT } from './failure.ts';
import { failText, inputOf, outputOf, resultOutput, scopeOf, taskInput, waitUntil } from './inout.ts';
import { beginJsonata, catchJsonata, leaveJsonata } from './jsonata.ts';
import { failed, inPhase, leave, type Trail } from './leave.ts';
import { writePath } from './path.ts';
import type { Attempt, Phase, Position } from './position.ts';
import { catcherOf, firstAttempt, nextAttempt } from './retry.ts';
import { bound } from './size.ts';
import { fillTemplate, type Template } from './template.ts';
import type { Catcher, Flow, State, WorkState } from './types.ts';
import { own } from './values.ts';

export function stateAt(flow: Flow, position: Position): State {
  const state = flow.states.get(position.frame.state);
  if (state) return state;
  const message = `flow ${flow.name} has no state ${position.frame.state}: the position is another flow's`;
  throw new StewardError('InvalidFlow', message);
}

/** What Assign sets. It sees the variables as they were, like every field of the state. */
function assigned(position: Position, assign: Template | undefined, input: Json): Json | undefined {
  return assign && fillTemplate(assign, scopeOf(position, input, 'Assign'));
}

/** Runs the state the position stands at: to the next one, or to where it must wait for the driver. */
export function runState(state: State, position: Position, trail: Trail): Position {
  return guarded(state, position, trail, () => attemptState(state, position, trail));
}

/** What goes wrong on the way is the state's failure, and no retry's: data that a path can't find will not be found a second later. */
export function guarded(state: State, position: Position, trail: Trail, act: () => Position): Position {
  try {
    return act();
  } catch (failure) {
    if (!(failure instanceof FlowFailure)) throw failure;
    return failState(state, position, { error: failure.error, cause: failure.message, retryable: false }, trail);
  }
}

export function failState(
  state: State,
  position: Position,
  failure: { error: string; cause: string; retryable?: boolean },
  trail: Trail,
): Position {
  return isWork(state)
    ? failWork(state, position, failure, trail)
    : failed(position, failure.error, failure.cause, trail);
}

function attemptState(state: State, position: Position, trail: Trail): Position {
  const { now } = trail.clock;
  if (isWork(state)) return startWork(state, position, firstAttempt(state), trail);
  if (state.jsonata) {
    if (state.type !== 'Wait' || position.frame.phase.kind !== 'waiting') return beginJsonata(state, position, trail);
    return leaveJsonata(position, state.jsonata, state.next, position.frame.input, {}, trail, state);
  }
  switch (state.type) {
    case 'Choice': {
      const input = inputOf(state, position);
      const scope = scopeOf(position, input);
      const decision = trail.clock.unrecorded
        ? undefined
        : choose(state, position.frame, scope, position.execution.input);
      const met = decision ? decision.rule : pick(state, scope);
      const rule = met === 'Default' ? undefined : state.choices[met];
      const output = outputOf(state, position, input);
      if (decision) trail.decisions.push(decision);
      const { assign } = rule ?? state;
      return leave(position, rule ? rule.next : state.default, output, assigned(position, assign, input), trail);
    }
    case 'Pass': {
      const input = inputOf(state, position);
      const filled = state.parameters ? fillTemplate(state.parameters, scopeOf(position, input, 'Parameters')) : input;
      const result = state.result === undefined ? filled : state.result;
      const output = resultOutput(state, position, result);
      return leave(position, state.next, output, assigned(position, state.assign, result), trail);
    }
    case 'Wait': {
      if (position.frame.phase.kind !== 'waiting') {
        return inPhase(position, { kind: 'waiting', until: waitUntil(state, position, now) });
      }
      const input = inputOf(state, position);
      return leave(
        position,
        state.next,
        outputOf(state, position, input),
        assigned(position, state.assign, input),
        trail,
      );
    }
    case 'Succeed':
      return leave(position, undefined, outputOf(state, position, inputOf(state, position)), undefined, trail);
    case 'Fail': {
      const error = failText('ErrorPath', state.error, position) ?? 'Failed';
      return failed(position, error, failText('CausePath', state.cause, position) ?? '', trail);
    }
  }
}

export function isWork(state: State): state is WorkState {
  return state.type === 'Task' || state.type === 'Parallel' || state.type === 'Map';
}

/** @throws FlowFailure when what it needs can't be found in its input. */
export function startWork(state: WorkState, position: Position, attempt: Attempt, trail: Trail): Position {
  const awaits = state.type === 'Task' && state.awaitsToken;
  const token = awaits ? { token: (trail.clock.token ?? asItIs)(placeOf(position, attempt), position.turnedAt) } : {};
  const tasking = inPhase(position, { kind: 'tasking', ...attempt, ...token });
  if (state.jsonata) return beginJsonata(state, tasking, trail, attempt);
  if (state.type !== 'Task') return inPhase(position, branching(state, position, attempt));
  bound(taskInput(state, tasking).input, state.name, trail.clock);
  return tasking;
}

/** Where nobody waits but a test or a trial, a token need not be secret. */
const asItIs = (place: string) => place;

function placeOf({ frame }: Position, { attempt }: Attempt): string {
  return `${frame.within ?? ''}${frame.state}#${frame.entry}.${attempt}`;
}

/** What a work state's result does: ResultSelector, ResultPath, OutputPath, Assign, and on. */
export function takeResult(state: WorkState, position: Position, result: Json, trail: Trail): Position {
  // The state did its work: doing it again would find the same result in the same wrong place.
  return guarded(state, position, trail, () => {
    // Of a Task with a token there is what whoever had it gave.
    const isWrapped =
      state.type === 'Task' && state.invoke && (!state.awaitsToken || trail.clock.isBefore?.('token-bare') === true);
    const whole: Json = isWrapped ? { ExecutedVersion: '$LATEST', Payload: result, StatusCode: 200 } : result;
    bound(whole, state.name, trail.clock);
    if (state.jsonata) return leaveJsonata(position, state.jsonata, state.next, whole, { result: whole }, trail, state);
    const output = resultOutput(state, position, whole);
    return leave(position, state.next, output, assigned(position, state.assign, whole), trail);
  });
}

/** A work state's error: Retry first, then Catch, else the state has failed. */
export function failWork(
  state: WorkState,
  position: Position,
  failure: { error: string; cause: string; retryable?: boolean; retryAfterMs?: number; counts?: boolean },
  trail: Trail,
): Position {
  const { phase } = position.frame;
  const { cause } = failure;
  // The wildcards and names of Retry and Catch see which time it was; the record says what AWS says.
  const error = failure.error === HEARTBEAT_TIMEOUT ? TIMEOUT : failure.error;
  const retryAfterMs = failure.retryAfterMs ?? 0;
  const { now, random } = trail.clock;
  const attempted = attemptIn(phase);
  if (attempted && failure.retryable !== false) {
    const { attempt, maxAttempts, used } = attempted;
    if (failure.counts === false) {
      if (retryAfterMs <= 0) return position;
      return inPhase(position, { kind: 'backingOff', attempt, maxAttempts, used, until: now + retryAfterMs, error });
    }
    const next = nextAttempt(state, attempted, failure.error, random);
    if (next) {
      const until = now + Math.max(next.delayMs, retryAfterMs);
      return inPhase(position, { kind: 'backingOff', until, error, ...next.attempt });
    }
  }
  const found = catcherOf(state, failure.error);
  const isAgain = found !== undefined && isCatching(phase) && !trail.clock.isBefore?.('catch-once');
  const catcher = isAgain ? undefined : found;
  if (!catcher) return failed(position, error, cause, trail);
  return catchFailure(state, position, catcher, { Error: error, Cause: cause }, trail);
}

/** The attempt that can be made again; none where the state's work is done and only what becomes of it went wrong. */
function attemptIn(phase: Phase): Attempt | undefined {
  if (phase.kind === 'tasking' || phase.kind === 'branching') return phase;
  if (phase.kind !== 'evaluating' || phase.then.step === 'leave') return undefined;
  const { attempt = 1, maxAttempts = 1, used = [] } = phase;
  return { attempt, maxAttempts, used };
}

/** Is it a catcher that evaluates? One that States.ALL sends in would catch itself for ever. */
function isCatching(phase: Phase): boolean {
  if (phase.kind !== 'evaluating' || phase.then.step !== 'leave') return false;
  return own(phase.evaluation.states, 'errorOutput') !== undefined;
}

function catchFailure(
  state: WorkState,
  position: Position,
  catcher: Catcher,
  output: { readonly Error: string; readonly Cause: string },
  trail: Trail,
): Position {
  const { input } = position.frame;
  try {
    if (catcher.jsonata) return catchJsonata(state, position, catcher, { ...output }, trail);
    const merged = catcher.resultPath === null ? input : writePath(catcher.resultPath, input, output);
    return leave(position, catcher.next, merged, assigned(position, catcher.assign, output), trail);
  } catch (failure) {
    if (!(failure instanceof FlowFailure)) throw failure;
    return failed(position, failure.error, failure.message, trail);
  }
}
