import { setCurrentDetails } from '@temporalio/workflow';
import type { OpenedTask } from '../activities/human-task.ts';
import type { HumanTaskView } from '../contract-tasks.ts';
import type { TaskMessage } from '../deps-tasks.ts';
import type { HumanTask } from '../domain/human-task.ts';
import type { TaskEnding } from '../domain/human-task-asked.ts';
import { sayStand, sayTask } from '../domain/human-task-words.ts';
import { failureOf } from './failure.ts';
import { keepingTask, sendingTask } from './human-task-activities.ts';

/** What the parts of a task's workflow share. */
export interface Bench {
  readonly opened: OpenedTask;
  task: HumanTask;
  ending: TaskEnding | null;
  withdrawnBy: string | null;
  /** Every write so far, one after another. */
  written: Promise<void>;
  /** How often its messages came to need another look, and which of these they have. */
  looks: number;
  drawn: number;
  /** Messages and answers that are under way. */
  background: number;
  view(): HumanTaskView;
  details(): string;
}

export function createBench(opened: OpenedTask): Bench {
  const { taskId, ticketId, question } = opened;
  // Missing in histories from before runs asked anybody.
  const { runId = null } = opened;
  const bench: Bench = {
    opened,
    task: opened.task,
    ending: opened.ending,
    withdrawnBy: null,
    written: Promise.resolve(),
    looks: opened.isTold ? 1 : 0,
    drawn: 0,
    background: 0,
    view: () => ({
      taskId,
      ticketId,
      runId,
      task: bench.task,
      ending: bench.ending,
      stands: sayStand({ ...bench.task, ending: bench.ending }, (id) => id),
    }),
    details: () => sayTask(question, { ...bench.task, ending: bench.ending }, { ticketId, runId }),
  };
  setCurrentDetails(bench.details());
  return bench;
}

/** Writes what was judged, in the order of the judging. The messages follow what is written. */
export function write(bench: Bench, act: () => Promise<void>): Promise<void> {
  setCurrentDetails(bench.details());
  bench.written = bench.written.then(async () => {
    await act();
    bench.looks += 1;
  });
  return bench.written;
}

/** Judged at once, so that nothing counts any more that comes while it is written. */
export async function endTask(bench: Bench, ending: 'timedOut' | 'withdrawn', by: string): Promise<void> {
  bench.ending = ending;
  const outcome = bench.task.outcome ?? { act: null, by: [], at: Date.now() };
  bench.task = { ...bench.task, outcome };
  const { taskId } = bench.opened;
  await write(bench, () => keepingTask.endTask({ taskId, ending, outcome, by }));
}

/** Beside the main line: nobody waits to decide until everybody was told. */
export function tell(bench: Bench, message: TaskMessage): void {
  bench.background += 1;
  void send(bench, message).finally(() => {
    bench.background -= 1;
  });
}

async function send(bench: Bench, message: TaskMessage): Promise<void> {
  const { taskId } = bench.opened;
  const { agentId, channel, transport, occasion } = message;
  try {
    await sendingTask(transport, `To agent ${agentId} by ${channel}`).sendTask({ taskId, message });
    // What it says may be old by now.
    if (transport === 'slack' && bench.looks > 0) bench.looks += 1;
  } catch (error) {
    const hopeless = !failureOf(error).retryable;
    const instead = await keepingTask.giveUpTaskMessage({ taskId, message, hopeless });
    if (instead !== null && (occasion === 'ended' || bench.ending === null)) await send(bench, instead);
  }
}
