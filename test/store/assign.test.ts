import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Priority } from '../../src/domain/route.ts';
import { createAssigner } from '../../src/store/assign.ts';
import { type SeedAgent, saveAgents } from '../../src/store/seed.ts';
import { changeOf, newId, newTicket, useStores } from './support.ts';

const stores = useStores();

const agent = (id: string, more: Partial<SeedAgent> = {}): SeedAgent => ({
  id,
  skills: { premium: 1 },
  capacity: 3,
  onDuty: true,
  ...more,
});
const AGENTS = [
  agent('ana'),
  agent('ben'),
  agent('dev', { skills: {}, capacity: 6 }),
  agent('emma', { capacity: 9, onDuty: false }),
];

beforeEach(async () => {
  await stores.db.deleteFrom('assignments').execute();
  await stores.db.deleteFrom('waiting_tickets').execute();
  await stores.db.updateTable('tickets').set({ assignee_id: null }).execute();
  await stores.db.deleteFrom('agents').execute();
  await saveAgents(stores.worker, AGENTS);
});

const tickets = (count: number, customerId?: string) =>
  Promise.all(Array.from({ length: count }, () => newTicket(stores, customerId ? { customerId } : {})));

interface Asks {
  readonly occasion?: string;
  readonly needs?: Readonly<Record<string, number>>;
  readonly weight?: number;
  readonly priority?: Priority;
  readonly by?: ReturnType<typeof createAssigner>;
}
async function ask(ticketId: string, { occasion = 'o1', needs = {}, weight = 1, priority = 'MEDIUM', by }: Asks = {}) {
  const demand = { needs: Object.entries(needs).map(([skill, level]) => ({ skill, level })), weight };
  const { assign } = by ?? stores.tickets;
  return (await assign({ ticketId, occasion, demand, priority })).agentId;
}
const PREMIUM = { premium: 1 };

async function loads(): Promise<Record<string, number>> {
  const { rows } = await sql<{
    id: string;
    load: number;
  }>`select assignee_id as id, sum(weight)::integer as load from tickets
    where assignee_id is not null and state not in ('solved', 'closed') group by assignee_id order by assignee_id`.execute(
    stores.db,
  );
  return Object.fromEntries(rows.map(({ id, load }) => [id, load]));
}
async function promised(): Promise<Record<string, string>> {
  const rows = await stores.db
    .selectFrom('waiting_tickets')
    .select(['ticket_id', 'agent_id'])
    .where('agent_id', 'is not', null)
    .execute();
  return Object.fromEntries(rows.map((row) => [row.ticket_id, row.agent_id ?? '']));
}
/** Equal in the clock of this file's tickets: who waits longest is said here. */
async function waitsSince(ids: readonly string[]): Promise<void> {
  for (const [i, id] of ids.entries()) {
    const since = new Date(Date.UTC(2026, 0, 1 + i));
    await stores.db.updateTable('waiting_tickets').set({ since }).where('ticket_id', '=', id).execute();
  }
}
const solve = (ticketId: string, assigneeId: string) =>
  stores.tickets.record(changeOf(ticketId, 9, { state: 'solved', assigneeId }, 'resolved'));

describe('assign', () => {
  it('one after another: whoever who fits has been without a new one longest', async () => {
    const chosen = [];
    for (const id of await tickets(4)) chosen.push(await ask(id, { needs: PREMIUM }));
    expect(chosen).toEqual(['ana', 'ben', 'ana', 'ben']);
  });

  it('a hundred at once, from two processes and of different weights: nobody gets more than they have room for', async () => {
    await saveAgents(stores.worker, [
      agent('ana', { capacity: 11 }),
      agent('ben', { capacity: 20 }),
      agent('cleo', { capacity: 7 }),
    ]);
    const other = createAssigner(stores.worker, { relaxAfterMs: null });
    const own = createAssigner(stores.worker, { relaxAfterMs: null });
    const ids = await tickets(100);
    const chosen = await Promise.all(
      ids.map((id, i) => ask(id, { needs: PREMIUM, weight: (i % 3) + 1, by: i % 2 === 0 ? own : other })),
    );
    const taken = await loads();
    expect(taken.ana).toBeLessThanOrEqual(11);
    expect(taken.ben).toBeLessThanOrEqual(20);
    expect(taken.cleo).toBeLessThanOrEqual(7);
    // Tickets of weight 1 are there to the end: no room is left.
    expect(Object.values(taken).reduce((a, b) => a + b)).toBe(38);
    const waiting = await stores.db.selectFrom('waiting_tickets').select('ticket_id').execute();
    expect(waiting).toHaveLength(chosen.filter((id) => id === null).length);
  });

  it('a level that is enough goes before a better one', async () => {
    await saveAgents(stores.worker, [agent('ana', { skills: { german: 3 } }), agent('zoe', { skills: { german: 2 } })]);
    const [a = '', b = ''] = await tickets(2);
    expect(await ask(a, { needs: { german: 2 } })).toBe('zoe');
    expect(await ask(b, { needs: { german: 3 } })).toBe('ana');
  });

  it('the same occasion again, at once or later, gives the same agent', async () => {
    const other = createAssigner(stores.worker, { relaxAfterMs: null });
    const [id = ''] = await tickets(1);
    const atOnce = await Promise.all(Array.from({ length: 10 }, (_, i) => ask(id, i % 2 === 0 ? {} : { by: other })));
    expect(new Set(atOnce).size).toBe(1);
    for (const ticket of await tickets(5)) await ask(ticket);
    expect(await ask(id)).toBe(atOnce[0]);
  });

  it('null when nobody fits, and the same again for the same occasion though somebody is there by then', async () => {
    const [id = ''] = await tickets(1);
    expect(await ask(id, { needs: { welsh: 1 } })).toBeNull();
    await saveAgents(stores.worker, [...AGENTS, agent('nia', { skills: { welsh: 1 }, capacity: 1 })]);
    expect(await ask(id, { needs: { welsh: 1 } })).toBeNull();
    expect(await ask(id, { needs: { welsh: 1 }, occasion: 'o2' })).toBe('nia');
  });

  it('a solved ticket is no load', async () => {
    const ids = await tickets(7);
    for (const id of ids.slice(0, 6)) await ask(id, { needs: PREMIUM });
    await solve(ids[0] ?? '', 'ana');
    expect(await ask(ids[6] ?? '', { needs: PREMIUM })).toBe('ana');
  });

  it('without any agent: null for everybody, and all wait', async () => {
    await saveAgents(stores.worker, []);
    const chosen = await Promise.all((await tickets(5)).map((id) => ask(id)));
    expect(chosen).toEqual([null, null, null, null, null]);
    expect(await stores.db.selectFrom('waiting_tickets').select('ticket_id').execute()).toHaveLength(5);
  });

  it('who is away or off gets nothing, whatever the file said at first; a changed file has the last word', async () => {
    await stores.db.updateTable('agents').set({ presence: 'away' }).where('id', '=', 'ana').execute();
    await saveAgents(stores.worker, AGENTS);
    const [a = '', b = ''] = await tickets(2);
    expect(await ask(a, { needs: PREMIUM })).toBe('ben');
    await saveAgents(stores.worker, [agent('emma')]);
    expect(await ask(b, { needs: PREMIUM })).toBe('emma');
  });
});

describe('the line of those for whom nobody has room', () => {
  const one = createTicketLine();

  it('is promised to whoever has room again, who is kept for them; asked, they take them', async () => {
    const [first = '', second = ''] = await one.fill();
    expect(await promised()).toEqual({});
    await one.free();
    await one.assigner.assignWaiting();
    expect(await promised()).toEqual({ [first]: 'ana' });
    const [late = ''] = await tickets(1);
    expect(await ask(late, { needs: PREMIUM })).toBeNull();
    expect(await ask(first, { needs: PREMIUM, occasion: 'o2' })).toBe('ana');
    expect(await promised()).toEqual({});
    expect((await loads()).ana).toBe(1);
    expect(await one.waiting()).toEqual([second, late].sort());
  });

  it('goes before a new ticket that asks in that very moment', async () => {
    const [first = ''] = await one.fill();
    await one.free();
    const [late = ''] = await tickets(1);
    expect(await ask(late, { needs: PREMIUM })).toBeNull();
    expect(await promised()).toEqual({ [first]: 'ana' });
  });

  it('is served before who comes next, though somebody who can not help was free all the while', async () => {
    await saveAgents(stores.worker, [agent('ana', { capacity: 1 }), agent('dev', { skills: {}, capacity: 6 })]);
    const by = createAssigner(stores.worker, { relaxAfterMs: null });
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = await tickets(5);
    expect(await ask(first, { needs: PREMIUM, by })).toBe('ana');
    expect(await ask(second, { needs: PREMIUM, by })).toBeNull();
    await waitsSince([second]);
    expect(await ask(third, { by })).toBe('dev');
    expect(await promised()).toEqual({});
    await solve(first, 'ana');
    // The line is not read at every ticket; it is where somebody has got room.
    expect(await ask(fourth, { needs: PREMIUM, by })).toBeNull();
    expect(await promised()).toEqual({ [second]: 'ana' });
    await stores.db.updateTable('agents').set({ skills: '{"premium": 1}' }).where('id', '=', 'dev').execute();
    await by.assignWaiting();
    expect(await promised()).toEqual({ [second]: 'ana', [fourth]: 'dev' });
    await stores.db.updateTable('agents').set({ capacity: 2 }).where('id', '=', 'ana').execute();
    expect(await ask(fifth, { needs: PREMIUM, by })).toBe('ana');
  });

  it('gives way to a higher priority', async () => {
    await one.fill();
    await one.free();
    const [late = ''] = await tickets(1);
    expect(await ask(late, { needs: PREMIUM, priority: 'HIGH' })).toBe('ana');
  });

  it('is fair: a customer of whom agents have tickets, or are given one now, comes after those of whom they have none', async () => {
    await saveAgents(stores.worker, [agent('ben', { capacity: 1 })]);
    const [big, busy, small] = [newId('CUST'), newId('CUST'), newId('CUST')];
    const [has = ''] = await tickets(1, busy);
    expect(await ask(has)).toBe('ben');
    const line = [...(await tickets(1, busy)), ...(await tickets(4, big)), ...(await tickets(1, small))];
    for (const id of line) expect(await ask(id)).toBeNull();
    await waitsSince(line);
    await saveAgents(stores.worker, [agent('ben', { capacity: 1 }), agent('ana', { capacity: 2 })]);
    await one.assigner.assignWaiting();
    expect(Object.keys(await promised()).sort()).toEqual([line[1], line[5]].sort());
  });

  it('counts against nobody what was answered and waits for them, which fills its agent all the same', async () => {
    await saveAgents(stores.worker, [agent('ben', { capacity: 1 })]);
    const [busy, big] = [newId('CUST'), newId('CUST')];
    const [has = ''] = await tickets(1, busy);
    expect(await ask(has)).toBe('ben');
    const line = [...(await tickets(1, busy)), ...(await tickets(2, big))];
    for (const id of line) expect(await ask(id)).toBeNull();
    await waitsSince(line);
    await stores.tickets.record(changeOf(has, 9, { state: 'waitingForCustomer', assigneeId: 'ben' }, 'agentReplied'));
    await one.assigner.assignWaiting();
    expect(await promised()).toEqual({});
    await saveAgents(stores.worker, [agent('ben', { capacity: 1 }), agent('ana', { capacity: 1 })]);
    await one.assigner.assignWaiting();
    expect(await promised()).toEqual({ [line[0] ?? '']: 'ana' });
  });

  it('forgets nobody when what somebody was promised is not taken, and counts it as their load', async () => {
    const [first = '', second = ''] = await one.fill();
    await one.free();
    await one.assigner.assignWaiting();
    await one.assigner.assignWaiting();
    expect(await promised()).toEqual({ [first]: 'ana' });
    expect(await one.waiting()).toEqual([first, second].sort());
  });

  it('waits for others when whoever it was promised to is gone from the file', async () => {
    const [first = ''] = await one.fill();
    await one.free();
    await one.assigner.assignWaiting();
    await saveAgents(stores.worker, [agent('zoe', { capacity: 1 })]);
    expect(await promised()).toEqual({});
    await one.assigner.assignWaiting();
    expect(await promised()).toEqual({ [first]: 'zoe' });
  });

  it('asks for less, a step at a time', async () => {
    const [id = ''] = await tickets(1);
    expect(await ask(id, { needs: { premium: 1, german: 1 } })).toBeNull();
    // Each looks for the first time: time is what one alone would look for later.
    const looker = () => createAssigner(stores.worker, { relaxAfterMs: 600_000 });
    await looker().assignWaiting();
    expect(await promised()).toEqual({});
    await stores.db.updateTable('waiting_tickets').set({ queued_at: sql`now() - interval '10 minutes'` }).execute();
    // Asked for once more it has waited none the less.
    expect(await ask(id, { needs: { premium: 1, german: 1 }, occasion: 'again' })).toBeNull();
    expect(await promised()).toEqual({});
    const patient = looker();
    await patient.assignWaiting();
    expect(await promised()).toEqual({ [id]: 'ana' });
    const asked = { ticketId: id, occasion: 'o2', demand: { needs: [], weight: 1 }, priority: null };
    expect(await patient.assign(asked)).toEqual({ agentId: 'ana', relaxed: [{ skill: 'german', from: 1, to: 0 }] });
    expect((await patient.assign(asked)).relaxed).toHaveLength(1);
  });

  /** One agent with room for one, which a ticket has; two others wait. */
  function createTicketLine() {
    const held: { assigner?: ReturnType<typeof createAssigner>; has?: string } = {};
    return {
      get assigner() {
        held.assigner ??= createAssigner(stores.worker, { relaxAfterMs: null });
        return held.assigner;
      },
      async fill() {
        await saveAgents(stores.worker, [agent('ana', { capacity: 1 })]);
        const [has = '', ...others] = await tickets(3);
        held.has = has;
        expect(await ask(has, { needs: PREMIUM })).toBe('ana');
        for (const id of others) expect(await ask(id, { needs: PREMIUM })).toBeNull();
        await waitsSince(others);
        return others;
      },
      free: () => solve(held.has ?? '', 'ana'),
      async waiting() {
        const rows = await stores.db.selectFrom('waiting_tickets').select('ticket_id').execute();
        return rows.map((row) => row.ticket_id).sort();
      },
    };
  }
});
