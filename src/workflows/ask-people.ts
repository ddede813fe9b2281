import type { ModuleResults } from '../domain/module-catalogue.ts';
import { isOpen } from '../domain/ticket.ts';
import { own } from './activities.ts';
import type { Call, Desk } from './desk.ts';
import { keepingTask } from './human-task-activities.ts';
import { once } from './once.ts';
import { condition } from './rest.ts';

/**
 * Asks people, and waits until they have decided, their time is over or somebody withdraws it. The ticket goes on living meanwhile: its clocks
 * run, and it is answered and claimed. One that is solved or closed needs no decision: null, and nobody is asked any more.
 * `again`: a new run is to wait for them.
 */
export async function askPeople(
  desk: Desk,
  { occasion, input, isToGoOn }: Call,
): Promise<ModuleResults['askPeople'] | null | 'again'> {
  const { memory, journal } = desk;
  const { taskId } = await once(desk, occasion, () =>
    journal.commit({ kind: 'taskAsked', facts: { step: occasion } }, (change) =>
      own.askByFlow({ change, occasion, asking: input }),
    ),
  );
  const ended = () => memory.taskEnds?.[occasion];
  const isOver = () => ended() !== undefined || !isOpen(memory.row.state);
  // Also in a new run: whatever became of its workflow meanwhile, the task is asked, or tells us again how it ended.
  if (!isOver()) await keepingTask.startTask(taskId);
  desk.resting = true;
  await condition(() => isOver() || isToGoOn());
  desk.resting = false;
  if (!isOver()) return 'again';
  const said = ended();
  if (said === undefined) {
    await keepingTask.withdrawTask(taskId);
    return null;
  }
  const { ending, act: decision, by, at } = said;
  journal.note('taskEnded', { taskId, ending, decision, by: [...by] });
  return { taskId, decision, ending, timedOut: ending === 'timedOut', by: [...by], at };
}
