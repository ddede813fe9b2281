import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { HumanTaskArgs, HumanTaskResult } from '../contract-tasks.ts';
import { timedOut } from '../domain/human-task.ts';
import { keepingTask } from './human-task-activities.ts';
import { type Bench, createBench, endTask, tell } from './human-task-bench.ts';
import { hearTask } from './human-task-handlers.ts';
import { watchLook } from './human-task-look.ts';

/**
 * What people are asked to decide, from the question to the last message that says what became of it. It alone judges who may say what, and
 * who was first; what it is about, and what was said, lies in the database, so that a new run takes it up from there.
 */
export async function humanTask({ taskId }: HumanTaskArgs): Promise<HumanTaskResult> {
  // Whoever was asked shall hear what became of it: a request to cancel withdraws the task, and tears nothing.
  return CancellationScope.nonCancellable(async () => {
    const opened = await keepingTask.openTask(taskId);
    if (opened === null) return { taskId, ending: 'unknown', act: null };
    const bench = createBench(opened);
    hearTask(bench);
    whenCancelled(bench);
    for (const message of opened.messages) tell(bench, message);
    void watchLook(bench);
    await decided(bench);
    await follow(bench);
    return { taskId, ending: bench.ending ?? 'withdrawn', act: bench.task.outcome?.act ?? null };
  });
}

function whenCancelled(bench: Bench): void {
  const root = CancellationScope.current().parent ?? CancellationScope.current();
  root.cancelRequested.catch(() => {
    bench.withdrawnBy ??= 'cancelled';
  });
}

/** Waits until it is decided, its time is over, or nobody needs it any more. */
async function decided(bench: Bench): Promise<void> {
  while (bench.ending === null) {
    const { dueAt } = bench.task;
    const changed = () => bench.ending !== null || bench.withdrawnBy !== null || isTooLong(bench);
    if (bench.withdrawnBy !== null) await endTask(bench, 'withdrawn', bench.withdrawnBy);
    else if (isTooLong(bench)) await continueAsNew({ taskId: bench.opened.taskId } satisfies HumanTaskArgs);
    else if (dueAt === null) await condition(changed);
    else if (Date.now() < dueAt) await condition(changed, dueAt - Date.now(), { summary: 'It ends by itself' });
    else {
      bench.task = timedOut(bench.task, Date.now());
      await endTask(bench, 'timedOut', 'time');
    }
  }
}

/** Whoever waits for it goes on first; then the messages say what became of it, and whoever asks late is told until they do. */
async function follow(bench: Bench): Promise<void> {
  const { taskId, occasion, requester } = bench.opened;
  await bench.written;
  setCurrentDetails(bench.details());
  if (occasion !== null) await keepingTask.tellTicketOfTask(taskId);
  if (requester !== null) for (const message of await keepingTask.queueTaskEnd(taskId)) tell(bench, message);
  await condition(() => bench.background === 0 && bench.drawn === bench.looks && allHandlersFinished());
}

function isTooLong(bench: Bench): boolean {
  return workflowInfo().continueAsNewSuggested && bench.background === 0 && allHandlersFinished();
}
