import { describe, expect, it } from 'vitest';
import { claim, newId, newTicket, rowsOf, ticketOf, useStores } from './support.ts';

const stores = useStores();

describe('claim', () => {
  it('takes the id, the customer, the first message and the first entry', async () => {
    const id = newId();
    const envelope = ticketOf(id, { customerName: 'Ada', customerEmail: 'ada@example.com', channel: 'mail' });
    expect(await claim(stores, envelope)).toEqual({ outcome: 'new', customerId: envelope.detail.customerId, held: [] });
    expect(await rowsOf(stores, id)).toMatchObject({ timeline: 1, messages: 1 });
    expect(await stores.read.ticket(id)).toMatchObject({ state: 'new', customerId: envelope.detail.customerId });
  });

  it('of two runs at once: one is new, the other known, and nothing is doubled', async () => {
    for (let round = 0; round < 20; round++) {
      const id = newId();
      const envelope = ticketOf(id);
      const runs = Array.from({ length: 6 }, (_, i) => claim(stores, envelope, `run-${i}`));
      const outcomes = (await Promise.all(runs)).map((claimed) => claimed.outcome);
      expect(outcomes.filter((outcome) => outcome === 'new')).toHaveLength(1);
      expect(await rowsOf(stores, id)).toMatchObject({ timeline: 1, messages: 1 });
    }
  });

  it('repeated by the same run is new again, with nothing doubled', async () => {
    const id = newId();
    const envelope = ticketOf(id);
    const first = await claim(stores, envelope);
    expect(await claim(stores, envelope)).toEqual(first);
    const atOnce = await Promise.all(Array.from({ length: 6 }, () => claim(stores, envelope)));
    for (const again of atOnce) expect(again).toEqual(first);
    expect(await rowsOf(stores, id)).toMatchObject({ timeline: 1, messages: 1 });
  });

  it('twice at once by the same run is new for both', async () => {
    for (let round = 0; round < 20; round++) {
      const envelope = ticketOf(newId());
      const both = await Promise.all([claim(stores, envelope), claim(stores, envelope)]);
      expect(both.map((claimed) => claimed.outcome)).toEqual(['new', 'new']);
    }
  });

  it('of an id that belongs to another source: TicketConflict, and nothing is written', async () => {
    const id = await newTicket(stores);
    const other = ticketOf(id, { message: 'mine!' }, 'another.platform');
    await expect(claim(stores, other, 'run-2')).rejects.toMatchObject({
      code: 'TicketConflict',
      message: expect.stringContaining('support.platform'),
    });
    expect(await rowsOf(stores, id)).toMatchObject({ timeline: 1, messages: 1 });
    expect(await customer(other.detail.customerId)).toBeUndefined();
  });

  it('by two sources at once: one has it, the other gets TicketConflict and leaves no customer behind', async () => {
    for (let round = 0; round < 20; round++) {
      const id = newId();
      const envelopes = [ticketOf(id, {}, 'one'), ticketOf(id, {}, 'two')] as const;
      const results = await Promise.allSettled(envelopes.map((envelope, i) => claim(stores, envelope, `run-${i}`)));
      const lost = results.findIndex((result) => result.status === 'rejected');
      expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results[lost]).toMatchObject({ reason: { code: 'TicketConflict' } });
      expect(await customer(envelopes[lost as 0 | 1].detail.customerId)).toBeUndefined();
      expect(await rowsOf(stores, id)).toMatchObject({ timeline: 1, messages: 1 });
    }
  });

  it('of several tickets of one customer at once: one customer, and one ticket that is the first', async () => {
    const customerId = newId('CUST');
    const ids = Array.from({ length: 8 }, () => newId());
    await Promise.all(ids.map((id, i) => claim(stores, ticketOf(id, { customerId }), `run-${i}`)));
    const facts = await Promise.all(ids.map((id) => stores.tickets.customerFacts(id)));
    expect(facts.filter((fact) => fact.history.isNew)).toHaveLength(1);
  });

  it('of a customer whom the CRM knows changes neither name, address nor phone, and fills in what is missing', async () => {
    const known = newId('CUST');
    const row = {
      id: known,
      name: 'Ada',
      email: null,
      phone: null,
      tier: 'premium',
      known_from: 'crm',
      first_ticket_id: null,
    } as const;
    await stores.db.insertInto('customers').values(row).execute();
    const id = await newTicket(stores, {
      customerId: known,
      customerName: 'Somebody Else',
      customerEmail: 'ada@example.com',
      customerPhone: '+49 30 901820',
      customerTier: 'standard',
    });
    const filled = { name: 'Ada', email: 'ada@example.com', phone: '+49 30 901820', known_from: 'crm' };
    expect(await customer(known)).toMatchObject(filled);
    await newTicket(stores, { customerId: known, customerPhone: '+49 30 111111' });
    expect(await customer(known)).toMatchObject(filled);
    expect(await stores.tickets.customerFacts(id)).toMatchObject({
      tier: { effective: 'premium', crm: 'premium', envelope: 'standard' },
      history: { isNew: false, ticketsSoFar: 0 },
    });
  });

  it('counts the tickets before this one as history', async () => {
    const customerId = newId('CUST');
    const first = ticketOf(newId(), { customerId });
    await claim(stores, first);
    const change = { ...first, detail: { ...first.detail, ticketId: newId() } };
    await stores.db
      .updateTable('tickets')
      .set({ opened_at: new Date(0) })
      .where('id', '=', first.detail.ticketId)
      .execute();
    await claim(stores, change, 'run-2');
    expect(await stores.tickets.customerFacts(change.detail.ticketId)).toMatchObject({
      history: { isNew: false, ticketsSoFar: 1, lastContactAt: expect.any(String) },
    });
  });
});

function customer(id: string) {
  return stores.db.selectFrom('customers').selectAll().where('id', '=', id).executeTakeFirst();
}
