/** Tickets that nobody has room for, and agents who come and go. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { assignmentDue } from '../../src/contract.ts';
import type { Presence } from '../../src/domain/presence.ts';
import { createPresenceStore } from '../../src/store/presence.ts';
import { startAssignmentWaker } from '../../src/temporal/assignment-waker.ts';
import { testFile } from '../support/files.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { entry, escalated, handleOf, kinds, PATIENCE, until } from './support.ts';

const agent = (id: string) => ({ id, name: id, email: `${id}@support.example`, capacity: 1, onDuty: false });
const team = testFile('team.yaml', {
  agents: [agent('ana'), agent('ben')],
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example' }],
});
/** Nobody is called: else it is a matter of a second whether the admins are, before somebody comes. */
const escalation = testFile('escalation.yaml', {
  paths: [
    { name: 'none', when: { tier: 'none' }, first: '1 h', lease: '1 h', levels: [{ call: ['admins'], wait: '1 h' }] },
  ],
});
const steward = useSteward({ settings: () => ({ STEWARD_TEAM: team, STEWARD_ESCALATION: escalation }) });

let waker: ReturnType<typeof start> | undefined;
function start() {
  return startAssignmentWaker({
    client: steward.temporal.client,
    due: steward.composed.assignmentsDue,
    everyMs: 50,
    onTrouble: (error) => console.error(error),
  });
}
beforeAll(() => {
  waker = start();
});
afterAll(() => waker?.stop());

const say = (agentId: string, presence: Presence) =>
  createPresenceStore(steward.owner, { kind: 'system', id: 'test' }).set(agentId, presence);

beforeEach(async () => {
  for (const id of ['ana', 'ben']) await say(id, 'away');
  const open = await steward.owner.selectFrom('tickets').select('id').where('state', '<>', 'solved').execute();
  for (const { id } of open) await steward.steward.resolve(id, { agentId: 'ana' });
});

const customer = { customerEmail: 'ada@customer.example' };
const told = async (id: string) =>
  (await steward.read.deliveries(id)).map(({ recipient, template }) => `${recipient.kind} ${template}`).sort();
const WAITS = { state: 'waitingForAgent', assigneeId: null } as const;

it('a ticket that nobody has room for is given to whoever comes, in the order in which they came', async () => {
  const first = await escalated(steward, customer);
  const second = await escalated(steward);
  await until(steward, first, WAITS);
  await say('ana', 'available');
  await until(steward, first, { state: 'waitingForAgent', assigneeId: 'ana' });
  expect(await entry(steward, first, 'escalated', 2)).toMatchObject({ facts: { agentId: 'ana', why: 'agent found' } });
  await until(steward, second, WAITS);
  await steward.steward.resolve(first, { agentId: 'ana' });
  await until(steward, second, { state: 'waitingForAgent', assigneeId: 'ana' });
  // The customer heard once; the admins when nobody had room, the agent when they had.
  expect(await told(first)).toEqual(['agent escalation', 'agent escalation', 'customer handed-over']);
});

it('an agent who goes off gives back what is not answered, and its place in line with it', async () => {
  await say('ana', 'available');
  const old = await escalated(steward, customer);
  await until(steward, old, { assigneeId: 'ana' });
  await steward.steward.claim(old, { agentId: 'ana' });
  const young = await escalated(steward);
  await until(steward, young, WAITS);
  await say('ana', 'off');
  await until(steward, old, WAITS);
  expect(await entry(steward, old, 'givenBack')).toMatchObject({ facts: { agentId: 'ana' } });
  await entry(steward, old, 'escalated', 2);
  await say('ben', 'available');
  await until(steward, old, { state: 'waitingForAgent', assigneeId: 'ben' });
  await until(steward, young, WAITS);
  expect((await told(old)).filter((line) => line.startsWith('customer'))).toHaveLength(1);
});

it('what is answered stays with whoever is off, until the customer writes again', async () => {
  await say('ana', 'available');
  const id = await escalated(steward);
  await steward.steward.reply(id, { agentId: 'ana', message: 'Please try again.' });
  await say('ana', 'off');
  await say('ben', 'available');
  const other = await escalated(steward);
  await until(steward, other, { assigneeId: 'ben' });
  expect(await kinds(steward, id)).not.toContain('givenBack');
  await steward.steward.resolve(other, { agentId: 'ben' });
  await steward.steward.tell(id, 'customerReplied', { message: 'It still does not work.' });
  await until(steward, id, { state: 'waitingForAgent', assigneeId: 'ben' });
});

it('who claims a ticket in line has it, and nobody is kept for it', async () => {
  const id = await escalated(steward);
  await until(steward, id, WAITS);
  await steward.steward.claim(id, { agentId: 'ben' });
  await say('ana', 'available');
  const other = await escalated(steward);
  await until(steward, other, { assigneeId: 'ana' });
  await until(steward, id, { state: 'inProgress', assigneeId: 'ben' });
  // Word that was on its way when they claimed it.
  await handleOf(steward, id).signal(assignmentDue, { source: 'assignment', eventId: 'late' });
  await handleOf(steward, id).signal(assignmentDue, { source: 'assignment', eventId: 'other', off: 'ana' });
  await steward.steward.tell(id, 'rated', { score: 3 });
  await entry(steward, id, 'rated');
  expect(await kinds(steward, id)).not.toContain('givenBack');
  expect((await kinds(steward, id)).filter((kind) => kind === 'escalated')).toHaveLength(1);
});

it('word of it that was lost, and a ticket that is in no line, are found by the next look', async () => {
  const id = await escalated(steward);
  await until(steward, id, WAITS);
  await waker?.stop();
  await say('ana', 'available');
  // Promised, and whoever was to tell the ticket is killed.
  await steward.composed.assignmentsDue.look();
  waker = start();
  await until(steward, id, { assigneeId: 'ana' });

  await say('ana', 'away');
  const event = envelope();
  await steward.steward.submit(event);
  await until(steward, event.detail.ticketId, WAITS);
  await steward.owner.deleteFrom('waiting_tickets').execute();
  await say('ben', 'available');
  await vi.waitFor(async () => {
    // Again and again: what its workflow still had to write made it young anew.
    await steward.owner
      .updateTable('tickets')
      .set({ updated_at: new Date(Date.now() - 60_000) })
      .where('id', '=', event.detail.ticketId)
      .where('assignee_id', 'is', null)
      .execute();
    expect(await steward.read.ticket(event.detail.ticketId)).toMatchObject({ assigneeId: 'ben' });
  }, PATIENCE);
});

it('a ticket whose workflow was ended by other means takes nobody’s room', async () => {
  const id = await escalated(steward);
  await until(steward, id, WAITS);
  await steward.temporal.client.workflow.getHandle(`ticket-${id}`).terminate();
  await say('ana', 'available');
  await vi.waitFor(async () => {
    const rows = await steward.owner.selectFrom('waiting_tickets').select('ticket_id').execute();
    expect(rows).toEqual([]);
  }, PATIENCE);
  await steward.owner.updateTable('tickets').set({ state: 'solved' }).where('id', '=', id).execute();
  const other = await escalated(steward);
  await until(steward, other, { assigneeId: 'ana' });
});

it('who is off is not called, who is away is', async () => {
  const level = { call: [{ kind: 'agent' as const, id: 'ana' }], hours: 'any' as const };
  const called = async () => (await steward.composed.deps.responders.of(level, null, Date.now())).called;
  expect(await called()).toEqual(['ana']);
  await say('ana', 'off');
  expect(await called()).toEqual([]);
});
