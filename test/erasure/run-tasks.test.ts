/** What flows without a ticket ask people about a person, in an access export and an erasure of theirs. */
import { expect, test, vi } from 'vitest';
import { personRows } from '../../src/store/person-rows.ts';
import { testFile } from '../support/files.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { alone, flowFiles, runHandle, runId } from '../workflows/flow-run-support.ts';
import { asking } from '../workflows/human-task-support.ts';
import { PATIENCE } from '../workflows/support.ts';
import { addCustomer, askFor, ended, hurried, inState, officer } from './support.ts';

const FLOWS = flowFiles({
  asks: alone('Ask', {
    Type: 'Task',
    Resource: 'module:askPeople',
    Parameters: { question: 'Send it anew?', audience: ['ana', 'ben'], form: ['approve', 'refuse'] },
  }),
});
const TEAM = testFile('team.yaml', {
  agents: [
    { id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 10, onDuty: true },
    { id: 'ben', name: 'Ben', email: 'ben@support.example', capacity: 10, onDuty: true },
  ],
  admins: ['ana'],
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({ ...providers.settings('slack', 'slackCalls'), STEWARD_FLOW: FLOWS, STEWARD_TEAM: TEAM }),
  privacy: (policy) => ({ ...hurried(policy), approval: 'whenRefused', officers: ANN_AND_BOB }),
});
const { decide, isOver, listens, tasks } = asking(steward);

async function asked(customerId: string) {
  const id = runId();
  await steward.steward.flows.start(id, { flow: 'asks', input: { customerId } });
  const taskId = await vi.waitFor(async () => {
    const tasksOf = steward.owner.selectFrom('human_tasks').select('id').where('workflow_id', '=', `flow-${id}`);
    return (await tasksOf.executeTakeFirstOrThrow()).id;
  }, PATIENCE);
  await listens(taskId);
  return { id, taskId };
}
const cardOf = (taskId: string) =>
  outcome(() => {
    const found = providers.slack.messages.find(({ blocks }) => JSON.stringify(blocks ?? []).includes(taskId));
    if (!found) throw new Error('not there yet');
    return JSON.stringify(found.blocks);
  });

test('people need not decide it any more when its person is erased, who sees before what was asked, and others go on', {
  timeout: 120_000,
}, async () => {
  const [ada, ben] = [await addCustomer(steward), await addCustomer(steward)];
  const [hers, his] = [await asked(ada.id), await asked(ben.id)];
  // Nobody withdraws what a run asked that is gone.
  const lost = await asked(ada.id);
  await runHandle(steward, lost.id).terminate('lost');
  expect(await tasks().look(lost.taskId)).toMatchObject({ ending: null });

  const { rows } = await personRows(steward.composed.databases.as('steward_officer'), () => [], { customerId: ada.id });
  const shown = rows.ticketFacts.human_tasks ?? [];
  expect(shown.map(({ id, workflow_id, question }) => [id, workflow_id, question])).toEqual([
    [hers.taskId, `flow-${hers.id}`, 'Send it anew?'],
    [lost.taskId, `flow-${lost.id}`, 'Send it anew?'],
  ]);
  // Which of us was asked is not theirs to know.
  expect(JSON.stringify(shown)).not.toMatch(/\b(ana|ben)\b/);

  const requestId = await askFor(steward, { customerId: ada.id }, 'ann');
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  for (const { taskId } of [hers, lost]) {
    expect(await isOver(taskId)).toMatchObject({ ending: 'withdrawn' });
    expect(await cardOf(taskId)).toContain('withdrawn');
  }
  const everything = await steward.owner.selectFrom('human_tasks').selectAll().execute();
  expect(JSON.stringify([everything, providers.slack.messages])).not.toContain(ada.id);

  await decide(his.taskId, 'ben');
  expect(await steward.steward.flows.end(his.id)).toMatchObject({ output: { decision: 'approve', by: ['ben'] } });
});
