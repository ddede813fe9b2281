/** A batch of a Map's items as a workflow of its own: started, waited for, and cancelled where nobody needs it any more. */
import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  ParentClosePolicy,
  startChild,
  TerminatedFailure,
  TimeoutFailure,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { flowWorkflowId, type HeldMessage, ITEMS_WORKFLOW, type ItemsArgs, type ItemsDone } from '../contract-flow.ts';
import { batchAt } from '../flow/batch.ts';
import { TASK_FAILED } from '../flow/failure.ts';
import { isLarge, LARGE } from '../flow/large.ts';
import type { FlowEvent, ItemsEffect, Position } from '../flow/position.ts';
import type { Flow, MapState } from '../flow/types.ts';
import { own } from './activities.ts';
import { isSince } from './changes.ts';
import type { Outcome } from './drive-flow.ts';
import { condition } from './rest.ts';

/** For whom a batch runs. */
export interface BatchHost extends Omit<ItemsArgs, 'position' | 'map'> {
  /** Takes over what its items were to tell and is held back; missing where they tell nobody anything. */
  readonly hold?: (message: HeldMessage) => void;
  readonly whole: Flow;
  readonly position: Position;
  /** Ids of those that are under way. */
  readonly parts: Set<string>;
  /** Nobody needs it any more. */
  readonly isOver: () => boolean;
}

/** Of how many items a batch of such a Map is; undefined: its items run where it does. Flows that had begun it earlier go on as they did. */
export function batchOf(state: MapState, count: number): number | undefined {
  return isLarge(state, count) && isSince('item-batches') ? LARGE.inBatch : undefined;
}

export async function runBatch(effect: ItemsEffect, host: BatchHost): Promise<Outcome> {
  const { whole, position, parts, isOver, hold, ...said } = host;
  const workflowId = flowWorkflowId(`items-${uuid4()}`);
  const args: ItemsArgs = { ...said, map: effect.state, position: batchAt(whole, position, effect.line ?? []) };
  await own.nameItems({ parentId: workflowInfo().workflowId, workflowId });
  // Apart, so that it can be cancelled where its parent is not.
  const scope = new CancellationScope({ cancellable: true });
  const child = await scope.run(() =>
    startChild(ITEMS_WORKFLOW, {
      workflowId,
      args: [args],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: `${effect.state}: items ${effect.from} to ${effect.to - 1}`,
    }),
  );
  parts.add(workflowId);
  let event: FlowEvent | undefined;
  const ended = eventOf(effect, child.result() as Promise<ItemsDone>, hold).then((came) => {
    event = came;
    parts.delete(workflowId);
  });
  await condition(() => event !== undefined || isOver());
  if (event !== undefined) return event;
  scope.cancel();
  await ended;
  return 'overtaken';
}

/** @throws the error itself where it is none of a workflow that has ended: a bug of ours, which must fail the workflow task. */
async function eventOf(
  { from, to }: ItemsEffect,
  result: Promise<ItemsDone>,
  hold: BatchHost['hold'],
): Promise<FlowEvent> {
  const failed = (why: string): FlowEvent => {
    const failure = { error: TASK_FAILED, cause: `the workflow of its items ${from} to ${to - 1} ${why}` };
    return { kind: 'batched', done: { outputs: {}, failures: to - from, failure } };
  };
  try {
    const { done, held = [], ...more } = await result;
    for (const message of held) hold?.(message);
    return done === null ? failed(CANCELLED) : { kind: 'batched', done, ...more };
  } catch (error) {
    const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
    const why = ENDS.find(([type]) => cause instanceof type)?.[1];
    if (why === undefined) throw error;
    return failed(why);
  }
}

const CANCELLED = 'was cancelled';
const ENDS = [
  [TerminatedFailure, 'was terminated'],
  [CancelledFailure, CANCELLED],
  [TimeoutFailure, 'took too long'],
] as const;
