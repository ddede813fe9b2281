/** The page both sides sign, as far as it is about runs of flows that belong to no ticket. */
import { defineQuery } from '@temporalio/workflow';
import type { Json } from './domain/json.ts';

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

/** Where a run stands, in ids and labels. */
export interface FlowView {
  readonly id: string;
  readonly flow: string;
  readonly version: string;
  /** The state that it is at, with its entry: `Notify#1`. */
  readonly at: string | null;
  /** In words. */
  readonly waitingFor: string;
}
/** How it stands; of one that has ended, how it stood at its end. */
export const flowRun = defineQuery<FlowView>('flow');
