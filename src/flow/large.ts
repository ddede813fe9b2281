/** Which Maps are too large for one history, and what of them can run elsewhere. */
import { bindModule } from './bind.ts';
import { executionMode } from './execution.ts';
import type { MapState } from './types.ts';
import { allStates } from './walk.ts';

/**
 * Temporal suggests a new run at 4,096 events and ends one at 51,200. An item with one call of another system was measured to leave 4 (many at
 * once) to 6 of them: 200 items of four such steps come near the first. A batch of 100 stays well below it, and leaves 6 or 7 in its Map's own
 * history.
 */
export const LARGE = { items: 200, inBatch: 100 } as const;

/** Does a Map with so many items leave more in a history than the history should have? What takes no effect leaves nothing in it. */
export function isLarge({ processor }: MapState, count: number): boolean {
  if (count <= LARGE.items) return false;
  return allStates(processor).some(({ type, jsonata }) => type === 'Task' || type === 'Wait' || jsonata !== undefined);
}

/** Do its items need nothing but what a flow without a ticket has? `modules`: all there are; `free`: those that need no ticket. */
export function runsAlone({ processor }: MapState, modules: readonly string[], free: readonly string[]): boolean {
  return allStates(processor).every((state) => {
    if (state.type !== 'Task' || executionMode(state.resource) !== undefined) return true;
    const module = bindModule(state.name, state.resource, modules);
    return module !== undefined && free.includes(module);
  });
}
