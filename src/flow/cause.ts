import { executionMode } from './execution.ts';
import type { Flow, State } from './types.ts';
import { allStates, flowsWithin } from './walk.ts';

/**
 * May the cause of this state's failure say what customers wrote? A Fail takes it from the flow's data; another flow, and whoever has a
 * token, from theirs; and what is within a Parallel or a Map fails it with its own.
 */
export function isCausePrivate(flow: Flow, name: string): boolean {
  const state = flow.states.get(name);
  return state !== undefined && [state, ...flowsWithin(state).flatMap(allStates)].some(takesCause);
}

function takesCause(state: State): boolean {
  if (state.type === 'Task') return state.awaitsToken || executionMode(state.resource) !== undefined;
  if (state.type !== 'Fail') return false;
  const written = state.jsonata?.Cause;
  return typeof state.cause === 'object' || (typeof written === 'string' && written.includes('{%'));
}
