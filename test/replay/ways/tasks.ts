/** The ways of what people are asked to decide. */

import { ticketWorkflowId } from '../../../src/contract.ts';
import { taskWorkflowId } from '../../../src/contract-tasks.ts';
import { flowBySubject } from '../../support/flow.ts';
import { envelope, useSteward } from '../../support/steward.ts';
import { asking } from '../../workflows/human-task-support.ts';
import { entry } from '../../workflows/support.ts';
import { way } from '../record.ts';

export function taskWays(): void {
  const steward = useSteward({ settings: () => ({ STEWARD_FLOW: flowBySubject() }) });
  const { ask, decide, isOver, listens, tasks } = asking(steward);

  way('task-decided', 'two agree, one of them in the place of another', async (keep) => {
    const id = await ask({ quorum: 2, dueSeconds: 3_600, otherwise: 'refuse' });
    await listens(id);
    await decide(id, 'ana');
    await tasks().delegate(id, { by: 'ben', to: 'emma' }, 'link');
    await decide(id, 'emma');
    await isOver(id);
    await keep(steward, taskWorkflowId(id));
  });
  way(
    'asked-people',
    'a ticket whose flow asks people, is answered meanwhile, and goes on by what they decide',
    async (keep) => {
      const event = envelope({ subject: 'Ask' });
      const { ticketId } = event.detail;
      await steward.post(event);
      const asked = await entry(steward, ticketId, 'taskAsked');
      await listens(String(asked?.facts.taskId));
      await steward.steward.claim(ticketId, { agentId: 'ana' });
      await decide(String(asked?.facts.taskId), 'ben');
      await entry(steward, ticketId, 'welcomed');
      await steward.steward.resolve(ticketId, { agentId: 'ana' });
      await keep(steward, ticketWorkflowId(ticketId));
    },
  );
  way('asked-in-vain', 'a ticket that is solved while its flow asks people: they need not decide', async (keep) => {
    const event = envelope({ subject: 'Ask' });
    const { ticketId } = event.detail;
    await steward.post(event);
    const asked = await entry(steward, ticketId, 'taskAsked');
    await listens(String(asked?.facts.taskId));
    await steward.steward.resolve(ticketId, { agentId: 'ana' });
    await isOver(String(asked?.facts.taskId));
    await keep(steward, ticketWorkflowId(ticketId));
  });
  way('task-timed-out', 'nobody decides in time', async (keep) => {
    const id = await ask({ dueSeconds: 1, otherwise: 'refuse' });
    await isOver(id);
    await keep(steward, taskWorkflowId(id));
  });
}
