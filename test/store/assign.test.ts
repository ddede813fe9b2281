import { beforeEach, describe, expect, it } from 'vitest';
import { saveAgents } from '../../src/store/seed.ts';
import { createTicketStore } from '../../src/store/tickets.ts';
import { changeOf, newTicket, useStores } from './support.ts';

const stores = useStores();

const AGENTS = [
  { id: 'ana', skills: ['premium'], capacity: 3, onDuty: true },
  { id: 'ben', skills: ['premium'], capacity: 3, onDuty: true },
  { id: 'dev', skills: [], capacity: 6, onDuty: true },
  { id: 'emma', skills: ['premium'], capacity: 9, onDuty: false },
];

beforeEach(async () => {
  await stores.db.deleteFrom('assignments').execute();
  await stores.db.updateTable('tickets').set({ assignee_id: null }).execute();
  await saveAgents(stores.worker, AGENTS);
});

const tickets = (count: number) => Promise.all(Array.from({ length: count }, () => newTicket(stores)));
const loads = async () => {
  const rows = await stores.db
    .selectFrom('tickets')
    .select('assignee_id')
    .where('assignee_id', 'is not', null)
    .execute();
  const count = (id: string) => rows.filter((row) => row.assignee_id === id).length;
  return { ana: count('ana'), ben: count('ben'), dev: count('dev'), emma: count('emma') };
};

describe('assign', () => {
  it('one after another: the least-loaded who fits', async () => {
    const chosen = [];
    for (const id of await tickets(4)) chosen.push(await stores.tickets.assign(id, 'o1', ['premium']));
    expect(chosen).toEqual(['ana', 'ben', 'ana', 'ben']);
  });

  it('many at once, from two processes: nobody gets more than they have room for', async () => {
    const other = createTicketStore(stores.worker);
    const ids = await tickets(20);
    const chosen = await Promise.all(
      ids.map((id, i) => (i % 2 === 0 ? stores.tickets : other).assign(id, 'o1', ['premium'])),
    );
    expect(chosen.filter((id) => id === null)).toHaveLength(14);
    expect(await loads()).toEqual({ ana: 3, ben: 3, dev: 0, emma: 0 });
  });

  it('spreads over all who fit by their capacity', async () => {
    const ids = await tickets(12);
    await Promise.all(ids.map((id) => stores.tickets.assign(id, 'o1', [])));
    expect(await loads()).toEqual({ ana: 3, ben: 3, dev: 6, emma: 0 });
  });

  it('the same occasion again, at once or later, gives the same agent', async () => {
    const other = createTicketStore(stores.worker);
    const [id = ''] = await tickets(1);
    const atOnce = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? stores.tickets : other).assign(id, 'o1', [])),
    );
    expect(new Set(atOnce).size).toBe(1);
    for (const ticket of await tickets(5)) await stores.tickets.assign(ticket, 'o1', []);
    expect(await stores.tickets.assign(id, 'o1', [])).toBe(atOnce[0]);
  });

  it('null when nobody fits, and the same again for the same occasion though somebody is there by then', async () => {
    const [id = ''] = await tickets(1);
    expect(await stores.tickets.assign(id, 'o1', ['welsh'])).toBeNull();
    await saveAgents(stores.worker, [...AGENTS, { id: 'nia', skills: ['welsh'], capacity: 1, onDuty: true }]);
    expect(await stores.tickets.assign(id, 'o1', ['welsh'])).toBeNull();
    expect(await stores.tickets.assign(id, 'o2', ['welsh'])).toBe('nia');
  });

  it('a solved ticket is no load', async () => {
    const ids = await tickets(7);
    for (const id of ids.slice(0, 6)) await stores.tickets.assign(id, 'o1', ['premium']);
    expect(await stores.tickets.assign(ids[6] ?? '', 'o1', ['premium'])).toBeNull();
    await stores.tickets.record(changeOf(ids[0] ?? '', 2, { state: 'solved', assigneeId: 'ana' }));
    expect(await stores.tickets.assign(ids[6] ?? '', 'o2', ['premium'])).toBe('ana');
  });

  it('without any agent on duty: null for everybody', async () => {
    await saveAgents(stores.worker, []);
    const chosen = await Promise.all((await tickets(5)).map((id) => stores.tickets.assign(id, 'o1', [])));
    expect(chosen).toEqual([null, null, null, null, null]);
  });
});
