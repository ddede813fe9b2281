import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import { createCircuits } from '../../src/store/circuits.ts';
import { createDegradedTickets } from '../../src/store/degraded.ts';
import { toJson } from '../../src/store/json.ts';
import { newTicket, useStores } from './support.ts';

const stores = useStores();
const MINUTE = 60_000;
const store = (perSecond = 100) => createDegradedTickets(stores.worker, { windowMs: MINUTE, perSecond });
const taken = async () => (await store().take()).map(({ ticketId }) => ticketId);
const FALLBACK = { outcome: 'fallback', reason: 'comprehend: slow' };

/** A ticket that did without Comprehend so long ago. */
async function degraded(
  agoMs: number,
  more: { looks?: number; againAgoMs?: number; facts?: object; state?: 'closed' } = {},
): Promise<string> {
  const { facts = { degraded: ['sentiment'] }, state = 'new', looks = 0, againAgoMs } = more;
  const ticketId = await newTicket(stores);
  const ago = (ms: number) => new Date(Date.now() - ms);
  await sql`update tickets set facts = ${toJson(facts)}::jsonb, state = ${state} where id = ${ticketId}`.execute(
    stores.db,
  );
  const row = { at: ago(agoMs), again_at: againAgoMs === undefined ? null : ago(againAgoMs), looks };
  await sql`insert into degraded_tickets (ticket_id, provider, at, again_at, looks)
    values (${ticketId}, 'comprehend', ${row.at}, ${row.again_at}, ${looks})
    on conflict (ticket_id, provider) do update set at = excluded.at, again_at = excluded.again_at, looks = excluded.looks`.execute(
    stores.db,
  );
  return ticketId;
}
const rowOf = (ticketId: string) =>
  stores.db.selectFrom('degraded_tickets').selectAll().where('ticket_id', '=', ticketId).executeTakeFirstOrThrow();
const later = (ms: number) =>
  sql`update degraded_tickets set at = at - make_interval(secs => ${ms / 1000}),
    again_at = again_at - make_interval(secs => ${ms / 1000})`.execute(stores.db);
const failed = (agoMs: number) =>
  sql`insert into provider_circuits (provider, failures, successes, window_began, last_failure_at)
    values ('comprehend', 1, 1, now(), ${new Date(Date.now() - agoMs)})`.execute(stores.db);
const incident = (openedAgo: number, closedAgo: number | null, isOver: boolean) =>
  sql`insert into provider_incidents (provider, reason, pause_ms, probe_at, opened_at, closed_at, closed_by, over_at)
    values ('comprehend', 'no', 1000, now(), ${new Date(Date.now() - openedAgo)},
      ${closedAgo === null ? null : new Date(Date.now() - closedAgo)}, ${closedAgo === null ? null : 'probe'},
      ${isOver ? new Date() : null})`.execute(stores.db);

beforeEach(() => sql`truncate degraded_tickets, provider_circuits, provider_incidents cascade`.execute(stores.db));

test('a ticket that did without a provider looks again once the provider has not failed for a window', async () => {
  const ticketId = await degraded(2 * MINUTE);
  await degraded(MINUTE / 2);
  await failed(MINUTE / 2);
  expect(await taken()).toEqual([]);
  await sql`update provider_circuits set last_failure_at = now() - interval '2 minutes'`.execute(stores.db);
  expect(await taken()).toEqual([ticketId]);
  expect(await rowOf(ticketId)).toMatchObject({ looks: 1, again_at: expect.any(Date), settled_at: null });
  expect(await taken()).toEqual([]);
});

test('what an incident covers is left to it: an open one, one that is not over, one to which it may come late', async () => {
  const minutes = (count: number) => count * MINUTE;
  const ticketId = await degraded(minutes(5));
  for (const [opened, closed, isOver] of [
    [minutes(4), null, false],
    [minutes(4), minutes(2), false],
    [minutes(8), minutes(6), true],
  ] as const) {
    await incident(opened, closed, isOver);
    expect(await taken()).toEqual([]);
    await sql`truncate provider_incidents cascade`.execute(stores.db);
  }
  await incident(minutes(60), minutes(50), true);
  expect(await taken()).toEqual([ticketId]);
});

test('a ticket is taken again, after twice the pause, for as long as something is missing: by an incident it was told in vain too', async () => {
  const [alone, told] = [await degraded(2 * MINUTE), await degraded(9 * MINUTE, { againAgoMs: 2 * MINUTE })];
  expect((await taken()).sort()).toEqual([alone, told].sort());
  await later(1.5 * MINUTE);
  expect(await taken()).toEqual([]);
  await later(MINUTE);
  await sql`update tickets set facts = '{"degraded": []}' where id = ${told}`.execute(stores.db);
  expect(await taken()).toEqual([alone]);
  expect([await rowOf(alone), await rowOf(told)]).toMatchObject([
    { settled_at: null },
    { settled_at: expect.any(Date) },
  ]);
});

test('settled without a word is what misses nothing, is closed, or was told eight times', async () => {
  const none = [
    await degraded(2 * MINUTE, { facts: { degraded: [], sentimentNow: { outcome: 'ok' } } }),
    await degraded(2 * MINUTE, { facts: { sentimentNow: { outcome: 'missing' } } }),
    await degraded(2 * MINUTE, { state: 'closed' }),
    await degraded(1_000 * MINUTE, { looks: 8, againAgoMs: 300 * MINUTE }),
  ];
  const some = await degraded(2 * MINUTE, { facts: { degraded: [], sentimentNow: FALLBACK } });
  const sleeping = await degraded(1_000 * MINUTE, { looks: 7, againAgoMs: 100 * MINUTE });
  expect(await taken()).toEqual([some]);
  for (const id of none) expect((await rowOf(id)).settled_at).toBeInstanceOf(Date);
  for (const id of [some, sleeping]) expect((await rowOf(id)).settled_at).toBeNull();
});

test('who does without it anew after all was settled begins anew, by the word of the activity or of the facts', async () => {
  const settled = () =>
    sql`update degraded_tickets set settled_at = now(), again_at = now(), looks = 3`.execute(stores.db);
  const ticketId = await degraded(2 * MINUTE);
  const { degraded: note } = createCircuits(stores.worker, { circuit: { windowMs: MINUTE } } as never);
  const anew = { looks: 0, again_at: null, settled_at: null };
  await settled();
  await note('comprehend', ticketId);
  expect(await rowOf(ticketId)).toMatchObject(anew);
  await settled();
  await sql`update tickets set facts = ${toJson({ sentimentNow: FALLBACK })}::jsonb where id = ${ticketId}`.execute(
    stores.db,
  );
  expect(await rowOf(ticketId)).toMatchObject(anew);
});

test('one that could not be told is taken at once, and one whose workflow is gone never again', async () => {
  const ticketId = await degraded(2 * MINUTE);
  const [first] = await store().take();
  if (!first) throw new Error('nothing was taken');
  await store().giveBack(first);
  expect(await rowOf(ticketId)).toMatchObject({ looks: 0, again_at: null });
  const [second] = await store().take();
  expect(second).toMatchObject({ ticketId });
  expect(second?.at).not.toBe(first.at);
  // Of an earlier look.
  await store().settle(first);
  expect((await rowOf(ticketId)).settled_at).toBeNull();
  if (second) await store().settle(second);
  await later(100 * MINUTE);
  expect(await taken()).toEqual([]);
});

test('no more are taken in a second than the policy says, by all workers together, and none twice', async () => {
  const ids = new Set<string>();
  while (ids.size < 40) ids.add(await degraded(2 * MINUTE));
  const workers = Array.from({ length: 8 }, () => store(10));
  const at = performance.now();
  const all: string[] = [];
  while (all.length < ids.size) {
    const found = (await Promise.all(workers.map((one) => one.take()))).flat();
    all.push(...found.map(({ ticketId }) => ticketId));
    // Within the first second, and each one after it, ten.
    expect(all.length).toBeLessThanOrEqual(10 * (1 + Math.floor((performance.now() - at) / 1_000)));
  }
  expect(all.length).toBe(new Set(all).size);
});
