/** A run of a flow asks people, and waits until they have decided. */
import { setHandler, workflowInfo } from '@temporalio/workflow';
import { type TaskEnded, taskEnded } from '../contract-tasks.ts';
import type { ModuleResults } from '../domain/module-catalogue.ts';
import { checkSaying } from '../domain/said.ts';
import { TIMEOUT } from '../flow/failure.ts';
import { own } from './activities.ts';
import type { Called, TaskEffect } from './drive-flow.ts';
import { failureOf } from './failure.ts';
import { stepName } from './flow-lines.ts';
import { keepingTask } from './human-task-activities.ts';
import { condition, hasCome, now } from './rest.ts';

/** Plain JSON, so that a new run takes it up. */
export interface Questions {
  /** The tasks that are waited for, by the step that asks. */
  readonly asked: Record<string, string>;
  /** How tasks ended, by their ids. */
  readonly ended: Record<string, TaskEnded>;
}

export interface AskHost {
  /** Nobody waits for this step any more. */
  readonly isOver: () => boolean;
  /** Epoch ms when the flow's own time is over. */
  readonly until: number | undefined;
  /** A new run is to go on with it. */
  readonly isToGoOn: () => boolean;
}

export interface Asker {
  /** Asks by this step, or goes on waiting for what it has asked. `again`: a new run is to wait for it. */
  ask(effect: TaskEffect, host: AskHost): Promise<Called>;
  /** Resolves when no task is left that nobody needs: whoever was asked for one is told so. */
  settled(): Promise<void>;
  /** The task that this step waits for. */
  taskOf(step: string): string | undefined;
}

/** Ends of tasks that no step waits for: said again, or too soon, where the workflow task that asked was lost. */
const MOST_UNASKED = 20;

/** `isEnded`: nothing will come of the run any more; `changed`: it waits for something else; `refused`: a signal that does not count. */
export function createAsker(
  questions: Questions,
  parts: { isEnded(): boolean; changed(): void; refused(saying: string, why: string): void },
): Asker {
  const { asked, ended } = questions;
  let underWay = 0;

  setHandler(taskEnded, (said) => {
    const problems = checkSaying('taskEnded', said);
    if (problems.length > 0) {
      parts.refused('taskEnded', problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
      return;
    }
    ended[said.taskId] = said;
    const waitedFor = Object.values(asked);
    const unasked = Object.keys(ended).filter((taskId) => !waitedFor.includes(taskId));
    for (const taskId of unasked.slice(0, -MOST_UNASKED)) delete ended[taskId];
  });

  async function asks(effect: TaskEffect, { isOver, until, isToGoOn }: AskHost): Promise<Called> {
    const step = stepName(effect);
    const taskId = asked[step] ?? (await askOnce(step, effect));
    asked[step] = taskId;
    parts.changed();
    const end = () => ended[taskId];
    const isSettled = () => end() !== undefined || isOver();
    // Also in a new run: whatever became of its workflow meanwhile, the task is asked, or tells us again how it ended.
    if (!isSettled()) await keepingTask.startTask(taskId);
    const isToLook = () => isSettled() || isToGoOn();
    if (until === undefined) await condition(isToLook);
    else if (!(await condition(isToLook, Math.max(1, until - now()), { summary: SUMMARY }))) hasCome(until);
    const said = end();
    const isLate = until !== undefined && now() >= until;
    if (said === undefined && !isOver() && !isLate) return 'again';
    // Should the flow come to the step again, it is to find the task as it ended.
    if (said === undefined) await withdraw(taskId);
    delete asked[step];
    delete ended[taskId];
    if (isOver()) return 'overtaken';
    return said === undefined
      ? { kind: 'error', error: TIMEOUT, cause: '' }
      : { kind: 'result', output: resultOf(said) as never };
  }

  async function askOnce(occasion: string, { input }: TaskEffect): Promise<string> {
    const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
    return (await own.askByRun({ step: { workflowId, firstRunId, occasion }, asking: input })).taskId;
  }

  async function withdraw(taskId: string): Promise<void> {
    await keepingTask.withdrawTask(taskId);
    await condition(() => ended[taskId] !== undefined || parts.isEnded());
  }

  return {
    async ask(effect, host) {
      underWay += 1;
      try {
        return await asks(effect, host);
      } catch (error) {
        return { kind: 'error', ...failureOf(error) };
      } finally {
        underWay -= 1;
      }
    },
    async settled() {
      if (underWay > 0) await condition(() => underWay === 0);
    },
    taskOf: (step) => asked[step],
  };
}

const SUMMARY = "until the flow's TimeoutSeconds are over";

function resultOf({ taskId, ending, act: decision, by, at }: TaskEnded): ModuleResults['askPeople'] {
  return { taskId, decision, ending, timedOut: ending === 'timedOut', by: [...by], at };
}
