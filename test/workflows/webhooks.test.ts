/** Endpoints are told of every change of a ticket. */
import { expect, test } from 'vitest';
import { webhookWorkflowId } from '../../src/contract.ts';
import { textsOf } from '../support/history.ts';
import { outcome } from '../support/outcome.ts';
import { envelope } from '../support/steward.ts';
import { about, escalated } from './support.ts';
import { useWebhooks } from './webhook-support.ts';

const scene = useWebhooks({
  every: {},
  flaking: {},
  lossy: {},
  states: { events: ['ticket.state_changed'], sources: ['another.platform'] },
});
const { steward, told, asked, allSent } = scene;

test('a ticket’s creation, state, assignee, priority and answer are told, signed, in order, with its ids and labels alone', async () => {
  const words = 'Zebra crossing 4711';
  const ticketId = await escalated(steward, { message: words, subject: words, customerName: 'Zoe Zebra' });
  await steward.steward.claim(ticketId, { agentId: 'ana' });
  await steward.steward.reply(ticketId, { agentId: 'ana', message: 'Zebra: look at the left.' });
  await steward.steward.resolve(ticketId, { agentId: 'ana' });
  await outcome(() => expect(told('every', ticketId).at(-1)?.data.state).toBe('solved'));
  await allSent('every');
  const messages = told('every', ticketId);
  expect(messages.map(({ type }) => type)).toEqual(expect.arrayContaining(['ticket.created', 'ticket.answered']));
  expect(messages[0]).toMatchObject({ type: 'ticket.created', data: { ticketId, state: 'new', assigneeId: null } });
  expect(messages.find(({ type }) => type === 'ticket.assigned')?.data).toMatchObject({
    assigneeId: 'ana',
    previous: { assigneeId: null },
  });
  expect(messages.find(({ type }) => type === 'ticket.priority_changed')?.data).toMatchObject({ priority: 'HIGH' });
  expect(messages.find(({ type }) => type === 'ticket.answered')?.data).toMatchObject({ by: 'agent', agentId: 'ana' });
  const states = messages.filter(({ type }) => type === 'ticket.state_changed').map(({ data }) => data.state);
  expect(states).toEqual(['waitingForAgent', 'inProgress', 'waitingForCustomer', 'solved']);
  const sequences = messages.map(({ data }) => data.sequence);
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  const all = JSON.stringify(asked('every'));
  for (const secret of ['Zebra', 'Zoe', 'CUST-']) expect(all).not.toContain(secret);
  const history = await textsOf(steward, webhookWorkflowId(scene.name('every')));
  expect(history.read).not.toContain(ticketId);
});

test('a failure is tried again under the same id, with the same body, until it is taken', async () => {
  await allSent('flaking');
  scene.receiver.failNext('500', { action: '/flaking' }, 2);
  scene.receiver.failNext('timeout', { action: '/flaking' });
  const before = asked('flaking').length;
  const ticketId = await escalated(steward);
  await allSent('flaking');
  const since = asked('flaking').slice(before);
  const bodies = new Map(since.map(({ headers, body }) => [headers['webhook-id'], body]));
  expect(since).toHaveLength(bodies.size + 3);
  expect(since.filter(({ headers, body }) => bodies.get(headers['webhook-id']) !== body)).toEqual([]);
  expect(told('flaking', ticketId)).toHaveLength(bodies.size);
});

test('what was taken and not answered comes again under the same id', async () => {
  await allSent('lossy');
  scene.receiver.failNext('lost', { action: '/lossy' }, 1);
  const before = asked('lossy').length;
  const ticketId = await escalated(steward);
  await allSent('lossy');
  const since = asked('lossy').slice(before);
  const ids = since.map(({ headers }) => headers['webhook-id']);
  expect(ids.length).toBe(new Set(ids).size + 1);
  expect(told('lossy', ticketId)).toHaveLength(new Set(ids).size);
});

test('a worker that is gone loses nothing: what happened meanwhile is told when one is back', async () => {
  const ticketId = await escalated(steward);
  await allSent('every');
  await steward.restartWorkers(async () => {
    await steward.post(about(ticketId, 'ticket.resolved', 'resolved-meanwhile', { agentId: 'ana' }));
  });
  await outcome(() => expect(told('every', ticketId).at(-1)?.data.state).toBe('solved'));
});

test('an endpoint hears of the events and the tickets that it asked for', async () => {
  const ours = await escalated(steward);
  const event = { ...envelope(), source: 'another.platform' };
  await steward.steward.submit(event);
  const { ticketId } = event.detail;
  await outcome(() => expect(told('states', ticketId).at(-1)?.data.state).toBe('waitingForAgent'));
  expect(new Set(told('states').map(({ type }) => type))).toEqual(new Set(['ticket.state_changed']));
  expect(told('states', ours)).toEqual([]);
});
