import { expect, test } from 'vitest';
import { ERASED } from '../../src/domain/personal-data.ts';
import { retentionCutoff } from '../../src/domain/retention.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { retentionBatch } from '../../src/store/retention.ts';
import { changeOf, newTicket, useStores } from './support.ts';

const BY = { kind: 'person', id: 'login/test' } as const;
const stores = useStores();
const NOW = new Date('2026-11-25T12:00:00Z');
const BEFORE = retentionCutoff(NOW, 30, 'Europe/Berlin');
const batch = (more: { limit?: number; dryRun?: boolean } = {}) =>
  retentionBatch(stores.officer, { now: NOW, before: BEFORE, limit: 100, dryRun: false, ...more }, BY);

async function closedTicket(at: string, more: Parameters<typeof newTicket>[1] = {}): Promise<string> {
  const id = await newTicket(stores, more);
  await stores.deliveries.queue(changeOf(id, 2), [
    {
      ticketId: id,
      occasion: 'ResolveWithBot#1',
      recipient: { kind: 'customer', id: 'any' },
      channel: 'mail',
      template: 'bot-answer',
      facts: { articleId: 'refunds' },
    },
  ]);
  const closed = { state: 'closed', updated_at: new Date(at) };
  await stores.db.updateTable('tickets').set(closed).where('id', '=', id).execute();
  return id;
}
async function wordsOf(id: string): Promise<string[]> {
  const all = stores.db.selectFrom('messages').select(['subject', 'body', 'new_words', 'mail_id']);
  const rows = await all.where('ticket_id', '=', id).execute();
  return rows.flatMap(({ subject, body, new_words, mail_id }) => [
    subject ?? '',
    body,
    ...[new_words, mail_id].flatMap((words) => words ?? []),
  ]);
}

test('the cutoff is the first instant of the day so many days ago, whatever the clocks did', () => {
  expect(BEFORE.toISOString()).toBe('2026-10-25T23:00:00.000Z');
  expect(retentionCutoff(NOW, 32, 'Europe/Berlin').toISOString()).toBe('2026-10-23T22:00:00.000Z');
});

test('a dry run tells what would go per category, and changes nothing', async () => {
  const mail = { messageId: '<1@customer.example>', newWords: 'It does not work' };
  const id = await closedTicket('2026-10-01T00:00:00Z', { mail });
  const before = await wordsOf(id);
  expect(before).toHaveLength(4);
  const found = await batch({ dryRun: true });
  expect(found).toMatchObject({ tickets: 1, rows: { conversations: 1, deliveries: 1 }, held: 0, more: false });
  expect(await wordsOf(id)).toEqual(before);
  expect(await batch({ dryRun: true })).toEqual(found);
});

test('tickets closed for long lose their words and name their keys; the figures stay; once more does nothing', async () => {
  const found = await batch();
  expect(found).toMatchObject({ tickets: 1, rows: { conversations: 1, deliveries: 1 } });
  const [workflowId = ''] = found.workflowIds;
  const id = workflowId.replace(/^ticket-/, '');
  expect(await wordsOf(id)).toEqual([ERASED, ERASED]);
  expect(found.outboxDeliveryIds).toHaveLength(1);
  const ticket = await stores.db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  expect(ticket).toMatchObject({ state: 'closed', emptied_at: NOW });
  expect(await stores.read.deliveries(id)).toMatchObject([{ status: 'suppressed' }]);
  expect(await batch()).toMatchObject({ tickets: 0, workflowIds: [], more: false });
});

test('the keys are shredded first: who is killed there leaves the tickets due', async () => {
  const id = await closedTicket('2026-10-01T00:00:00Z');
  const order = { now: NOW, before: BEFORE, limit: 100, dryRun: false };
  const killed = retentionBatch(stores.officer, order, BY, async () => {
    throw new Error('killed');
  });
  await expect(killed).rejects.toThrow('killed');
  expect(await wordsOf(id)).not.toContain(ERASED);
  const shredded: string[] = [];
  const shred = async (names: readonly string[]) => {
    expect(await wordsOf(id)).not.toContain(ERASED);
    shredded.push(...names);
    return { keys: names.length };
  };
  await retentionBatch(stores.officer, { ...order, dryRun: true }, BY, shred);
  expect(shredded).toEqual([]);
  await retentionBatch(stores.officer, order, BY, shred);
  expect(shredded).toEqual([`ticket-${id}`]);
});

test('tickets that are open, or closed of late, keep their words', async () => {
  const open = await newTicket(stores);
  const late = await closedTicket(BEFORE.toISOString());
  expect(await batch()).toMatchObject({ tickets: 0 });
  expect([...(await wordsOf(open)), ...(await wordsOf(late))]).not.toContain(ERASED);
});

test('a hold on their words, or on all, keeps them until it is lifted or over; another does not', async () => {
  const holds = createHoldStore(stores.officer);
  const hold = async (customerId: string, category: 'all' | 'conversations' | 'ratings', until: string | null) => {
    await closedTicket('2026-10-01T00:00:00Z', { customerId });
    return holds.place({ customerId }, { category, why: 'a lawsuit', until }, ['login/test', 'officer/privacy']);
  };
  const [lifted] = await hold('HELD-1', 'all', null);
  await hold('HELD-2', 'conversations', '2026-11-25T12:00:00Z');
  await hold('HELD-3', 'conversations', '2026-11-25T11:59:59Z');
  await hold('HELD-4', 'ratings', null);
  expect(await batch()).toMatchObject({ tickets: 2, held: 2 });
  await holds.lift(lifted?.id ?? '', ['login/test', 'officer/privacy']);
  expect(await batch()).toMatchObject({ tickets: 1, held: 1 });
});

test('batches of a limit, many at once: every ticket is emptied once', async () => {
  for (let i = 0; i < 10; i += 1) await closedTicket('2026-09-01T00:00:00Z');
  expect((await batch({ limit: 3, dryRun: true })).more).toBe(true);
  const emptied: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const all = await Promise.all([batch({ limit: 2 }), batch({ limit: 2 }), batch({ limit: 2 })]);
    emptied.push(...all.flatMap(({ workflowIds }) => workflowIds));
  }
  expect(emptied).toHaveLength(10);
  expect(new Set(emptied).size).toBe(10);
});

test('a reply to an emptied ticket opens a new one without the mark as its subject', async () => {
  const id = await closedTicket('2026-09-01T00:00:00Z');
  await batch();
  expect(await stores.intake.closedTicket(id, { source: 'x', eventId: 'y' })).toMatchObject({ subject: '' });
});
