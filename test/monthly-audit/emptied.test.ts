import { expect, test } from 'vitest';
import { createMeasureStore } from '../../src/store/measure.ts';
import { retentionBatch } from '../../src/store/retention.ts';
import { ended, hurried, knownWithTicket, provedByCode } from '../erasure/support.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses', 'slack'), privacy: hurried });
const HOUR = 3_600_000;

test('a month has the tickets that retention emptied, and not those of an erasure', { timeout: 60_000 }, async () => {
  const db = steward.owner;
  const measure = createMeasureStore(db, { read: async () => ({ heads: [], warnings: [] }) });
  const span = { from: new Date(Date.now() - HOUR), to: new Date(Date.now() + HOUR) };
  const emptied = async () => (await measure.counts(span, { emptiedByLog: true })).ticketsEmptied;

  const erased = await knownWithTicket(steward);
  const { requestId } = await provedByCode(steward, providers, erased.email);
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  const { emptied_at } = await db
    .selectFrom('tickets')
    .select('emptied_at')
    .where('id', '=', erased.ticketId)
    .executeTakeFirstOrThrow();
  expect(emptied_at).not.toBeNull();
  expect(await emptied()).toBe(0);

  const closed = await knownWithTicket(steward);
  await db.updateTable('tickets').set({ state: 'closed' }).where('id', '=', closed.ticketId).execute();
  const now = new Date();
  const order = { now, before: new Date(now.getTime() + 1_000), limit: 10, dryRun: false };
  const { tickets } = await retentionBatch(db, order, { kind: 'workflow', id: 'retention' });
  expect(tickets).toBe(1);
  expect(await emptied()).toBe(1);
});
