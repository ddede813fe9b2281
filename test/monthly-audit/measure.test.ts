/** A month's figures from a database whose events are known, against what was computed by hand. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { WhatOf } from '../../src/domain/audit-actions.ts';
import type { MonthFigures } from '../../src/domain/measure.ts';
import { measureKept } from '../../src/domain/measure-kept.ts';
import { measureRequests } from '../../src/domain/measure-requests.ts';
import { spanOf } from '../../src/domain/month.ts';
import { windowOverSince } from '../../src/domain/reconcile.ts';
import { placeEntries } from '../../src/store/audit-place.ts';
import { createMeasureStore } from '../../src/store/measure.ts';
import { newId, newTicket, useStores } from '../store/support.ts';
import { logAt, seedErasure } from './support.ts';

const stores = useStores();
const CALENDAR = { timeZone: 'Europe/Berlin', holidays: ['10-03', '12-25', '12-26'] };
const OCTOBER = spanOf('2026-10', CALENDAR.timeZone);
const HEADS = { read: async () => ({ heads: [], warnings: [] }) };
const DUTY = { why: 'kept for tax audits', statute: 'Art. 17(3)(b) GDPR, § 147 AO' };
const HOLD = { why: 'the quarrel with Ms Roe', statute: 'Art. 17(3)(e) GDPR' };

const measured = async () => {
  const store = createMeasureStore(stores.db, HEADS);
  return {
    ...measureRequests(await store.requests(OCTOBER), OCTOBER, CALENDAR),
    ...(await store.counts(OCTOBER, { emptiedByLog: true })),
  };
};
/** Received by noon; due a month later. */
const inMonth = (received: string, due: string) => ({ received: `${received}T12:00:00Z`, due: `${due}T22:59:59.999Z` });

test('October in Berlin has its first and last instant, whatever the clocks do', () => {
  expect(OCTOBER).toEqual({ from: new Date('2026-09-30T22:00:00Z'), to: new Date('2026-10-31T23:00:00Z') });
});

test('requests are counted in the month of what happened to them, and nothing that came later counts', async () => {
  const { db } = stores;
  // Erased after 1, 3 and 20 days, and one that was received before the month and kept in part.
  await seedErasure(db, {
    ...inMonth('2026-10-01', '2026-11-02'),
    erased: '2026-10-02T12:00:00Z',
    verdict: 'erase',
    kept: [{ category: 'requestRecord', verdict: 'keep', why: 'to show it was done', statute: 'Art. 5(2) GDPR' }],
  });
  await seedErasure(db, {
    ...inMonth('2026-10-05', '2026-11-05'),
    erased: '2026-10-08T12:00:00Z',
    ended: '2026-11-07T12:00:00Z',
    outcome: 'erased',
  });
  await seedErasure(db, {
    ...inMonth('2026-09-10', '2026-10-12'),
    erased: '2026-09-30T22:00:00Z',
    kept: [
      { category: 'conversations', verdict: 'keep', ...DUTY },
      {
        category: 'identity',
        verdict: 'keep',
        why: `${DUTY.why}; ${HOLD.why}`,
        statute: `${DUTY.statute}; ${HOLD.statute}`,
      },
      { category: 'ratings', verdict: 'erase', why: 'no longer necessary' },
    ],
  });
  // A moment before the month: none of ours.
  await seedErasure(db, { ...inMonth('2026-09-10', '2026-10-12'), erased: '2026-09-30T21:59:59.999Z' });
  // Refused, not proved, nobody known.
  await seedErasure(db, {
    ...inMonth('2026-10-06', '2026-11-06'),
    ended: '2026-10-07T12:00:00Z',
    outcome: 'refused',
    verdict: 'refuse',
    kept: [{ category: 'conversations', verdict: 'keep', ...DUTY }],
  });
  await seedErasure(db, {
    ...inMonth('2026-10-06', '2026-11-06'),
    ended: '2026-10-06T12:10:00Z',
    outcome: 'notProved',
  });
  await seedErasure(db, { ...inMonth('2026-10-06', '2026-11-06'), ended: '2026-10-06T12:05:00Z', outcome: 'nobody' });
  // Answered in November: open when October ended.
  await seedErasure(db, { ...inMonth('2026-10-30', '2026-11-30'), erased: '2026-11-02T12:00:00Z' });

  const { requests, timeToErase, kept } = await measured();
  expect(requests).toEqual({
    received: 6,
    done: 2,
    partlyRefused: 1,
    refused: 1,
    notProved: 1,
    nobody: 1,
    abandoned: 0,
    open: 1,
    overdue: 0,
  });
  // 1 d, 3 d, and 20 d 10 h.
  expect(timeToErase).toEqual({ medianSeconds: 3 * 86_400, worstSeconds: 20 * 86_400 + 36_000 });
  expect(kept).toEqual([
    { category: 'conversations', ...DUTY, requests: 2 },
    { category: 'identity', why: 'held by law', statute: `${DUTY.statute}; ${HOLD.statute}`, requests: 1 },
    { category: 'requestRecord', why: 'to show it was done', statute: 'Art. 5(2) GDPR', requests: 1 },
  ]);
});

test('late is who had no answer on the last day that lies in the month: as extended, and once more with the pause', async () => {
  const { db } = stores;
  // Never answered, proved at once: late both ways, on October 12.
  const never = await seedErasure(db, { ...inMonth('2026-09-11', '2026-10-12'), proved: '2026-09-11T12:05:00Z' });
  // Proved after 10 days: late by October 15, in time by October 26 (the 25th is a Sunday).
  const paused = await seedErasure(db, {
    ...inMonth('2026-09-15', '2026-10-15'),
    proved: '2026-09-25T12:00:00Z',
    erased: '2026-10-20T12:00:00Z',
  });
  // Extended beyond the month, done a day before its last, and done in November though due in October.
  await seedErasure(db, { ...inMonth('2026-09-15', '2026-10-15'), extendedTo: '2026-12-15T22:59:59.999Z' });
  await seedErasure(db, { ...inMonth('2026-09-16', '2026-10-16'), erased: '2026-10-15T12:00:00Z' });
  const later = await seedErasure(db, {
    ...inMonth('2026-09-18', '2026-10-19'),
    proved: '2026-09-18T12:05:00Z',
    erased: '2026-11-03T12:00:00Z',
  });
  // Extended, and late by that.
  const extended = await seedErasure(db, {
    ...inMonth('2026-07-20', '2026-08-20'),
    proved: '2026-07-20T12:05:00Z',
    extendedTo: '2026-10-20T21:59:59.999Z',
    erased: '2026-10-21T12:00:00Z',
  });
  const { late, requests } = await measured();
  const name = (list: MonthFigures['late']['byAim']) => list.map(({ requestId }) => requestId).sort();
  expect(name(late.byAim)).toEqual([never, paused, later, extended].sort());
  expect(name(late.withPauses)).toEqual([never, later, extended].sort());
  expect(late.byAim.find(({ requestId }) => requestId === later)).toMatchObject({ answeredAt: null });
  expect(late.byAim.find(({ requestId }) => requestId === paused)).toMatchObject({
    dueAt: '2026-10-15T22:59:59.999Z',
    answeredAt: '2026-10-20T12:00:00.000Z',
  });
  expect(requests.overdue).toBe(2);
});

test('a request whose window is over and that has not ended when the month does is looked at, though it was erased long before', async () => {
  const { db } = stores;
  const seed = (more: { ended?: string; outcome?: 'erased' } = {}) =>
    seedErasure(db, { ...inMonth('2026-06-01', '2026-07-01'), erased: '2026-06-20T12:00:00Z', ...more });
  const stuck = await seed();
  const later = await seed({ ended: '2026-11-20T12:00:00Z', outcome: 'erased' });
  const done = await seed({ ended: '2026-07-20T12:00:00Z', outcome: 'erased' });
  const store = createMeasureStore(db, HEADS);
  const before = async (windowOver: Date | null) => {
    const ended = (await store.ended(OCTOBER, [], windowOver)).map(({ requestId }) => requestId);
    return [stuck, later, done].map((id) => ended.includes(id));
  };
  expect(await before(windowOverSince(30, OCTOBER))).toEqual([true, true, false]);
  expect(await before(windowOverSince(150, OCTOBER))).toEqual([false, false, false]);
  expect(await before(windowOverSince(undefined, OCTOBER))).toEqual([false, false, false]);
});

test('recipients, decodes, looks and emptied tickets are counted as they stood when the month ended', async () => {
  const { db } = stores;
  const told = (at: string, id: string, recipient: string, status: string) =>
    logAt(db, at, {
      actor: { kind: 'workflow', id: `erasure-${id}` },
      action: 'erasure.recipient',
      object: `erasure/${id}`,
      after: { recipient, status, attempts: 1, reason: null },
    });
  await told('2026-10-02T00:00:00Z', 'ERA-a', 'Billing', 'open');
  await told('2026-11-02T00:00:00Z', 'ERA-a', 'Billing', 'told');
  await told('2026-10-02T00:00:00Z', 'ERA-b', 'Billing', 'open');
  await told('2026-10-03T00:00:00Z', 'ERA-b', 'Billing', 'told');
  await told('2026-09-02T00:00:00Z', 'ERA-b', 'Archive', 'open');
  const decoded = (at: string, id: string, opened: number) =>
    logAt(db, at, {
      actor: { kind: 'key', id },
      action: 'codec.decoded',
      object: 'workflows',
      after: { opened, erased: 0 },
    });
  await decoded('2026-10-01T00:00:00Z', 'key-a', 3);
  await decoded('2026-10-31T22:59:59Z', 'key-a', 4);
  await decoded('2026-10-31T23:00:00Z', 'key-a', 100);
  await decoded('2026-10-11T00:00:00Z', 'key-b', 0);
  const id = await seedErasure(db, { ...inMonth('2026-08-01', '2026-09-01'), erased: '2026-08-02T12:00:00Z' });
  await db
    .insertInto('erasure_steps')
    .values([
      {
        erasure_id: id,
        step: 'lookAtOnce',
        receipt: JSON.stringify({
          found: 2,
          back: 0,
          kept: 4,
          places: [{ store: 'postgres', place: 'messages.body', kind: 'email', count: 7 }],
        }),
        at: new Date('2026-10-02'),
      },
      { erasure_id: id, step: 'lookLater', receipt: JSON.stringify({ found: 0, back: 1 }), at: new Date('2026-10-31') },
    ])
    .execute();
  const finding = {
    erasure_id: id,
    look: 'atOnce',
    store: 'postgres',
    kind: 'email',
    at: new Date('2026-10-02'),
  } as const;
  await db
    .insertInto('erasure_findings')
    .values([
      { ...finding, place: 'messages' },
      { ...finding, place: 'messages.body' },
      { ...finding, place: 'messages', look: 'later', at: new Date('2026-11-02') },
    ])
    .execute();
  for (const at of ['2026-09-30T21:59:59Z', '2026-09-30T22:00:00Z', '2026-10-31T22:59:59Z', '2026-10-31T23:00:00Z']) {
    const ticketId = await newTicket(stores, { customerId: newId('CUST') });
    await db
      .updateTable('tickets')
      .set({ emptied_at: new Date(at) })
      .where('id', '=', ticketId)
      .execute();
    const actor = { kind: 'workflow', id: 'retention' } as const;
    await logAt(db, at, { actor, action: 'retention.emptied', object: 'retention', after: { tickets: 3 } });
  }
  const { silentRecipients, decodes, looks, ticketsEmptied } = await measured();
  expect(silentRecipients).toEqual([
    { recipient: 'Archive', requestIds: ['ERA-b'] },
    { recipient: 'Billing', requestIds: ['ERA-a'] },
  ]);
  expect(decodes).toEqual([
    { who: 'key key-a', times: 2, opened: 7 },
    { who: 'key key-b', times: 1, opened: 0 },
  ]);
  expect(looks).toEqual({
    atOnce: { looks: 1, found: 2, back: 0, kept: 4 },
    later: { looks: 1, found: 0, back: 1 },
    // The one of a look from before it was counted.
    findings: [
      { requestId: id, where: 'postgres/messages', kind: 'email' },
      { requestId: id, where: 'postgres/messages.body', kind: 'email', count: 7 },
    ],
  });
  expect(ticketsEmptied).toBe(6);
  // A report from before this was told by the log is measured again as it was.
  expect((await createMeasureStore(db, HEADS).counts(OCTOBER, {})).ticketsEmptied).toBe(2);
});

test('what is still kept is told as it stood when the month ended, though a later night ended it or found another reason', async () => {
  const { db } = stores;
  const kept = [
    { category: 'conversations' as const, verdict: 'keep' as const, ...DUTY, until: '2026-10-20T21:59:59.999Z' },
    { category: 'identity' as const, verdict: 'keep' as const, ...HOLD },
  ];
  const ended = { ended: '2026-07-10T12:00:00Z', outcome: 'partlyErased' as const };
  const seeded = { ...inMonth('2026-06-01', '2026-07-01'), erased: '2026-06-02T12:00:00Z', kept };
  const night = (at: string, id: string, what: WhatOf<'erasure'>, after: Record<string, unknown>) =>
    logAt(db, at, {
      actor: { kind: 'workflow', id: 'retention' },
      action: `erasure.${what}`,
      object: `erasure/${id}`,
      after: after as NonNullable<AuditEntry['after']>,
    });
  const looked = (at: string) =>
    logAt(db, at, {
      actor: { kind: 'workflow', id: 'retention' },
      action: 'retention.keptReviewed',
      object: 'retention',
      after: { requests: 2 },
    });
  const [one, other] = [await seedErasure(db, { ...seeded, ...ended }), await seedErasure(db, { ...seeded, ...ended })];
  // Nothing kept, and erased when the month was over.
  const nothing = await seedErasure(db, { ...seeded, ...ended, kept: [] });
  const later = await seedErasure(db, { ...seeded, erased: '2026-11-01T12:00:00Z' });
  const ours = [one, other, nothing, later];
  await looked('2026-10-21T01:30:00Z');
  await night('2026-10-21T01:30:00Z', one, 'keptEnded', { category: 'conversations', how: 'erased' });
  await night('2026-10-22T01:30:00Z', other, 'keptReviewed', { state: 'decided', kept: [] });
  await night('2026-10-23T01:30:00Z', other, 'keptReviewed', { state: 'unclear' });

  const store = createMeasureStore(db, HEADS);
  const measured = async () => {
    const { requests, lastReview } = await store.kept(OCTOBER);
    return measureKept(
      requests.filter(({ id }) => ours.includes(id)),
      lastReview,
      OCTOBER,
    );
  };
  const figures = await measured();
  const held = { category: 'identity', why: 'held by law', statute: HOLD.statute };
  const until = '2026-10-20T21:59:59.999Z';
  expect(figures).toEqual({
    requests: 2,
    still: [
      { category: 'conversations', ...DUTY, requests: 1, openEnded: 0, firstUntil: until, lastUntil: until },
      { ...held, requests: 2, openEnded: 2, firstUntil: null, lastUntil: null },
    ],
    ended: [{ category: 'conversations', how: 'erased', requests: 1 }],
    withoutReason: [
      { requestId: other, category: 'conversations', until, why: 'unclear' },
      { requestId: other, category: 'identity', until: null, why: 'unclear' },
    ],
    lastReview: '2026-10-21T01:30:00.000Z',
    reviewMissing: true,
  });

  // November.
  await looked('2026-11-01T01:30:00Z');
  await night('2026-11-01T01:30:00Z', other, 'keptReviewed', {
    state: 'decided',
    kept: [{ category: 'identity', ...DUTY, until: '2030-01-01T00:00:00.000Z' }],
  });
  await night('2026-11-01T01:30:00Z', other, 'keptEnded', { category: 'conversations', how: 'erased' });
  await db
    .updateTable('erasures')
    .set({ still_kept: [], kept_ended: sql`'[{"category":"conversations","how":"erased"}]'::jsonb` as never })
    .where('id', 'in', ours)
    .execute();
  expect(await measured()).toEqual(figures);
});

test('the log of a month goes from after the last report to its own end, and further entries do not move it', async () => {
  const { db } = stores;
  const store = createMeasureStore(db, HEADS);
  await placeEntries(db, 1_000);
  const order = { before: OCTOBER.to, kept: null, madeAt: null, heads: [], from: 1, alive: () => {} };
  const first = await store.log(order);
  expect(first).toMatchObject({ ok: true, from: 1, checked: first.to, keptHeads: 0, firstBad: null });
  expect(first.to).toBeGreaterThan(10);
  await logAt(db, '2026-11-05T00:00:00Z', { actor: { kind: 'system', id: 't' }, action: 'audit.shown', object: 'o' });
  await placeEntries(db, 1_000);
  expect(await store.log({ ...order, kept: first, heads: first.head ? [first.head] : [] })).toEqual(first);
});
