/** The page both sides sign, as far as it is about runs of flows that belong to no ticket. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { TaskBeat, TaskFailed, TaskSucceeded } from './domain/flow-task.ts';
import type { Json, JsonObject } from './domain/json.ts';
import type { PinnedFlow } from './domain/plan.ts';
import type { Decision } from './flow/choose.ts';
import type { FlowWay } from './flow/passing.ts';
import type { BatchDone, Position } from './flow/position.ts';

/** A run of a flow. Its result is the flow's output; it fails with the flow's error as type and its cause as message. */
export const FLOW_WORKFLOW = 'runFlow';
const PREFIX = 'flow-';
export function flowWorkflowId(id: string): string {
  return `${PREFIX}${id}`;
}
/** Undefined: the workflow is no run of a flow. */
export function flowRunId(workflowId: string): string | undefined {
  return workflowId.startsWith(PREFIX) ? workflowId.slice(PREFIX.length) : undefined;
}

export interface FlowArgs {
  /** The flow's name: of its file in the directory of flows, without endings. */
  readonly flow: string;
  /** Missing: `{}`. At most 256 KiB as JSON. */
  readonly input?: Json;
  /** Whose data it is about, where the input itself does not say it (`customerId`, `customerEmail`, there or in `detail`). */
  readonly customerId?: string;
}

/** A batch of the items of a Map that is too large for one history. Started by the workflow that the Map is of, and by nobody else. */
export const ITEMS_WORKFLOW = 'runItems';
export interface ItemsArgs {
  readonly flow: PinnedFlow;
  readonly customerId: string | null;
  /** The workflow in whose name it calls others, and its first run. */
  readonly root: { readonly workflowId: string; readonly firstRunId: string };
  /** The Map's name. */
  readonly map: string;
  /** Where it stands, with the items of the batch; missing where a new run goes on. */
  readonly position?: Position;
  /** Is whoever has started it to be told of every Choice? */
  readonly tellsDecisions: boolean;
}
export interface ItemsDone {
  /** Null: it was cancelled. */
  readonly done: BatchDone | null;
  /** What its items were to tell, and is still held back. */
  readonly held?: readonly HeldMessage[];
  readonly decisions?: readonly Decision[];
}

/** A message of a run that waits, as it goes on with it: plain JSON. */
export interface HeldMessage {
  readonly id: string;
  readonly transport: 'ses' | 'slack' | 'pagerduty' | 'outbox';
  readonly recipient: { readonly kind: string; readonly id: string };
  /** Epoch ms. */
  readonly notBefore?: number | null | undefined;
  /** The Task's Parameters: its words stand there alone. */
  readonly request: Json;
  readonly lostAttemptMs: number;
  /** Epoch ms after which it is not tried again; missing until it has failed once. */
  readonly until?: number | undefined;
}

/** Where a run stands, in ids and labels. */
export interface FlowView {
  readonly id: string;
  readonly flow: string;
  readonly version: string;
  /** The state that it is at, with its entry: `Notify#1`. */
  readonly at: string | null;
  /** In words. */
  readonly waitingFor: string;
  /** Answers to its Tasks by signal that did not count: who signals can't be told. */
  readonly refused: number;
}
/** How it stands; of one that has ended, how it stood at its end. */
export const flowRun = defineQuery<FlowView>('flow');

/** The way that it has taken, with the flow as it is pinned. Of a run, and of a ticket. */
export const flowWay = defineQuery<FlowWay & { readonly definition: JsonObject }>('flowWay');

/** Ids of the workflows in which batches of its items are under way. Of a run, of such a batch, and of a ticket. */
export const flowParts = defineQuery<readonly string[]>('flowParts');

/** A Task that waits for whoever has its token. */
export interface WaitingTask {
  /** State and entry, within the states around it. */
  readonly step: string;
  readonly token: string;
  /** ISO 8601. */
  readonly since: string;
  /** When it was last heard of, where it was. */
  readonly beatAt: string | null;
}
/** Of a run, and of a ticket whose flow waits so. */
export const flowTasks = defineQuery<readonly WaitingTask[]>('flowTasks');

/** Rejected with `InvalidToken` (nobody waits by it here) or `TaskOver` (too late, or answered already). */
export const completeTask = defineUpdate<null, [TaskSucceeded]>('completeTask');
export const failTask = defineUpdate<null, [TaskFailed]>('failTask');
export const heartbeatTask = defineUpdate<null, [TaskBeat]>('heartbeatTask');
/** The same for who can't be told the outcome. */
export const taskCompleted = defineSignal<[TaskSucceeded]>('completeTask');
export const taskFailed = defineSignal<[TaskFailed]>('failTask');
export const taskAlive = defineSignal<[TaskBeat]>('heartbeatTask');
