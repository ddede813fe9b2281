/** A flow that asks people: it waits for them, goes on by what they decide, and lets them be when it is over. */
import { expect, test } from 'vitest';
import { pinFlow } from '../../src/compose-flow.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { taskEnded } from '../../src/contract-tasks.ts';
import { flowBySubject } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { asking } from './human-task-support.ts';
import { entry, expectNoFailedTask, handleOf, kinds, until } from './support.ts';

const steward = useSteward({ settings: () => ({ STEWARD_FLOW: flowBySubject() }) });
const { decide, isOver, listens, logged, tasks } = asking(steward);

/** A ticket that goes the way of this name, and the task that its flow asks. */
async function asked(subject: 'Ask' | 'AskShortly') {
  const { detail, ...rest } = envelope({ subject });
  await steward.post({ ...rest, detail });
  const found = await entry(steward, detail.ticketId, 'taskAsked');
  const taskId = String(found?.facts.taskId);
  if (subject === 'Ask') await listens(taskId);
  return { ticketId: detail.ticketId, taskId };
}

/** What its timeline says of the task and of the branch that was taken. */
async function told(ticketId: string) {
  const lines = await steward.read.timeline(ticketId);
  return {
    ended: lines.find(({ kind }) => kind === 'taskEnded')?.facts,
    next: lines
      .filter(({ kind, facts }) => kind === 'decided' && facts.state === 'IsApproved')
      .map((l) => l.facts.next),
  };
}

test('the flow goes on by what was decided, and the ticket tells by whom', async () => {
  const { ticketId, taskId } = await asked('Ask');
  expect(await tasks().look(taskId)).toMatchObject({
    ...{
      ticketId,
      occasion: 'Ask#1',
      question: 'Refund it?',
      ending: null,
      askedBy: `workflow/${ticketWorkflowId(ticketId)}`,
    },
    task: { audience: ['ana', 'ben', 'clara'], form: ['approve', 'refuse'], dueAt: null },
  });
  await until(steward, ticketId, { state: 'new' });
  await decide(taskId, 'ben');
  await entry(steward, ticketId, 'welcomed');
  expect(await told(ticketId)).toEqual({
    ended: { taskId, ending: 'decided', decision: 'approve', by: ['ben'] },
    next: ['Welcome'],
  });
  expect((await logged(taskId)).map(({ action, actor_kind }) => [action, actor_kind])).toEqual([
    ['humanTask.asked', 'workflow'],
    ['humanTask.said', 'person'],
    ['humanTask.ended', 'workflow'],
  ]);
  await expectNoFailedTask(steward, ticketId);
});

test('what is decided while no worker is there counts, and is asked once', async () => {
  const { ticketId, taskId } = await asked('Ask');
  let said: Promise<unknown> | undefined;
  await steward.restartWorkers(async () => {
    said = decide(taskId, 'clara', 'refuse').catch(() => undefined);
  });
  await said;
  // Nobody has to wait longer than the gateway does: who is told that it takes too long says it again.
  await outcome(() => decide(taskId, 'clara', 'refuse'));
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
  expect(await told(ticketId)).toMatchObject({ ended: { decision: 'refuse', by: ['clara'] }, next: ['Escalate'] });
  const ofTicket = steward.owner.selectFrom('human_tasks').select('id').where('ticket_id', '=', ticketId);
  expect(await ofTicket.execute()).toEqual([{ id: taskId }]);
});

test('when nobody decides in time the flow goes on by what counts instead', async () => {
  const { ticketId, taskId } = await asked('AskShortly');
  await entry(steward, ticketId, 'welcomed');
  expect(await told(ticketId)).toEqual({
    ended: { taskId, ending: 'timedOut', decision: 'approve', by: [] },
    next: ['Welcome'],
  });
});

test('a task that is withdrawn has no decision, and the flow goes on', async () => {
  const { ticketId, taskId } = await asked('Ask');
  await tasks().withdraw(taskId, 'login/test');
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
  expect(await told(ticketId)).toMatchObject({ ended: { ending: 'withdrawn', decision: null }, next: ['Escalate'] });
});

test('a ticket that is solved meanwhile withdraws what its flow asks, and decides nothing by it', async () => {
  const { ticketId, taskId } = await asked('Ask');
  // The ticket lives on while it waits.
  await steward.steward.claim(ticketId, { agentId: 'ana' });
  expect((await tasks().look(taskId)).ending).toBeNull();
  await steward.steward.resolve(ticketId, { agentId: 'ana' });
  expect(await isOver(taskId)).toMatchObject({ ending: 'withdrawn' });
  expect((await logged(taskId)).at(-1)?.after).toMatchObject({ by: ticketWorkflowId(ticketId) });
  await until(steward, ticketId, { state: 'solved' });
  expect(await told(ticketId)).toEqual({ ended: undefined, next: [] });
  await expectNoFailedTask(steward, ticketId);
});

test('a ticket whose workflow is cancelled withdraws it before it ends, though its task was lost', async () => {
  const { ticketId, taskId } = await asked('Ask');
  await steward.temporal.client.workflow.getHandle(`task-${taskId}`).terminate('lost');
  await handleOf(steward, ticketId).cancel();
  await handleOf(steward, ticketId)
    .result()
    .catch(() => undefined);
  await outcome(async () => expect(await tasks().look(taskId)).toMatchObject({ ending: 'withdrawn' }));
  await until(steward, ticketId, { state: 'closed' });
});

test('the end of another step is none of this one, and a wrong one is put on the timeline', async () => {
  const { ticketId, taskId } = await asked('Ask');
  const end = { taskId, ending: 'decided', act: 'approve', by: ['ben'], at: new Date().toISOString() } as const;
  await handleOf(steward, ticketId).signal(taskEnded, { ...end, occasion: 'Other#1' });
  await handleOf(steward, ticketId).signal(taskEnded, { ...end, occasion: 'Ask#1', ending: 'perhaps' as 'decided' });
  expect((await entry(steward, ticketId, 'ignored'))?.facts.why).toContain('ending: expected one of decided');
  expect(await kinds(steward, ticketId)).not.toContain('taskEnded');
  await decide(taskId, 'ana', 'refuse');
  await until(steward, ticketId, { state: 'waitingForAgent' });
});

test('whom nobody knows is an error that the flow may catch, and nobody is asked', async () => {
  const event = envelope({ subject: 'AskNobody' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await entry(steward, ticketId, 'welcomed');
  const ofTicket = steward.owner.selectFrom('human_tasks').select('id').where('ticket_id', '=', ticketId);
  expect(await ofTicket.execute()).toEqual([]);
  expect(await kinds(steward, ticketId)).not.toContain('taskAsked');
});

test('the example of a flow that asks is in order', async () => {
  expect((await pinFlow('examples/flows/refund-approval.asl.json')).warnings).toEqual([]);
});
