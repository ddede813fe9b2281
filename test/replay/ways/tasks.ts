/** The ways of what people are asked to decide. */
import { taskWorkflowId } from '../../../src/contract-tasks.ts';
import { useSteward } from '../../support/steward.ts';
import { asking } from '../../workflows/human-task-support.ts';
import { way } from '../record.ts';

export function taskWays(): void {
  const steward = useSteward();
  const { ask, decide, isOver, listens, tasks } = asking(steward);

  way('task-decided', 'two agree, one of them in the place of another', async (keep) => {
    const id = await ask({ quorum: 2, dueSeconds: 3_600, otherwise: 'refuse' });
    await listens(id);
    await decide(id, 'ana');
    await tasks().delegate(id, { by: 'ben', to: 'emma' }, 'key/k-test');
    await decide(id, 'emma');
    await isOver(id);
    await keep(steward, taskWorkflowId(id));
  });
  way('task-timed-out', 'nobody decides in time', async (keep) => {
    const id = await ask({ dueSeconds: 1, otherwise: 'refuse' });
    await isOver(id);
    await keep(steward, taskWorkflowId(id));
  });
}
