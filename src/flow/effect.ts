import { flowOfLine } from './branch.ts';
import { taskInput } from './inout.ts';
import type { Effect, Frame, LineEffect, Occasion, Position } from './position.ts';
import { stateAt } from './step.ts';
import type { Flow } from './types.ts';

/** The effect that a position waits for; also what a run that was continued elsewhere has to take up. */
export function effectOf(flow: Flow, position: Position): Effect {
  const { frame } = position;
  const { phase } = frame;
  const at = occasionOf(frame);
  switch (phase.kind) {
    case 'succeeded':
      return { kind: 'succeeded', output: phase.output };
    case 'failed':
      return { kind: 'failed', ...at, error: phase.error, cause: phase.cause, input: frame.input };
    case 'waiting':
      return { kind: 'wait', ...at, until: phase.until, why: 'wait' };
    case 'yielding':
      return { kind: 'wait', ...at, until: phase.until, why: 'yield' };
    case 'backingOff': {
      const { until, attempt, maxAttempts, error } = phase;
      return { kind: 'wait', ...at, until, why: 'retry', attempt, maxAttempts, error };
    }
    case 'evaluating':
      return { kind: 'evaluate', ...at, evaluation: phase.evaluation };
    case 'branching':
      return { kind: 'lines', ...at, effects: lineEffects(flow, position) };
    case 'tasking': {
      const state = stateAt(flow, position);
      if (state.type !== 'Task') throw new TypeError(`${frame.state} is no Task`);
      const { attempt, maxAttempts, token, given = taskInput(state, position) } = phase;
      const task = { attempt, maxAttempts, resource: state.resource, ...given };
      return { kind: 'task', ...at, ...task, ...(token === undefined ? {} : { token }) };
    }
    case 'delegated':
      throw new TypeError(`a batch of ${frame.state} is nothing without its Map`);
    case 'ready':
      throw new TypeError(`${frame.state} was not run yet`);
  }
}

function lineEffects(flow: Flow, position: Position): LineEffect[] {
  const { phase } = position.frame;
  if (phase.kind !== 'branching') return [];
  const state = stateAt(flow, position);
  return Object.entries(phase.lines).flatMap(([index, frame]): LineEffect[] => {
    const { phase } = frame;
    if (phase.kind === 'delegated') {
      const batch = { from: Number(index), to: phase.to, ...(frame.line ? { line: frame.line } : {}) };
      return [{ kind: 'items', ...occasionOf(position.frame), ...batch }];
    }
    const inner = flowOfLine(state, Number(index));
    const effect = effectOf(inner, { ...position, frame });
    if (effect.kind === 'lines') return [...effect.effects];
    return effect.kind === 'succeeded' || effect.kind === 'failed' ? [] : [effect];
  });
}

function occasionOf({ state, entry, line, within }: Frame): Occasion {
  return { state, entry, ...(line ? { line } : {}), ...(within === undefined ? {} : { within }) };
}
