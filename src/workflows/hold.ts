/** When what a Parallel or a Map has under way makes room for a new run of its workflow. */
import { workflowInfo } from '@temporalio/workflow';
import type { Outcome } from './drive-flow.ts';

export function isSuggested(): boolean {
  return workflowInfo().continueAsNewSuggested;
}

export interface Hold {
  /** Within lines nothing more is to begin: once what is under way has ended, a new run goes on. */
  readonly isHeld: () => boolean;
  /** Counts another flow, or a batch of items, that is waited for, from its start to its end. */
  counting<C extends Promise<Outcome> | undefined>(call: C): C;
  /** No new run came of it: the lines go on until the history is longer by a quarter. Only while nothing is under way. */
  lift(): void;
}

/** Temporal ends a workflow at more than ten times the length at which it suggests a new run. */
const FAR_TOO_LONG = 4;

/** A flow that another one waits for may take long, and can't be handed on: lines beside it are held up for its sake only when the history gets far too long. */
export function createHold(): Hold {
  let children = 0;
  let suggestedAt: number | undefined;
  let heldFrom = 0;
  return {
    isHeld() {
      if (!isSuggested()) return false;
      const { historyLength } = workflowInfo();
      suggestedAt ??= historyLength;
      return historyLength >= heldFrom && (children === 0 || historyLength > FAR_TOO_LONG * suggestedAt);
    },
    counting(call) {
      if (call === undefined) return call;
      children += 1;
      return call.finally(() => {
        children -= 1;
      }) as typeof call;
    },
    lift() {
      heldFrom = workflowInfo().historyLength * 1.25;
    },
  };
}
