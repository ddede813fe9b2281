import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Consent, type ConsentStore, createConsentStore } from '../../src/store/consents.ts';
import { createHoldStore, type HoldStore } from '../../src/store/holds.ts';
import { knownOfPerson } from '../../src/store/known-of-person.ts';
import { newId, newTicket, useStores } from './support.ts';

const BY = { kind: 'person', id: 'login/test' } as const;
const stores = useStores();
let consents: ConsentStore;
let holds: HoldStore;
beforeAll(() => {
  consents = createConsentStore(stores.officer, BY);
  holds = createHoldStore(stores.officer);
});

async function newCustomer(): Promise<{ customerId: string; email: string }> {
  const customerId = newId('CUST');
  const email = `${randomBytes(4).toString('hex')}@example.com`;
  await newTicket(stores, { customerId, customerEmail: email });
  return { customerId, email };
}
function said(status: Consent['status'], day: number, purpose = 'news'): Consent {
  return { purpose, status, at: new Date(Date.UTC(2026, 3, day)), source: 'cli', evidence: null };
}
const stateOf = async (customerId: string) => {
  const [register] = await consents.show({ customerId });
  return {
    now: register?.now.map(({ purpose, status }) => `${purpose} ${status}`),
    history: register?.history.map(({ purpose, status }) => `${purpose} ${status}`),
  };
};

describe('consents', () => {
  test('what was said last counts, and every change stays in the history', async () => {
    const { customerId } = await newCustomer();
    expect(await consents.set(customerId, said('granted', 1))).toBe('changed');
    expect(await consents.set(customerId, said('granted', 1, 'survey'))).toBe('changed');
    expect(await consents.set(customerId, said('withdrawn', 2))).toBe('changed');
    expect(await stateOf(customerId)).toEqual({
      now: ['news withdrawn', 'survey granted'],
      history: ['news granted', 'survey granted', 'news withdrawn'],
    });
  });

  test('what comes late is history and changes nothing', async () => {
    const { customerId } = await newCustomer();
    await consents.set(customerId, said('withdrawn', 3));
    expect(await consents.set(customerId, said('granted', 2))).toBe('older');
    expect((await stateOf(customerId)).now).toEqual(['news withdrawn']);
  });

  test('the same one is recorded once, however often and however many tell it at once', async () => {
    const { customerId } = await newCustomer();
    const told = await Promise.all(Array.from({ length: 8 }, () => consents.set(customerId, said('granted', 1))));
    expect(told.filter((outcome) => outcome === 'changed')).toHaveLength(1);
    expect((await stateOf(customerId)).history).toHaveLength(1);
  });

  test('of somebody unknown is an error that does not repeat the name', async () => {
    const refused = consents.set('nobody', said('granted', 1));
    await expect(refused).rejects.toMatchObject({ code: 'CustomerUnknown' });
    await expect(consents.show({ email: 'nobody@example.com' })).rejects.toThrow(/^no customer has this address$/);
  });

  test('an address finds everybody who has it, whatever its case', async () => {
    const { email } = await newCustomer();
    await newTicket(stores, { customerEmail: email.toUpperCase() });
    expect(await consents.show({ email })).toHaveLength(2);
  });
});

describe('the history of consents is append-only', () => {
  test.each([
    ['an edited line', sql`update consent_history set status = 'granted'`],
    ['another purpose', sql`update consent_history set purpose = 'ads'`],
    ['a deleted line', sql`delete from consent_history`],
    ['an emptied table', sql`truncate consent_history`],
    ['other evidence', sql`update consent_history set evidence = 'another'`],
  ])('%s is refused, even where triggers are off', async (_, change) => {
    const { customerId } = await newCustomer();
    await consents.set(customerId, said('withdrawn', 1));
    await expect(change.execute(stores.db)).rejects.toThrow(/append-only/);
    const asReplica = stores.db.transaction().execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx);
      await change.execute(trx);
    });
    await expect(asReplica).rejects.toThrow(/append-only/);
  });

  test('an erasure may give a line another name and take out what leads back', async () => {
    const [old, ref] = [await newCustomer(), await newCustomer()];
    await consents.set(old.customerId, { ...said('withdrawn', 1), evidence: 'form 7' });
    await sql`update consent_history set customer_id = ${ref.customerId}, evidence = null where customer_id = ${old.customerId}`.execute(
      stores.db,
    );
    expect((await stateOf(ref.customerId)).history).toEqual(['news withdrawn']);
  });
});

describe('holds', () => {
  const LAWSUIT = { category: 'conversations', why: 'a lawsuit', until: null } as const;

  test('stand until lifted, and stay known afterwards', async () => {
    const { customerId, email } = await newCustomer();
    const [hold] = await holds.place({ email }, LAWSUIT, ['login/test', 'officer/privacy']);
    expect(hold).toMatchObject({ customerId, ...LAWSUIT, placedBy: 'privacy', liftedAt: null });
    const id = hold?.id ?? '';
    expect(id).toMatch(/^HLD-[0-9a-f]{16}$/);
    expect(await holds.list({ who: { customerId } })).toHaveLength(1);
    expect(await holds.lift(id, ['login/test', 'officer/privacy'])).toBe(true);
    expect(await holds.lift(id, ['login/test', 'officer/privacy'])).toBe(false);
    expect(await holds.list({ who: { customerId } })).toEqual([]);
    expect(await holds.list({ who: { customerId }, lifted: true })).toMatchObject([{ id, liftedBy: 'privacy' }]);
  });

  test('are placed on everybody of an address', async () => {
    const { email } = await newCustomer();
    await newTicket(stores, { customerEmail: email });
    expect(
      await holds.place({ email }, { ...LAWSUIT, until: '2027-01-01T00:00:00.000Z' }, [
        'login/test',
        'officer/privacy',
      ]),
    ).toHaveLength(2);
  });

  test('on somebody unknown are an error', async () => {
    await expect(holds.place({ customerId: 'nobody' }, LAWSUIT, ['login/test', 'officer/x'])).rejects.toMatchObject({
      code: 'CustomerUnknown',
    });
  });
});

test('what decides about an erasure is gathered from all rows of the person', async () => {
  const [a, b] = [await newCustomer(), await newCustomer()];
  await consents.set(a.customerId, said('withdrawn', 5));
  await consents.set(b.customerId, said('granted', 4));
  const [lifted] = await holds.place(a, { category: 'all', why: 'over', until: null }, [
    'login/test',
    'officer/privacy',
  ]);
  await holds.lift(lifted?.id ?? '', ['login/test', 'officer/privacy']);
  await holds.place(b, { category: 'ratings', why: 'a lawsuit', until: null }, ['login/test', 'officer/privacy']);
  await stores.db.updateTable('tickets').set({ state: 'closed' }).where('customer_id', '=', a.customerId).execute();
  expect(await knownOfPerson(stores.officer, [a.customerId, b.customerId])).toMatchObject({
    consents: [
      { purpose: 'news', status: 'withdrawn', at: '2026-04-05T00:00:00.000Z' },
      { purpose: 'news', status: 'granted' },
    ],
    holds: [{ category: 'ratings', why: 'a lawsuit', until: null }],
    openTickets: 1,
    lastClosedAt: '2026-04-23T10:00:01.000Z',
  });
});
