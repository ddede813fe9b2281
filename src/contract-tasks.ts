/** The page both sides sign, as far as it is about what people are asked to decide. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { HumanTask } from './domain/human-task.ts';
import type { TaskEnding } from './domain/human-task-asked.ts';

/** What people are asked to decide. What it is about lies in `human_tasks`. */
export const HUMAN_TASK_WORKFLOW = 'humanTask';
export function taskWorkflowId(taskId: string): string {
  return `task-${taskId}`;
}
export interface HumanTaskArgs {
  readonly taskId: string;
}
/** How it is started, by whoever does: one that runs is left alone, and one that has ended looks and ends again. */
export function taskStart(taskId: string) {
  return {
    workflowId: taskWorkflowId(taskId),
    args: [{ taskId }] as [HumanTaskArgs],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Task ${taskId}`,
  } as const;
}
/** `via`: by which way it came, for the audit log and the rule of who is shown: a page's link, an API key, a login. */
export interface DecideTask {
  /** An agent's id. */
  readonly by: string;
  readonly act: string;
  readonly via?: string;
}
export interface DelegateTask {
  readonly by: string;
  /** Who decides in their place. */
  readonly to: string;
  readonly via?: string;
}
/** What somebody did at a message in Slack; Slack waits for no answer. */
export interface TaskClicked {
  /** An agent's id; null: Slack's user is nobody that we know. */
  readonly by: string | null;
  /** Slack's id of who did it. */
  readonly user: string;
  readonly act: string;
  readonly answerUrl?: string;
}
/** Rejected with the reason when it does not count: it is decided, or asked of others. */
export const decideTask = defineUpdate<HumanTaskView, [DecideTask]>('decide');
export const delegateTask = defineUpdate<HumanTaskView, [DelegateTask]>('delegate');
export const taskClicked = defineSignal<[TaskClicked]>('clicked');
/** It need not be decided any more. */
export const withdrawTask = defineSignal<[{ readonly by: string }]>('withdraw');
export const humanTask = defineQuery<HumanTaskView>('humanTask');

/** Ids and labels. */
export interface HumanTaskView {
  readonly taskId: string;
  readonly ticketId: string | null;
  /** Of the run of a flow that waits for it. */
  readonly runId: string | null;
  readonly task: HumanTask;
  /** Null: it is open. */
  readonly ending: TaskEnding | null;
  /** How it stands, in words. */
  readonly stands: string;
}
export interface HumanTaskResult {
  readonly taskId: string;
  /** `unknown`: nothing of that name was asked. */
  readonly ending: TaskEnding | 'unknown';
  readonly act: string | null;
}
/** To the ticket or the run whose flow waits for it. */
export interface TaskEnded {
  readonly taskId: string;
  readonly occasion: string;
  readonly ending: TaskEnding;
  readonly act: string | null;
  readonly by: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}
export const taskEnded = defineSignal<[TaskEnded]>('taskEnded');
