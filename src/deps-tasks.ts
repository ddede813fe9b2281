/** Human tasks: what people are asked to decide, beside a ticket's own hand-over. */
import type * as tasks from './contract-tasks.ts';
import type { AuditActor } from './domain/audit.ts';
import type { HumanTask, Outcome } from './domain/human-task.ts';
import type { Asking, People, TaskEnding, TaskKind } from './domain/human-task-asked.ts';
import type { Change } from './domain/journal.ts';

export type { People } from './domain/human-task-asked.ts';

/** A task as it is kept. */
export interface KeptTask {
  readonly taskId: string;
  readonly kind: TaskKind;
  readonly question: string;
  readonly ticketId: string | null;
  /** Of the run of a flow that waits for it, where there is no ticket. */
  readonly runId: string | null;
  /** The step of the flow that waits for it. */
  readonly occasion: string | null;
  /** Whose request it is. */
  readonly requester: string | null;
  readonly askedBy: string;
  /** ISO 8601. */
  readonly askedAt: string;
  readonly task: HumanTask;
  /** Who decides in whose place, in the order in which it was given. */
  readonly delegations: readonly Delegation[];
  readonly ending: TaskEnding | null;
}

export interface Delegation {
  readonly by: string;
  readonly to: string;
  /** ISO 8601; null: it was given before this was kept. */
  readonly at: string | null;
}

/** What is asked, with the people of whom. */
export interface NewTask extends Omit<Asking, 'audience' | 'barred'> {
  readonly id: string | null;
  readonly ticketId: string | null;
  readonly audience: readonly string[];
  readonly barred: readonly string[];
}

/** For whoever asks and looks. */
export interface TaskDesk {
  /**
   * Writes it down; nobody is asked before its workflow starts. `known`: the same was asked under this id before.
   * @throws StewardError InvalidRequest: the ticket is not there, or the id is another task's
   */
  ask(asked: NewTask, by: AuditActor): Promise<{ readonly taskId: string; readonly known: boolean }>;
  look(taskId: string): Promise<KeptTask | null>;
  /** The newest first. */
  list(which: { readonly open: boolean; readonly limit: number }): Promise<readonly KeptTask[]>;
}

/** A step of a run of a flow. */
export interface RunStep {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly occasion: string;
}

export type TaskOccasion = 'asked' | 'ended';
export interface TaskMessage {
  readonly occasion: TaskOccasion;
  readonly agentId: string;
  readonly channel: 'mail' | 'slack';
  readonly transport: 'ses' | 'slack' | 'outbox';
}
export interface KeptTaskMessage extends TaskMessage {
  readonly status: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed';
}

/** For its workflow. Whatever is written twice is written once. */
export interface TaskStore {
  /** Asked by a ticket's flow, in one transaction with the ticket's change; the same step asks once. */
  askWith(change: Change, asked: NewTask & { readonly occasion: string }): Promise<{ readonly taskId: string }>;
  /** Asked by a run without a ticket; the same step of it asks once, and anew what was withdrawn. */
  askByRun(step: RunStep, asked: NewTask): Promise<{ readonly taskId: string }>;
  look(taskId: string): Promise<KeptTask | null>;
  /** Open tasks that the flows of these workflows wait for: of tickets, and of runs. */
  ofFlows(workflowIds: readonly string[]): Promise<readonly { readonly taskId: string; readonly workflowId: string }[]>;
  /** `outcome`: what the task has come to by this decision. */
  said(
    taskId: string,
    said: { readonly by: string; readonly act: string; readonly at: number; readonly via: string },
    outcome: Outcome | null,
  ): Promise<void>;
  delegated(taskId: string, by: string, to: string, via: string): Promise<void>;
  end(taskId: string, ending: Exclude<TaskEnding, 'decided'>, outcome: Outcome, by: string): Promise<void>;
  /** Answers all of the task's that have still to go out. */
  queue(taskId: string, messages: readonly TaskMessage[]): Promise<readonly KeptTaskMessage[]>;
  /** Marks it as being sent, and answers it as it was. */
  begin(taskId: string, message: TaskMessage): Promise<KeptTaskMessage | null>;
  finish(
    taskId: string,
    message: TaskMessage,
    outcome: {
      readonly status: 'sent' | 'failed' | 'suppressed' | 'queued';
      readonly reason?: string;
      readonly id?: string;
    },
  ): Promise<void>;
  /** Slack's ids of the messages by which it was asked. */
  cards(taskId: string): Promise<readonly { readonly agentId: string; readonly messageId: string }[]>;
}

export interface TaskDeps {
  readonly store: TaskStore;
  readonly people: People;
}

/** @throws StewardError TaskUnknown (no running workflow), DecisionDenied, InvalidRequest */
export interface TaskClient {
  /** Starts its workflow, where it does not run. */
  start(taskId: string): Promise<void>;
  decide(taskId: string, args: tasks.DecideTask): Promise<tasks.HumanTaskView>;
  delegate(taskId: string, args: tasks.DelegateTask): Promise<tasks.HumanTaskView>;
  click(taskId: string, clicked: tasks.TaskClicked): Promise<void>;
  withdraw(taskId: string, by: string): Promise<void>;
  /** The same where its workflow may be gone: it is started for it. */
  callOff(taskId: string, by: string): Promise<void>;
}
