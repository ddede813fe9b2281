/** Many messages to one of us: who is counted where, and whose turn it is to send the one that stands for them. */
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryStore } from '../../src/deps.ts';
import type { Summary } from '../../src/deps-summaries.ts';
import type { Delivery, DeliveryRequest } from '../../src/domain/delivery.ts';
import { createDeliveryStore } from '../../src/store/deliveries.ts';
import { createSummaryStore } from '../../src/store/summaries.ts';
import { changeOf, newId, newTicket, useStores } from './support.ts';

const stores = useStores();
/** Of four processes: each has messages wait in line, and all of them for the same lock. */
const ledgers: DeliveryStore[] = [];
beforeAll(() => {
  const transports = { mail: 'ses', slack: 'slack', pagerduty: 'pagerduty' } as const;
  ledgers.push(
    ...Array.from({ length: 4 }, () => createDeliveryStore(stores.worker, { transports, automaticPerDay: 1_000 })),
  );
});
let turn = 0;
const summaries = () => createSummaryStore(stores.worker);
const LEASE_MS = 60_000;
const STORM = { messages: 10, withinMs: 600_000 };

function word(ticketId: string, to: string, more: Partial<DeliveryRequest> = {}): DeliveryRequest {
  return {
    ticketId,
    occasion: 'parked:A#1:1',
    recipient: { kind: 'agent', id: to },
    channel: 'slack',
    template: 'parked',
    storm: STORM,
    ...more,
  };
}

async function tickets(count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(await newTicket(stores));
  return ids;
}
async function queued(...requests: readonly DeliveryRequest[]): Promise<Delivery> {
  const ledger = ledgers[turn++ % ledgers.length];
  const [first] = (await ledger?.queue(changeOf(requests[0]?.ticketId ?? '', 2), requests)) ?? [];
  if (!first) throw new Error('nothing was queued');
  return first;
}
/** One message about each of so many tickets, all at once. */
async function storm(count: number, to: string, more: Partial<DeliveryRequest> = {}): Promise<readonly Delivery[]> {
  const ids = await tickets(count);
  return Promise.all(ids.map((id) => queued(word(id, to, more))));
}
const of = (deliveries: readonly Delivery[], status: string) => deliveries.filter((one) => one.status === status);
const windowOf = (delivery: Delivery) => delivery.windowId ?? '';
const endNow = (windowId: string) =>
  sql`update message_windows set ends_at = now() where id = ${windowId}`.execute(stores.db);
const stand = (id: string) =>
  stores.db.selectFrom('deliveries').select(['status', 'reason']).where('id', '=', id).executeTakeFirstOrThrow();

/** The turn of one of them, which must be to send. */
async function taken(delivery: Delivery): Promise<Summary> {
  const turn = await summaries().begin(delivery, LEASE_MS);
  if (turn.turn !== 'send') throw new Error(`expected its turn to send, not ${turn.turn}`);
  return turn.summary;
}

describe('of 200 messages at once', () => {
  it('ten go out one by one, and one summary stands for exactly the rest', async () => {
    const to = newId('A');
    const all = await storm(200, to);
    expect(of(all, 'queued')).toHaveLength(10);
    const [first, ...others] = of(all, 'summarised');
    expect(others).toHaveLength(189);
    if (!first) return;
    expect(await summaries().begin(first, LEASE_MS)).toMatchObject({ turn: 'wait' });
    await endNow(windowOf(first));
    const summary = await taken(first);
    expect(summary).toMatchObject({ template: 'parked', messages: 190, before: 10, tickets: 190, answerLost: false });
    expect(summary.named).toHaveLength(20);
    // All others wait for it, and hear that it is out.
    expect(await summaries().begin(others[0] as Delivery, LEASE_MS)).toEqual({ turn: 'wait', ms: 2_000 });
    await summaries().finish(summary.id, first.id, { status: 'sent', providerMessageId: 'C1:1' });
    expect(await summaries().begin(others[0] as Delivery, LEASE_MS)).toEqual({ turn: 'told' });
    expect(await summaries().begin(first, LEASE_MS)).toEqual({ turn: 'told' });
    expect(await stand(others[0]?.id ?? '')).toEqual({ status: 'summarised', reason: `in summary ${summary.id}` });
    const listed = await stores.read.list({ limit: 500, summary: summary.id });
    expect(listed).toHaveLength(190);
    const log = await stores.db
      .selectFrom('audit_entries')
      .select('action')
      .where('object', '=', `summary/${summary.id}`)
      .orderBy('id')
      .execute();
    expect(log.map(({ action }) => action)).toEqual(['summary.intent', 'summary.outcome']);
  });
});

describe('a message is counted', () => {
  it('for its own recipient, channel and template', async () => {
    const [a, b] = [newId('A'), newId('B')];
    const all = [
      ...(await storm(10, a)),
      ...(await storm(10, b)),
      ...(await storm(10, a, { channel: 'mail' })),
      ...(await storm(10, a, { template: 'sla-warned' })),
    ];
    expect(of(all, 'queued')).toHaveLength(40);
    expect(of(await storm(1, b), 'summarised')).toHaveLength(1);
  });

  it('once, however often its step runs, and at once', async () => {
    const to = newId('A');
    const [ticketId = ''] = await tickets(1);
    await Promise.all(Array.from({ length: 10 }, () => queued(word(ticketId, to))));
    const { messages } = await stores.db
      .selectFrom('message_windows')
      .select('messages')
      .where('recipient_id', '=', to)
      .executeTakeFirstOrThrow();
    expect(messages).toBe(1);
  });

  it('not at all where it may not wait', async () => {
    const to = newId('A');
    const ids = await tickets(12);
    const all = await Promise.all(
      ids.map((id) => {
        const { storm: _, ...plain } = word(id, to, { template: 'escalation' });
        return queued(plain);
      }),
    );
    expect(of(all, 'queued')).toHaveLength(12);
    expect(all.every(({ windowId }) => windowId === undefined)).toBe(true);
  });

  it('never where it goes to a customer, whatever is asked for it', async () => {
    const id = newId('CUST');
    const all = await storm(15, id, { recipient: { kind: 'customer', id }, channel: 'mail' });
    expect(all.filter(({ windowId, status }) => windowId !== undefined || status === 'summarised')).toEqual([]);
    const windows = stores.db.selectFrom('message_windows').select('id').where('recipient_id', '=', id);
    expect(await windows.execute()).toEqual([]);
  });

  it('anew from the instant at which the window ends, by the store’s clock', async () => {
    const to = newId('A');
    await storm(10, to);
    const [late] = await storm(1, to);
    expect(late?.status).toBe('summarised');
    await sql`update message_windows set ends_at = now() + interval '1 hour' where recipient_id = ${to}`.execute(
      stores.db,
    );
    expect(of(await storm(1, to), 'summarised')).toHaveLength(1);
    await endNow(windowOf(late as Delivery));
    const next = await storm(11, to);
    expect(of(next, 'queued')).toHaveLength(10);
    const summary = await taken(late as Delivery);
    expect(summary).toMatchObject({ messages: 2 });
    // A window in which nothing was summarised leaves no row behind.
    const rows = await stores.db.selectFrom('message_windows').select('id').where('recipient_id', '=', to).execute();
    expect(rows).toHaveLength(2);
  });

  it('in the next window once somebody has the summary in hand', async () => {
    const to = newId('A');
    const [last] = of(await storm(11, to), 'summarised');
    await endNow(windowOf(last as Delivery));
    await taken(last as Delivery);
    // As one sees it whose transaction began before the window's end.
    await sql`update message_windows set ends_at = now() + interval '1 hour' where recipient_id = ${to}`.execute(
      stores.db,
    );
    expect(of(await storm(1, to), 'queued')).toHaveLength(1);
  });
});

describe('a step that runs again', () => {
  it('leaves no window behind where its own was closed meanwhile, by day and by night', async () => {
    const to = newId('A');
    const night = { notBefore: new Date(Date.now() + 3_600_000).toISOString() };
    for (const more of [{}, { template: 'sla-warned', facts: night }] as const) {
      const all = await storm(11, to, more);
      const last = of(all, 'facts' in more ? 'queued' : 'summarised')[0] as Delivery;
      await endNow(windowOf(last));
      await taken(last);
      for (const _ of [1, 2]) await queued(word(last.ticketId, to, more));
    }
    const rows = await stores.db
      .selectFrom('message_windows')
      .select('messages')
      .where('recipient_id', '=', to)
      .execute();
    expect(rows).toEqual([{ messages: 11 }, { messages: 11 }]);
  });
});

describe('what quiet hours hold', () => {
  const until = () => ({ notBefore: new Date(Date.now() + 3_600_000).toISOString() });
  const held = (facts: { notBefore: string }) => ({ template: 'sla-warned', facts }) as const;

  it('comes as one summary when it is more than ten, the first ten included', async () => {
    const to = newId('A');
    const night = held(until());
    const all = await storm(30, to, night);
    expect(of(all, 'queued')).toHaveLength(30);
    // Another window than that of the day.
    expect(of(await storm(10, to, { template: 'sla-warned' }), 'queued')).toHaveLength(10);
    const [first, second] = all as [Delivery, Delivery];
    expect(await summaries().begin(first, LEASE_MS)).toMatchObject({ turn: 'wait' });
    await endNow(windowOf(first));
    expect(await taken(first)).toMatchObject({ messages: 30, before: 0 });
    expect(await stand(second.id)).toMatchObject({ status: 'summarised' });
  });

  it('comes one by one when it is ten', async () => {
    const to = newId('A');
    const night = held(until());
    const all = await storm(10, to, night);
    await endNow(windowOf(all[0] as Delivery));
    for (const one of all) expect(await summaries().begin(one, LEASE_MS)).toEqual({ turn: 'alone' });
    // One that comes late is counted anew, and is no reason to hold back those that went out.
    await storm(5, to, night);
    for (const one of all) expect(await summaries().begin(one, LEASE_MS)).toEqual({ turn: 'alone' });
  });
});

describe('a summary that is not out yet', () => {
  async function inHand() {
    const to = newId('A');
    const [first, second] = of(await storm(12, to), 'summarised') as [Delivery, Delivery];
    await endNow(windowOf(first));
    return { to, first, second, summary: await taken(first) };
  }
  const leaseOver = (id: string) => sql`update message_windows set next_at = now() where id = ${id}`.execute(stores.db);

  it('is its sender’s to try again, whose answer may be lost', async () => {
    const { first } = await inHand();
    expect(await taken(first)).toMatchObject({ messages: 2, answerLost: true, repeats: 0 });
    expect(await taken(first)).toMatchObject({ answerLost: true, repeats: 1 });
  });

  it('is another’s when its sender does not come back', async () => {
    const { first, second, summary } = await inHand();
    await leaseOver(summary.id);
    expect(await taken(second)).toMatchObject({ messages: 2, answerLost: true });
    // What the first says too late undoes nothing, but for that it went out.
    await summaries().finish(summary.id, first.id, { status: 'failed', reason: 'late' });
    expect(await summaries().begin(first, LEASE_MS)).toMatchObject({ turn: 'wait' });
    await summaries().finish(summary.id, first.id, { status: 'sent', providerMessageId: 'C1:1' });
    expect(await summaries().begin(second, LEASE_MS)).toEqual({ turn: 'told' });
  });

  it('goes by its sender’s next channel at once, and as a summary', async () => {
    const { to, first, second, summary } = await inHand();
    await summaries().finish(summary.id, first.id, { status: 'failed', reason: 'HTTP 503' });
    expect(await summaries().begin(second, LEASE_MS)).toMatchObject({ turn: 'wait' });
    const mail = await queued(word(first.ticketId, to, { channel: 'mail' }));
    expect(mail).toMatchObject({ status: 'summarised', windowId: summary.id });
    expect(await taken(mail)).toMatchObject({ messages: 2, tickets: 2, answerLost: false });
    await summaries().finish(summary.id, mail.id, { status: 'sent', providerMessageId: 'm1' });
    expect(await summaries().begin(second, LEASE_MS)).toEqual({ turn: 'told' });
    // It was no message of its own by mail.
    const counted = await stores.db
      .selectFrom('message_windows')
      .select('channel')
      .where('recipient_id', '=', to)
      .execute();
    expect(counted).toEqual([{ channel: 'slack' }]);
  });

  it('is given up by its sender, and then nobody’s: its messages are in doubt, and nothing is sent for them', async () => {
    const { first, second, summary } = await inHand();
    // A sender whose turn it is no more gives nothing up.
    await summaries().finish(summary.id, second.id, { status: 'givenUp', reason: 'answer lost' });
    expect(await stand(second.id)).toMatchObject({ status: 'summarised' });
    await summaries().finish(summary.id, first.id, { status: 'givenUp', reason: 'answer lost' });
    const inDoubt = { status: 'unknown', reason: `in summary ${summary.id}, whose answer was lost` };
    expect([await stand(first.id), await stand(second.id)]).toEqual([inDoubt, inDoubt]);
    await leaseOver(summary.id);
    for (const one of [first, second]) expect(await summaries().begin(one, LEASE_MS)).toEqual({ turn: 'inDoubt' });
    expect(await stores.read.list({ limit: 10, summary: summary.id })).toHaveLength(2);
  });
});
