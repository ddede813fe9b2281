/** The ways of what people are asked to decide. */

import { vi } from 'vitest';
import { ticketWorkflowId } from '../../../src/contract.ts';
import { flowWorkflowId } from '../../../src/contract-flow.ts';
import { taskWorkflowId } from '../../../src/contract-tasks.ts';
import { flowBySubject } from '../../support/flow.ts';
import { envelope, useSteward } from '../../support/steward.ts';
import { flowFiles, alone as oneState, runId } from '../../workflows/flow-run-support.ts';
import { asking } from '../../workflows/human-task-support.ts';
import { entry, PATIENCE } from '../../workflows/support.ts';
import { way } from '../record.ts';

const ASK = {
  Type: 'Task',
  Resource: 'module:askPeople',
  Parameters: { question: 'Send it anew?', audience: ['ana', 'ben'], form: ['approve', 'refuse'] },
};
const ASKING = {
  StartAt: 'Ask',
  States: {
    Ask: { ...ASK, Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        oneState('Beside', ASK),
        oneState('Wait', { Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken' }),
      ],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Last' }],
      End: true,
    },
    Last: { ...ASK, Parameters: { ...ASK.Parameters, dueSeconds: 1 }, End: true },
  },
};

export function taskWays(): void {
  const steward = useSteward({ settings: () => ({ STEWARD_FLOW: flowBySubject() }) });
  const { ask, decide, isOver, listens, tasks } = asking(steward);
  const alone = useSteward({ settings: () => ({ STEWARD_FLOW: flowFiles({ asking: ASKING }) }) });

  way(
    'flow-asked',
    'a flow without a ticket that asks people, alone and in branches, one of which fails',
    async (keep) => {
      const { flows } = alone.steward;
      const id = runId();
      await flows.start(id, { flow: 'asking' });
      const { decide: say, isOver: over, listens: hears } = asking(alone);
      const askedBy = (occasion: string) =>
        vi.waitFor(async () => {
          const asked = alone.owner
            .selectFrom('human_tasks')
            .select('id')
            .where('workflow_id', '=', flowWorkflowId(id));
          const taskId = (await asked.where('occasion', 'like', `%${occasion}`).executeTakeFirstOrThrow()).id;
          await hears(taskId);
          return taskId;
        }, PATIENCE);
      await say(await askedBy('Ask#1'), 'ben');
      const left = await askedBy('Beside#1');
      const [{ token } = { token: '' }] = await flows.tasks(flowWorkflowId(id));
      await flows.answer('failTask', { token });
      await over(left);
      await flows.end(id);
      await keep(alone, flowWorkflowId(id));
    },
  );

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
