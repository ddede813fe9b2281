import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { createWebhookStore, saveWebhookEndpoints } from '../../src/store/webhooks.ts';
import { changeOf, newTicket, type Stores, useStores } from './support.ts';

const stores = useStores();
const EVENTS = [
  'ticket.created',
  'ticket.state_changed',
  'ticket.assigned',
  'ticket.priority_changed',
  'ticket.answered',
];
const store = () => createWebhookStore(stores.worker);
const ALL = { limit: 100, probe: false };
let used = 0;
/** An endpoint that nothing has been written for, alone on the list. */
async function endpoint(more: { events?: string[]; sources?: string[] } = {}): Promise<string> {
  const name = `e${++used}`;
  await saveWebhookEndpoints(stores.worker, [{ name, events: more.events ?? EVENTS, sources: more.sources ?? null }]);
  return name;
}
const told = (name: string) =>
  stores.db
    .selectFrom('webhook_messages')
    .select(['type', 'facts', 'ticket_id', 'message_id'])
    .where('endpoint', '=', name)
    .orderBy('id')
    .execute();
const typesOf = async (name: string) => (await told(name)).map(({ type }) => type);

beforeAll(async () => {
  await stores.db
    .insertInto('agents')
    .values({ id: 'ana', skills: '{}', capacity: 9, on_duty: true, presence: 'available' })
    .execute();
});

test('a change tells what has changed and what it was before; a note that changes nothing tells nothing', async () => {
  const name = await endpoint();
  const ticketId = await newTicket(stores);
  await stores.tickets.record(changeOf(ticketId, 2));
  await stores.tickets.record(changeOf(ticketId, 3, { state: 'waitingForAgent', priority: 'HIGH', assigneeId: 'ana' }));
  await stores.tickets.record(changeOf(ticketId, 4, { state: 'solved', priority: 'HIGH', assigneeId: 'ana' }));
  const now = { state: 'waitingForAgent', priority: 'HIGH', assigneeId: 'ana', route: 'none', episode: 1 };
  expect((await told(name)).map(({ type, facts }) => [type, facts])).toEqual([
    ['ticket.created', { state: 'new', priority: null, assigneeId: null, route: 'none', episode: 1 }],
    ['ticket.assigned', { ...now, previous: { assigneeId: null } }],
    ['ticket.priority_changed', { ...now, previous: { priority: null } }],
    ['ticket.state_changed', { ...now, previous: { state: 'new' } }],
    ['ticket.state_changed', { ...now, state: 'solved', previous: { state: 'waitingForAgent' } }],
  ]);
});

test('a write that is repeated or comes late tells nothing again', async () => {
  const name = await endpoint();
  const ticketId = await newTicket(stores);
  const answered = changeOf(ticketId, 3, { state: 'waitingForCustomer' }, 'answered');
  for (const _ of [1, 2]) await stores.tickets.record(answered);
  await stores.tickets.record(changeOf(ticketId, 2, { state: 'waitingForAgent' }));
  expect(await typesOf(name)).toEqual(['ticket.created', 'ticket.answered', 'ticket.state_changed']);
});

test('an answer that is written again after a lost task is told once', async () => {
  const name = await endpoint();
  const ticketId = await newTicket(stores);
  const answered = changeOf(ticketId, 3, { state: 'waitingForCustomer' }, 'answered');
  await stores.tickets.record(answered);
  const later = answered.entries.map((entry) => ({
    ...entry,
    at: new Date(Date.parse(entry.at) + 5_000).toISOString(),
  }));
  await stores.tickets.record({ ...answered, entries: later });
  expect(await typesOf(name)).toEqual(['ticket.created', 'ticket.answered', 'ticket.state_changed']);
});

test('an agent who is given the ticket by the assigner is told of, once', async () => {
  const name = await endpoint();
  const ticketId = await newTicket(stores);
  const asked = { ticketId, occasion: 'Escalate#1', demand: { needs: [], weight: 1 }, priority: null };
  for (const _ of [1, 2]) await stores.tickets.assign(asked);
  await stores.tickets.record(changeOf(ticketId, 2, { assigneeId: 'ana' }));
  expect(await typesOf(name)).toEqual(['ticket.created', 'ticket.assigned']);
});

test('no change that is undone leaves a message, and no message that can’t be written lets its change stand', async () => {
  const name = await endpoint();
  const ticketId = await newTicket(stores);
  const undone = stores.db.transaction().execute(async (tx) => {
    await tx.updateTable('tickets').set({ state: 'solved' }).where('id', '=', ticketId).execute();
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await typesOf(name)).toEqual(['ticket.created']);
  await sql`alter table webhook_messages add constraint full_up check (type <> 'ticket.state_changed') not valid`.execute(
    stores.db,
  );
  await expect(stores.tickets.record(changeOf(ticketId, 2, { state: 'solved' }))).rejects.toThrow('full_up');
  await sql`alter table webhook_messages drop constraint full_up`.execute(stores.db);
  expect((await stores.read.ticket(ticketId))?.state).toBe('new');
});

test('events and sources choose; who is disabled or has left the file gets nothing', async () => {
  for (const more of [{ events: ['ticket.assigned'] }, { sources: ['elsewhere'] }]) {
    const chosen = await endpoint(more);
    const ticketId = await newTicket(stores);
    await stores.tickets.record(changeOf(ticketId, 2, {}, 'answered'));
    expect(await told(chosen)).toEqual([]);
  }
  const gone = await endpoint();
  await store().disable(gone, 'the receiver answered 410 Gone');
  await newTicket(stores);
  expect(await told(gone)).toEqual([]);
  const left = await endpoint();
  await saveWebhookEndpoints(stores.worker, []);
  await newTicket(stores);
  expect(await told(left)).toEqual([]);
  expect(await store().hold(left, 1_000)).toBeNull();
  expect(await store().hold(gone, 1_000)).toBeNull();
});

async function twoTickets(): Promise<{ name: string; one: string; other: string }> {
  const name = await endpoint();
  const one = await newTicket(stores);
  const other = await newTicket(stores);
  await stores.tickets.record(changeOf(one, 2, { state: 'waitingForAgent' }));
  return { name, one, other };
}
const dueOf = async (name: string, options = ALL) =>
  (await store().due(name, options)).map(({ ticketId, type }) => [ticketId, type]);

test('a ticket’s messages go out one after the other; one that failed three times is overtaken', async () => {
  const { name, one, other } = await twoTickets();
  const heads = [
    [one, 'ticket.created'],
    [other, 'ticket.created'],
  ];
  expect(await dueOf(name)).toEqual(heads);
  const [first] = await store().due(name, ALL);
  const later = new Date(Date.now() + 60_000);
  const fail = () => store().fail(name, first?.messageId ?? '', { reason: 'HTTP 500', nextAt: later, counted: true });
  await fail();
  expect(await dueOf(name)).toEqual([[other, 'ticket.created']]);
  await fail();
  await fail();
  expect(await dueOf(name)).toEqual([
    [other, 'ticket.created'],
    [one, 'ticket.state_changed'],
  ]);
  await store().settle(name, first?.messageId ?? '', 'sent');
  const [, second] = await store().due(name, ALL);
  expect(second?.sequence).toBeGreaterThan(first?.sequence ?? Number.POSITIVE_INFINITY);
});

test('a probe is the oldest message, whatever its time; when the circuit closes all are due', async () => {
  const { name, one } = await twoTickets();
  const [first] = await store().due(name, ALL);
  const later = new Date(Date.now() + 60_000);
  await store().fail(name, first?.messageId ?? '', { reason: 'HTTP 500', nextAt: later, counted: true });
  const open = { since: Date.now(), probeAt: Date.now() + 5_000, pauseMs: 5_000 };
  await store().saveCircuit(name, { failures: 1, open });
  expect(await store().hold(name, 1_000)).toEqual({ failures: 1, open });
  expect(await dueOf(name, { limit: 1, probe: true })).toEqual([[one, 'ticket.created']]);
  expect(await store().wanting()).toEqual([]);
  const pass = await store().release(name);
  expect(pass).toMatchObject({ standing: 'open', waiting: 3 });
  expect(pass.nextMs).toBeGreaterThan(3_000);
  await store().saveCircuit(name, { failures: 0, open: null });
  expect(await dueOf(name)).toHaveLength(2);
  expect(await store().release(name)).toEqual({ standing: 'closed', waiting: 3, nextMs: 0 });
});

test('an endpoint that wants somebody is named to one who asks, until that one is late', async () => {
  const name = await endpoint();
  expect(await store().wanting()).toEqual([]);
  await newTicket(stores);
  const asked = await Promise.all([store().wanting(), store().wanting(), store().wanting()]);
  expect(asked.flat()).toEqual([name]);
  await sql`update webhook_endpoints set held_until = now() - interval '1 second' where name = ${name}`.execute(
    stores.db,
  );
  expect(await store().wanting()).toEqual([name]);
  await store().hold(name, 60_000);
  expect(await store().wanting()).toEqual([]);
  await store().release(name);
  expect(await store().wanting()).toEqual([name]);
});

test('many that wait are looked through in no time, also where nobody has counted them yet', async () => {
  const name = await endpoint();
  await sql`insert into webhook_messages (endpoint, type, facts, ticket_id, next_at)
    select ${name}, 'ticket.assigned', '{}', t.id, now() + interval '1 hour' * (n % 2)
    from generate_series(1, 10000) n, (select id from tickets limit 1) t`.execute(stores.db);
  const begun = performance.now();
  // The first of them is tried again in an hour, and all others are its ticket’s.
  expect(await store().wanting()).toEqual([]);
  expect(await store().due(name, ALL)).toHaveLength(0);
  expect(await store().release(name)).toMatchObject({ waiting: 10_000 });
  // As a join it took minutes.
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('what waited beyond the horizon is given up, and what was settled a month ago is gone', async () => {
  const { name } = await twoTickets();
  const [first, second] = await told(name);
  const ago = (days: number) => sql<Date>`now() - make_interval(days => ${days})`;
  await age(stores, first?.message_id, { due_from: ago(5) });
  await age(stores, second?.message_id, { at: ago(31), status: 'sent', settled_at: ago(31) });
  await store().tidy(name, 4 * 86_400_000);
  const rows = await stores.db
    .selectFrom('webhook_messages')
    .select(['message_id', 'status', 'reason'])
    .where('endpoint', '=', name)
    .orderBy('id')
    .execute();
  expect(rows[0]).toEqual({ message_id: first?.message_id, status: 'failed', reason: 'its time was over' });
  expect(rows.map(({ message_id }) => message_id)).not.toContain(second?.message_id);
  expect(rows[1]?.status).toBe('pending');
});

async function age({ db }: Stores, messageId: string | undefined, values: object): Promise<void> {
  await db
    .updateTable('webhook_messages')
    .set(values)
    .where('message_id', '=', messageId ?? '')
    .execute();
}
