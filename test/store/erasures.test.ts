import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import type { ErasureStore } from '../../src/deps-erasure-store.ts';
import type { MadeDecision } from '../../src/domain/erase.ts';
import { createErasureStore } from '../../src/store/erasures.ts';
import { changeOf, newId, newTicket, useStores } from './support.ts';

const stores = useStores();
const held = {} as { erasures: ErasureStore };
beforeAll(() => {
  held.erasures = createErasureStore(stores.worker);
});

test('a decision is made once, and made again only where it differs and nothing is erased yet', async () => {
  const id = await newRequest();
  const { saveDecision, replaceDecision, markErased } = held.erasures;
  await saveDecision(id, decisionOf('erase'));
  await saveDecision(id, decisionOf('partly'));
  expect((await request(id))?.decision).toEqual(decisionOf('erase'));
  await replaceDecision(id, decisionOf('erase'));
  expect(await said(id)).toEqual([['erasure.decided', { verdict: 'erase', categories: LABELS }]]);
  await replaceDecision(id, decisionOf('partly'));
  await markErased(id);
  await replaceDecision(id, decisionOf('erase'));
  expect((await request(id))?.decision).toEqual(decisionOf('partly'));
  expect(await said(id)).toEqual([
    ['erasure.decided', { verdict: 'erase', categories: LABELS }],
    ['erasure.decidedAgain', { verdict: 'partly', categories: LABELS }],
    ['erasure.erased', {}],
  ]);
});

test('whoever does again what was done, or finds nothing left to do, leaves no intent without its outcome', async () => {
  const id = await newRequest();
  const { intend, receipt, settle } = held.erasures;
  await settle(id, 'removeFiles', 'filesRemoved', { files: 0 });
  expect(await said(id)).toEqual([]);
  await intend(id, 'shred', { keys: 2 });
  await receipt(id, 'shred', { keys: 2 });
  await intend(id, 'shred', { keys: 2 });
  await intend(id, 'removeFiles', { files: 3 });
  for (let twice = 0; twice < 2; twice++) await settle(id, 'removeFiles', 'filesRemoved', { files: 0 });
  expect(await said(id)).toEqual([
    ['erasure.shredIntent', { keys: 2 }],
    ['erasure.shred', { keys: 2 }],
    ['erasure.removeFilesIntent', { files: 3 }],
    ['erasure.filesRemoved', { files: 0 }],
  ]);
});

test('all rows of a person are frozen, and all their tickets closed, each under one entry however often it is done', async () => {
  const id = await newRequest();
  const customers = [newId('CUST'), newId('CUST')];
  const open = await Promise.all(customers.map((customerId) => newTicket(stores, { customerId })));
  const closed = await newTicket(stores, { customerId: customers[0] ?? '' });
  await stores.tickets.record(changeOf(closed, 2, { state: 'closed' }, 'closed'));
  const others = await newTicket(stores);
  await sql`update customers set erasure_id = ${id} where id = any(${customers}::text[])`.execute(stores.db);
  for (let again = 0; again < 2; again++) {
    await held.erasures.freeze(id, { customerId: customers[0] ?? '' });
    await held.erasures.closeTickets(id);
  }
  const rows = await stores.db.selectFrom('customers').select(['id', 'frozen_at']).execute();
  expect(new Set(rows.filter(({ frozen_at }) => frozen_at !== null).map((row) => row.id))).toEqual(new Set(customers));
  expect(await closings(open)).toEqual(
    open.map(() => ({ state: 'closed', by: ['steward'], facts: { why: 'erasure' } })),
  );
  expect(await closings([closed, others])).toEqual([
    { state: 'closed', by: ['steward'], facts: {} },
    { state: 'new', by: [], facts: undefined },
  ]);
  expect(await said(id)).toEqual([
    ['erasure.frozen', {}],
    ['erasure.ticketsClosed', { tickets: 2 }],
  ]);
  const entries = await stores.db
    .selectFrom('audit_entries')
    .select(['actor_kind', 'actor_id', 'action', 'why', 'before', 'after'])
    .where('object', '=', `ticket/${open[0]}`)
    .orderBy('id')
    .execute();
  expect(entries.slice(1)).toEqual([
    {
      actor_kind: 'workflow',
      actor_id: `erasure-${id}`,
      action: 'ticket.closed',
      why: 'erasure',
      before: { state: 'new', revision: 1 },
      after: { state: 'closed', revision: 2 },
    },
  ]);
});

const LABELS = [{ category: 'identity', verdict: 'erase' }];
function decisionOf(verdict: 'erase' | 'partly'): MadeDecision {
  const category = { category: 'identity', verdict: 'erase', why: 'it was asked for', statute: 'Art. 17' } as const;
  return { verdict, approval: false, categories: [category] };
}

async function newRequest(): Promise<string> {
  const id = newId('ERA');
  await sql`insert into erasures (id, via, state, sealed, due_at) values (${id}, 'cli', 'deciding', '', now())`.execute(
    stores.db,
  );
  return id;
}

function request(id: string) {
  return held.erasures.row(id);
}

/** What the audit log has of a request, in its order. */
async function said(id: string) {
  const rows = await stores.db
    .selectFrom('audit_entries')
    .select(['action', 'after'])
    .where('object', '=', `erasure/${id}`)
    .orderBy('id')
    .execute();
  return rows.map(({ action, after }) => [action, after]);
}

async function closings(ticketIds: readonly string[]) {
  return Promise.all(
    ticketIds.map(async (id) => {
      const ticket = await stores.db
        .selectFrom('tickets')
        .select('state')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      const entries = await stores.db
        .selectFrom('timeline')
        .select(['actor', 'facts'])
        .where('ticket_id', '=', id)
        .where('kind', '=', 'closed')
        .execute();
      return { state: ticket.state, by: entries.map(({ actor }) => actor), facts: entries[0]?.facts };
    }),
  );
}
