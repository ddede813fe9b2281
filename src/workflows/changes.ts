import { patched } from '@temporalio/workflow';
import { CHANGES, type ChangeName } from '../domain/changes.ts';

/** How many of CHANGES there were when this workflow began. */
let known = 0;

/** `changes`: as its first step has said, or the run before kept it; undefined in workflows from before that was said. */
export function beganWith(changes: number | undefined): void {
  known = changes ?? 0;
}

/**
 * Does the workflow go by this change? Where its first step did not say so, `patched()` tells: not for sure after a local activity that
 * outlasted its workflow task, where a replay does not know the mark yet and the run fails with `TMPRL1100` (docs/architecture.md).
 */
export function isSince(name: ChangeName): boolean {
  return CHANGES.indexOf(name) < known || patched(name);
}
