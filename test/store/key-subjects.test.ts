import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createErasureSecrets } from '../../src/adapters/erasure-secrets.ts';
import { createErasureStore } from '../../src/store/erasures.ts';
import { claim, newId, ticketOf, useStores } from './support.ts';

const stores = useStores();
const WAITS = { waitsForErasure: true, isChild: false };
const CHILD = { waitsForErasure: true, isChild: true };
const { subjectDigests } = createErasureSecrets('a secret of the tests');

/** A key that is there, as that of every workflow with a payload is. */
async function newKey(at = new Date()): Promise<string> {
  const name = newId('flow');
  await stores.db.insertInto('data_keys').values({ name, wrapped: null, kek_id: null, created_at: at }).execute();
  return name;
}

async function newCustomer(more: { erasure_id?: string; frozen_at?: Date } = {}) {
  const id = newId('CUST');
  const email = `${id}@Customer.example`;
  await stores.db
    .insertInto('customers')
    .values({ id, email, known_from: 'crm', ...more })
    .execute();
  return { id, email };
}

const keyOf = (name: string) =>
  stores.db.selectFrom('data_keys').select(['subject_id', 'named_as']).where('name', '=', name).executeTakeFirst();

test('whom nobody knows yet is kept as digests, and becomes the subject with their first ticket', async () => {
  const [byId, byAddress, another] = [await newKey(), await newKey(), await newKey()];
  const ticket = ticketOf(newId(), { customerEmail: `${newId()}@Customer.example` });
  const { customerId, customerEmail: email = '' } = ticket.detail;
  const nobody = { customerId: null, isAnothers: false, isFrozen: false };
  expect(await stores.tickets.nameSubject(byId, { customerId }, WAITS)).toEqual(nobody);
  expect(await stores.tickets.nameSubject(byAddress, { email: email.toUpperCase() }, WAITS)).toEqual(nobody);
  await stores.tickets.nameSubject(another, { email: 'another@customer.example' }, WAITS);
  expect(await keyOf(byId)).toEqual({ subject_id: null, named_as: [expect.any(Buffer)] });
  // Neither is there to be read, nor the same digest that anybody makes who has not the secret.
  const { named_as } = (await keyOf(byAddress)) ?? {};
  expect(named_as).toEqual(subjectDigests({ email }));
  expect(named_as).not.toEqual(createErasureSecrets('another secret').subjectDigests({ email }));

  await claim(stores, ticket);
  for (const name of [byId, byAddress]) expect(await keyOf(name)).toEqual({ subject_id: customerId, named_as: null });
  expect(await keyOf(another)).toEqual({ subject_id: null, named_as: [expect.any(Buffer)] });
});

test('an id that is given twice goes with either of whom it spoke', async () => {
  const name = await newKey();
  await stores.tickets.nameSubject(name, { customerId: 'CUST-one' }, WAITS);
  await stores.tickets.nameSubject(name, { customerId: 'CUST-one', email: 'two@customer.example' }, WAITS);
  expect((await keyOf(name))?.named_as).toHaveLength(2);
  await stores.tickets.nameSubject(name, {}, WAITS);
  expect((await keyOf(name))?.named_as).toHaveLength(2);
});

test('who is being erased is not named by what waits for that, and is by what is refused', async () => {
  const customer = await newCustomer({ frozen_at: new Date() });
  const [waits, refused] = [await newKey(), await newKey()];
  const named = { customerId: customer.id, isAnothers: false, isFrozen: true };
  expect(await stores.tickets.nameSubject(waits, { customerId: customer.id }, WAITS)).toEqual(named);
  // Should it be ended while it waits, a later erasure finds it.
  expect(await keyOf(waits)).toEqual({ subject_id: null, named_as: subjectDigests({ customerId: customer.id }) });
  await stores.tickets.nameSubject(refused, { email: customer.email }, { waitsForErasure: false, isChild: false });
  expect(await keyOf(refused)).toEqual({ subject_id: customer.id, named_as: null });
});

test('what a workflow starts is its customer’s before it begins', async () => {
  const customer = await newCustomer();
  const [known, unknown, nobodys] = [await newKey(), await newKey(), await newKey()];
  await stores.tickets.nameSubject(known, { customerId: customer.id }, WAITS);
  await stores.tickets.nameSubject(unknown, { customerId: 'CUST-later' }, WAITS);
  const [ofKnown, ofUnknown, ofNobody] = [newId('flow'), newId('flow'), newId('flow')];
  await stores.tickets.nameChild(known, ofKnown);
  await stores.tickets.nameChild(known, ofKnown);
  await stores.tickets.nameChild(unknown, ofUnknown);
  await stores.tickets.nameChild(nobodys, ofNobody);
  expect(await keyOf(ofKnown)).toEqual({ subject_id: customer.id, named_as: null });
  expect(await keyOf(ofUnknown)).toEqual({ subject_id: null, named_as: subjectDigests({ customerId: 'CUST-later' }) });
  expect(await keyOf(ofNobody)).toBeUndefined();
  // An id that somebody else's run has already stays whose it is.
  expect(await stores.tickets.nameChild(known, nobodys)).toBe(true);
  expect(await keyOf(nobodys)).toEqual({ subject_id: null, named_as: null });
  const others = await newKey();
  await stores.tickets.nameSubject(others, { customerId: (await newCustomer()).id }, WAITS);
  expect(await stores.tickets.nameChild(known, others)).toBe(false);
  expect(await stores.tickets.nameChild(known, ofKnown)).toBe(true);
});

test('what began for somebody who became a customer meanwhile starts others for them', async () => {
  const [parent, child, another] = [await newKey(), newId('flow'), newId('flow')];
  const ticket = ticketOf(newId());
  const { customerId } = ticket.detail;
  await stores.tickets.nameSubject(parent, { customerId }, WAITS);
  await claim(stores, ticket);
  for (const name of [child, another]) await stores.tickets.nameChild(parent, name);
  // It names nobody; and somebody else, whom its parent's customer has to do with.
  const theirs = { customerId, isAnothers: false, isFrozen: false };
  expect(await stores.tickets.nameSubject(child, {}, CHILD)).toEqual(theirs);
  expect(await stores.tickets.nameSubject(another, { email: 'carrier@example.com' }, CHILD)).toEqual(theirs);
  // Whoever else takes the id is told that it is somebody’s.
  expect(await stores.tickets.nameSubject(child, {}, WAITS)).toMatchObject({ isAnothers: true });
});

test('an erasure takes what spoke of the person before the freeze, and a shred drops the digests of whoever is unknown', async () => {
  const erasure = newId('ERA');
  await sql`insert into erasures (id, via, state, sealed, due_at) values (${erasure}, 'cli', 'erasing', '', now())`.execute(
    stores.db,
  );
  const frozenAt = new Date(Date.now() - 60_000);
  const { id: customerId } = await newCustomer({ erasure_id: erasure, frozen_at: frozenAt });
  const store = createErasureStore(stores.worker);
  const digests = subjectDigests({ customerId: 'CUST-imported' });
  const [before, after] = [await newKey(new Date(frozenAt.getTime() - 1_000)), await newKey()];
  for (const name of [before, after]) await stores.tickets.nameSubject(name, { customerId: 'CUST-imported' }, WAITS);
  await store.adoptKeys(erasure, []);
  expect((await keyOf(before))?.subject_id).toBeNull();
  await store.adoptKeys(erasure, digests);
  expect(await keyOf(before)).toEqual({ subject_id: customerId, named_as: null });
  expect(await keyOf(after)).toEqual({ subject_id: null, named_as: digests });
  // What one from before it starts is from before it too.
  const [parent, child] = [await newKey(new Date(frozenAt.getTime() - 1_000)), newId('flow')];
  await stores.tickets.nameSubject(parent, { customerId: 'CUST-imported' }, WAITS);
  await stores.tickets.nameChild(parent, child);
  await store.adoptKeys(erasure, digests);
  expect((await keyOf(child))?.subject_id).toBe(customerId);
});

test('the night drops the digests of old workflows that are gone, and of no others', async () => {
  const store = createErasureStore(stores.worker);
  const old = new Date(Date.now() - 25 * 3_600_000);
  const [gone, there, young] = [await newKey(old), await newKey(old), await newKey()];
  for (const name of [gone, there, young]) await stores.tickets.nameSubject(name, { customerId: newId('CUST') }, WAITS);
  const all: string[] = [];
  const first = '00000000-0000-0000-0000-000000000000';
  for (let page = await store.namedLater(first, 1); page[0]; page = await store.namedLater(page[0].id, 1))
    all.push(page[0].workflowId);
  expect(all.filter((name) => [gone, there, young].includes(name)).sort()).toEqual([gone, there].sort());
  await store.forgetNames([gone]);
  expect((await keyOf(gone))?.named_as).toBeNull();
  expect((await keyOf(there))?.named_as).toHaveLength(1);
});
