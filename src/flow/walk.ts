import type { Flow, State } from './types.ts';

/** Every state of the definition, with those within Parallel and Map after the state they stand in. */
export function allStates(flow: Flow): State[] {
  return [...flow.states.values()].flatMap((state) => [state, ...flowsWithin(state).flatMap(allStates)]);
}

export function flowsWithin(state: State): readonly Flow[] {
  if (state.type === 'Parallel') return state.branches;
  return state.type === 'Map' ? [state.processor] : [];
}
