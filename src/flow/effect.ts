import { taskInput } from './inout.ts';
import type { Effect, Position } from './position.ts';
import { stateAt } from './step.ts';
import type { Flow } from './types.ts';

/** The effect that a position waits for; also what a run that was continued elsewhere has to take up. */
export function effectOf(flow: Flow, position: Position): Effect {
  const { frame } = position;
  const { phase } = frame;
  const at = { state: frame.state, entry: frame.entry };
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
    case 'tasking': {
      const state = stateAt(flow, position);
      if (state.type !== 'Task') throw new TypeError(`${frame.state} is no Task`);
      const { attempt, maxAttempts } = phase;
      return { kind: 'task', ...at, attempt, maxAttempts, resource: state.resource, ...taskInput(state, position) };
    }
    case 'ready':
      throw new TypeError(`${frame.state} was not run yet`);
  }
}
