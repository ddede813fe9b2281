import { condition } from '@temporalio/workflow';
import { failureOf } from './failure.ts';
import { drawingTask } from './human-task-activities.ts';
import type { Bench } from './human-task-bench.ts';

/**
 * Makes its messages in Slack say how it stands, by whatever way that came about. One attempt after another, each with what is written by
 * then: an older look must not arrive behind a newer one.
 */
export async function watchLook(bench: Bench): Promise<void> {
  for (;;) {
    await condition(() => bench.drawn < bench.looks);
    const look = bench.looks;
    if (bench.opened.draws) {
      try {
        await drawingTask(`Messages: ${bench.ending ?? 'open'}`).drawTask(bench.opened.taskId);
      } catch (error) {
        failureOf(error);
      }
    }
    bench.drawn = look;
  }
}
