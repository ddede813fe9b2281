import { describe, expect, it } from 'vitest';
import type { DeliveryRequest } from '../../src/domain/delivery.ts';
import { changeOf, newTicket, rowsOf, useStores } from './support.ts';

const stores = useStores();

const toAgent = (ticketId: string, occasion: string, id = 'ana'): DeliveryRequest => ({
  ticketId,
  occasion,
  recipient: { kind: 'agent', id },
  channel: 'mail',
  template: 'escalation',
});
const toCustomer = async (ticketId: string, occasion: string): Promise<DeliveryRequest> => ({
  ticketId,
  occasion,
  recipient: { kind: 'customer', id: (await stores.read.ticket(ticketId))?.customerId ?? '' },
  channel: 'mail',
  template: 'bot-answer',
});

describe('queue', () => {
  it('answers the rows in the order of the requests, and writes the change with them', async () => {
    const id = await newTicket(stores);
    const requests = ['dev', 'ana', 'ben'].map((agent) => toAgent(id, 'EscalateToAgent#1', agent));
    const change = changeOf(id, 2, { state: 'waitingForAgent' }, 'escalated');
    const queued = await stores.deliveries.queue(change, requests);
    expect(queued.map((delivery) => delivery.recipient.id)).toEqual(['dev', 'ana', 'ben']);
    expect(queued[0]).toMatchObject({ status: 'queued', attempts: 0, repeats: 0, transport: 'outbox' });
    expect(await stores.read.ticket(id)).toMatchObject({ state: 'waitingForAgent' });
    expect(await rowsOf(stores, id)).toMatchObject({ timeline: 2 });
  });

  it('twice, or ten times at once, gives one row and the same ids', async () => {
    const id = await newTicket(stores, { customerEmail: 'ada@example.com' });
    const requests = [toAgent(id, 'EscalateToAgent#1'), await toCustomer(id, 'EscalateToAgent#1')];
    const message = { author: 'bot', authorId: null, body: 'Try this.', occasion: 'EscalateToAgent#1' } as const;
    const change = changeOf(id, 2, {}, 'escalated');
    const many = await Promise.all(
      Array.from({ length: 10 }, () => stores.deliveries.queue(change, requests, message)),
    );
    const ids = many.map((rows) => rows.map((row) => row.id).join());
    expect(new Set(ids).size).toBe(1);
    expect(await rowsOf(stores, id)).toMatchObject({ deliveries: 2, messages: 2, timeline: 2 });
  });

  it('leaves a row as it is that was settled meanwhile', async () => {
    const id = await newTicket(stores);
    const change = changeOf(id, 2, {}, 'escalated');
    const [first] = await stores.deliveries.queue(change, [toAgent(id, 'o1')]);
    await stores.deliveries.begin(first?.id ?? '');
    await stores.deliveries.finish(first?.id ?? '', { status: 'sent', providerMessageId: 'm1' });
    const [again] = await stores.deliveries.queue(change, [toAgent(id, 'o1')]);
    expect(again).toMatchObject({ id: first?.id, status: 'sent', attempts: 1 });
  });

  it('tells a customer from an agent of the same id', async () => {
    const id = await newTicket(stores, { customerId: 'ana', customerEmail: 'ana@customer.example' });
    const queued = await stores.deliveries.queue(changeOf(id, 2), [toAgent(id, 'o1'), await toCustomer(id, 'o1')]);
    expect(queued.map(({ recipient }) => recipient)).toEqual([
      { kind: 'agent', id: 'ana' },
      { kind: 'customer', id: 'ana' },
    ]);
  });

  it('tells occasions and recipients apart', async () => {
    const id = await newTicket(stores);
    await stores.deliveries.queue(changeOf(id, 2), [toAgent(id, 'o1'), toAgent(id, 'o1', 'ben')]);
    await stores.deliveries.queue(changeOf(id, 3), [toAgent(id, 'o2')]);
    expect(await rowsOf(stores, id)).toMatchObject({ deliveries: 3 });
  });

  it('suppresses a message to a customer without an address, and keeps its text for the status page', async () => {
    const id = await newTicket(stores);
    const message = { author: 'bot', authorId: null, body: 'Try this.', occasion: 'o1' } as const;
    const [queued] = await stores.deliveries.queue(changeOf(id, 2), [await toCustomer(id, 'o1')], message);
    expect(queued).toMatchObject({ status: 'suppressed', messageId: expect.any(String) });
    expect(await rowsOf(stores, id)).toMatchObject({ messages: 2 });
  });

  it('ties a reply that is in the conversation already to its mail', async () => {
    const id = await newTicket(stores, { customerEmail: 'ada@example.com' });
    const reply = { author: 'agent', authorId: 'ana', body: 'Try now' } as const;
    await stores.tickets.take(changeOf(id, 2), { source: 'update', eventId: 'u1', message: reply }, null);
    const message = await stores.db
      .selectFrom('messages')
      .select('id')
      .where('ticket_id', '=', id)
      .where('origin', '=', 'update/u1')
      .executeTakeFirstOrThrow();
    const [queued] = await stores.deliveries.queue(changeOf(id, 3), [await toCustomer(id, 'update/u1')]);
    expect(queued).toMatchObject({ status: 'queued', messageId: message.id });
  });
});

describe('a ticket’s messages in Slack', () => {
  async function threadOf(id: string) {
    const requests = ['o1', 'o2', 'o3'].map((occasion) => toAgent(id, occasion));
    const queued = await stores.deliveries.queue(changeOf(id, 2), [...requests, toAgent(id, 'o1', 'ben')]);
    await stores.db.updateTable('deliveries').set({ transport: 'slack' }).where('ticket_id', '=', id).execute();
    const [first, second, third, toBen] = queued.map((delivery) => delivery.id);
    return { ids: { first, second, third, toBen } as Record<string, string>, queued };
  }

  it('are told in the order in which Slack has them, whoever they are to', async () => {
    const id = await newTicket(stores);
    const { ids, queued } = await threadOf(id);
    for (const [name, messageId] of [
      ['first', 'D1:1700000003.000000'],
      ['second', 'D1:1700000001.000000'],
      ['toBen', 'C1:1700000002.000000'],
    ] as const) {
      await stores.deliveries.finish(ids[name] ?? '', { status: 'sent', providerMessageId: messageId });
    }
    expect(await stores.deliveries.slackThread(queued[2] ?? expect.fail())).toEqual({
      earlier: ['D1:1700000001.000000', 'C1:1700000002.000000', 'D1:1700000003.000000'],
      isInDoubt: false,
    });
  });

  it('leave it in doubt whether one is there while an earlier one to the same recipient is on its way', async () => {
    const id = await newTicket(stores);
    const { ids, queued } = await threadOf(id);
    const [first, second] = [queued[0] ?? expect.fail(), queued[1] ?? expect.fail()];
    for (const name of ['first', 'second', 'toBen']) await stores.deliveries.begin(ids[name] ?? '');
    expect(await stores.deliveries.slackThread(first)).toEqual({ earlier: [], isInDoubt: false });
    expect(await stores.deliveries.slackThread(second)).toEqual({ earlier: [], isInDoubt: true });
    await stores.deliveries.finish(first.id, { status: 'queued', reason: 'rate limited' });
    expect(await stores.deliveries.slackThread(second)).toEqual({ earlier: [], isInDoubt: false });
  });
});

describe('begin and finish', () => {
  const queued = async () => {
    const id = await newTicket(stores);
    const [row] = await stores.deliveries.queue(changeOf(id, 2), [toAgent(id, 'o1')]);
    return { id, deliveryId: row?.id ?? '' };
  };
  const look = async (id: string) => (await stores.read.deliveries(id))[0];
  const all = (deliveryId: string) =>
    stores.db.selectFrom('deliveries').selectAll().where('id', '=', deliveryId).executeTakeFirstOrThrow();

  it('begin answers the row as it was, and marks it sending', async () => {
    const { id, deliveryId } = await queued();
    expect(await stores.deliveries.begin(deliveryId)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(await look(id)).toMatchObject({ status: 'sending', attempts: 1 });
  });

  it('finish keeps the provider’s id, and clears the reason of an earlier failure', async () => {
    const { deliveryId } = await queued();
    await stores.deliveries.begin(deliveryId);
    await stores.deliveries.finish(deliveryId, { status: 'queued', reason: 'HTTP 500' });
    expect(await all(deliveryId)).toMatchObject({ status: 'queued', reason: 'HTTP 500', repeats: 0 });
    await stores.deliveries.begin(deliveryId);
    await stores.deliveries.finish(deliveryId, { status: 'sent', providerMessageId: 'm1' });
    expect(await all(deliveryId)).toMatchObject({
      status: 'sent',
      reason: null,
      provider_message_id: 'm1',
      attempts: 2,
      repeats: 0,
    });
  });

  it('a begin without a finish shows as sending to the next one, and counts as a repeat', async () => {
    const { deliveryId } = await queued();
    await stores.deliveries.begin(deliveryId);
    expect(await stores.deliveries.begin(deliveryId)).toMatchObject({ status: 'sending', attempts: 1, repeats: 0 });
    expect(await stores.deliveries.begin(deliveryId)).toMatchObject({ status: 'sending', attempts: 2, repeats: 1 });
  });

  it('two workers at once: one sees the row as it was, the other that a try is under way', async () => {
    for (let round = 0; round < 20; round++) {
      const { deliveryId } = await queued();
      const both = await Promise.all([stores.deliveries.begin(deliveryId), stores.deliveries.begin(deliveryId)]);
      expect(both.map((row) => row.status).sort()).toEqual(['queued', 'sending']);
      expect(await all(deliveryId)).toMatchObject({ attempts: 2, repeats: 1 });
    }
  });

  it('nothing unsettles a message that is sent', async () => {
    const { deliveryId } = await queued();
    await stores.deliveries.begin(deliveryId);
    await stores.deliveries.finish(deliveryId, { status: 'sent', providerMessageId: 'm1' });
    expect(await stores.deliveries.begin(deliveryId)).toMatchObject({ status: 'sent' });
    await stores.deliveries.finish(deliveryId, { status: 'failed', reason: 'late' });
    expect(await all(deliveryId)).toMatchObject({ status: 'sent', attempts: 1, provider_message_id: 'm1' });
  });

  it('an unknown id is said so', async () => {
    await expect(stores.deliveries.begin('999999999')).rejects.toMatchObject({ code: 'InvalidRequest' });
  });
});
