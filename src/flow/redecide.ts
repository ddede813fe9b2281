import type { Json } from '../domain/json.ts';
import { choose, type Decision } from './choose.ts';
import { FlowFailure } from './failure.ts';
import type { Flow } from './types.ts';
import { allStates } from './walk.ts';

/** Which way the Choice of this name would go with another input; undefined: it is no Choice, or can't be asked with this input. */
export function redecide(flow: Flow, state: string, input: Json): Decision | undefined {
  const found = allStates(flow).find(({ name }) => name === state);
  // What is written in JSONata is not for us to evaluate.
  if (found?.type !== 'Choice' || found.jsonata) return undefined;
  try {
    // What rules may compare is the input alone: of the flow's own nothing is known here.
    return choose(found, { entry: 1 }, { input, context: () => ({}) }, input);
  } catch (error) {
    if (error instanceof FlowFailure) return undefined;
    throw error;
  }
}
