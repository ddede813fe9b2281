import { describe, expect, it } from 'vitest';
import type { DeliveryRequest } from '../../src/domain/delivery.ts';
import { changeOf, newId, newTicket, useStores } from './support.ts';

const stores = useStores();

/** A ticket of this customer, and a message of its that has gone out under this name. */
async function told(email: string, name: string, recipient?: DeliveryRequest['recipient']) {
  const id = await newTicket(stores, { customerEmail: email });
  const customerId = (await stores.read.ticket(id))?.customerId ?? '';
  const request: DeliveryRequest = {
    ticketId: id,
    occasion: newId('o'),
    recipient: recipient ?? { kind: 'customer', id: customerId },
    channel: 'mail',
    template: 'bot-answer',
  };
  const [row] = await stores.deliveries.queue(changeOf(id, 2), [request]);
  await stores.deliveries.begin(row?.id ?? '');
  await stores.deliveries.finish(row?.id ?? '', { status: 'sent', providerMessageId: name });
  return id;
}
const named = (...names: string[]) => names.map((name) => ({ name, ticket: null }));

describe('ticketByMessage', () => {
  it('finds the ticket by a message to its customer, however the address is written', async () => {
    const name = newId('m');
    const id = await told('Ada@Example.com', name);
    expect(await stores.intake.ticketByMessage(named(name), 'ada@example.COM')).toEqual({
      ticketId: id,
      isCustomers: true,
    });
  });

  it('says of anybody else that they are not the customer, and prefers a ticket of theirs', async () => {
    const [name, hers] = [newId('m'), newId('m')];
    const id = await told('ada@example.com', name);
    const own = await told('mallory@example.com', hers);
    const find = (sender: string, ...names: string[]) => stores.intake.ticketByMessage(named(...names), sender);
    for (const sender of ['mallory@example.com', '']) {
      expect(await find(sender, name)).toEqual({ ticketId: id, isCustomers: false });
    }
    expect(await find('mallory@example.com', name, hers)).toEqual({ ticketId: own, isCustomers: true });
  });

  it.each(['agent', 'team'] as const)('finds nothing by a message to the %s, whoever answers it', async (kind) => {
    const name = newId('m');
    await told('ada@example.com', name, { kind, id: 'ana' });
    expect(await stores.intake.ticketByMessage(named(name), 'ada@example.com')).toBeNull();
  });

  it('takes the first name that is known, whichever message is older', async () => {
    const [older, newer] = [newId('m'), newId('m')];
    const [first, second] = [await told('ada@example.com', older), await told('ada@example.com', newer)];
    const find = (...names: string[]) => stores.intake.ticketByMessage(named(...names), 'ada@example.com');
    expect(await find('unknown', newer, older)).toMatchObject({ ticketId: second });
    expect(await find('unknown', older, newer)).toMatchObject({ ticketId: first });
  });

  it('takes a name that comes with a ticket for that ticket only', async () => {
    const name = newId('outbox');
    const id = await told('ada@example.com', name);
    const find = (ticket: string) => stores.intake.ticketByMessage([{ name, ticket }], 'ada@example.com');
    expect(await find(id)).toMatchObject({ ticketId: id });
    expect(await find(`${id}x`)).toBeNull();
  });

  it('asks nothing where there is no name', async () => {
    expect(await stores.intake.ticketByMessage([], 'ada@example.com')).toBeNull();
  });
});

describe('wentToUs', () => {
  it.each(['agent', 'team'] as const)('knows a message to the %s, of that ticket', async (kind) => {
    const name = newId('m');
    const id = await told('ada@example.com', name, { kind, id: 'ana' });
    expect(await stores.intake.wentToUs(named('unknown', name))).toBe(true);
    expect(await stores.intake.wentToUs([{ name, ticket: id }])).toBe(true);
    expect(await stores.intake.wentToUs([{ name, ticket: `${id}x` }])).toBe(false);
  });

  it('knows nothing of a message to a customer, or of none', async () => {
    const name = newId('m');
    await told('ada@example.com', name);
    expect(await stores.intake.wentToUs(named(name))).toBe(false);
    expect(await stores.intake.wentToUs([])).toBe(false);
  });
});
