/** Runs of flows as others see them. */
import type { FlowArgs, FlowView, WaitingTask } from './contract-flow.ts';
import type { TaskSayingName, TaskSayings } from './domain/flow-task.ts';
import type { Json, JsonObject } from './domain/json.ts';
import type { FlowWay } from './flow/passing.ts';

export type FlowEnd =
  | { readonly status: 'succeeded'; readonly output: Json }
  /** `error`: the flow's, or `Cancelled`, `Terminated`, `KeyShredded`. */
  | { readonly status: 'failed'; readonly error: string; readonly cause: string };

/** @throws StewardError FlowRunUnknown (no such run, or Temporal has forgotten it), InvalidRequest */
export interface FlowClient {
  /**
   * The same again under its id is started once: `known`. `digest`: of what it is started with, where another request under the same id is to be
   * told from a repeat.
   * @throws StewardError RequestConflict: under this id something else was started
   */
  start(id: string, args: FlowArgs, digest?: string): Promise<{ readonly workflowId: string; readonly known: boolean }>;
  describe(id: string): Promise<FlowView>;
  /** Waits for its end, however long that takes. */
  end(id: string): Promise<FlowEnd>;
  /** The way that a run, or a ticket's flow (`ticket-…`), has taken, and the flow. */
  way(workflowId: string): Promise<FlowWay & { readonly definition: JsonObject }>;
  /** The Tasks of a run, or of a ticket (`ticket-…`), that wait for whoever has their token. */
  tasks(workflowId: string): Promise<readonly WaitingTask[]>;
  /** What whoever has a Task's token says. @throws StewardError InvalidRequest, InvalidToken, TaskOver */
  answer<K extends TaskSayingName>(saying: K, said: TaskSayings[K]): Promise<void>;
}
