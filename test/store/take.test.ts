import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/domain/journal.ts';
import type { ClockRow } from '../../src/domain/sla-row.ts';
import { changeOf, newTicket, rowsOf, useStores } from './support.ts';

const stores = useStores();
const event = (eventId: string, more: object = {}) => ({ source: 'support.platform', eventId, ...more });
const message = { author: 'customer', authorId: null, body: 'Still broken' } as const;

describe('take', () => {
  it('writes event, message, rating and change together', async () => {
    const id = await newTicket(stores);
    const change = changeOf(id, 2, { state: 'waitingForAgent' }, 'customerReplied');
    const taken = await stores.tickets.take(change, event('e1', { message, score: 4 }), null);
    expect(taken).toEqual({ duplicate: false });
    expect(await rowsOf(stores, id)).toMatchObject({ timeline: 2, messages: 2, events: 1, ratings: 1 });
    expect(await stores.read.ticket(id)).toMatchObject({ state: 'waitingForAgent' });
  });

  it('of an event from before what the ticket remembers is a duplicate and changes nothing', async () => {
    const id = await newTicket(stores);
    const taken = changeOf(id, 2, { state: 'waitingForAgent' });
    await stores.tickets.take(taken, event('e1', { message }), null);
    const remembered = taken.entries[0]?.at ?? '';
    const before = await rowsOf(stores, id);
    const again = await stores.tickets.take(
      changeOf(id, 3, { state: 'solved' }),
      event('e1', { message, score: 1 }),
      remembered,
    );
    expect(again).toMatchObject({ duplicate: true });
    expect(await rowsOf(stores, id)).toEqual(before);
    expect(await stores.read.ticket(id)).toMatchObject({ state: 'waitingForAgent' });
  });

  it('of an event that a lost task took is taken again, with what came of it this time', async () => {
    const id = await newTicket(stores);
    const remembered = changeOf(id, 1).entries[0]?.at ?? '';
    await stores.tickets.take(
      changeOf(id, 2, { state: 'inProgress' }, 'claimed'),
      event('e1', { message }),
      remembered,
    );
    // The task that followed began with a signal, so that the event came one place later.
    await stores.tickets.record(later(changeOf(id, 2, { state: 'waitingForAgent' }, 'customerReplied')));
    const taken = await stores.tickets.take(
      later(changeOf(id, 3, { state: 'inProgress', assigneeId: 'ana' }, 'claimed')),
      event('e1', { message }),
      remembered,
    );
    expect(taken).toEqual({ duplicate: false });
    expect(await stores.read.ticket(id)).toMatchObject({ state: 'inProgress', assigneeId: 'ana' });
    expect((await stores.read.timeline(id)).map((line) => line.kind)).toEqual([
      'received',
      'customerReplied',
      'claimed',
    ]);
    expect(await rowsOf(stores, id)).toMatchObject({ messages: 2, events: 1 });
  });

  it('repeated because its answer was lost is no duplicate, and writes nothing twice', async () => {
    const id = await newTicket(stores);
    const change = changeOf(id, 2, { state: 'waitingForAgent' });
    const first = await stores.tickets.take(change, event('e1', { message }), null);
    expect(await stores.tickets.take(change, event('e1', { message }), null)).toEqual(first);
    expect(await rowsOf(stores, id)).toMatchObject({ timeline: 2, messages: 2, events: 1 });
  });

  it('repeated while the first try is still under way is no duplicate either', async () => {
    for (let round = 0; round < 30; round++) {
      const id = await newTicket(stores);
      const change = changeOf(id, 2, { state: 'waitingForAgent' });
      const tries = await Promise.all(
        Array.from({ length: 3 }, () => stores.tickets.take(change, event('e1', { message }), null)),
      );
      expect(tries.map((taken) => taken.duplicate)).toEqual([false, false, false]);
      expect(await rowsOf(stores, id)).toMatchObject({ timeline: 2, messages: 2, events: 1 });
    }
  });

  it('tells the same id of two sources apart, and of two tickets', async () => {
    const [one, two] = [await newTicket(stores), await newTicket(stores)];
    const taken = [
      await stores.tickets.take(changeOf(one, 2), event('e1'), null),
      await stores.tickets.take(changeOf(one, 3), { source: 'another', eventId: 'e1' }, null),
      await stores.tickets.take(changeOf(two, 2), event('e1'), null),
    ];
    expect(taken.map((one) => one.duplicate)).toEqual([false, false, false]);
  });

  it('keeps one rating an episode, the last one', async () => {
    const id = await newTicket(stores);
    await stores.tickets.take(changeOf(id, 2), event('r1', { score: 2 }), null);
    await stores.tickets.take(changeOf(id, 3), event('r2', { score: 5 }), null);
    await stores.tickets.take(changeOf(id, 4, { episode: 2 }), event('r3', { score: 1 }), null);
    const ratings = await stores.db
      .selectFrom('ratings')
      .selectAll()
      .where('ticket_id', '=', id)
      .orderBy('episode')
      .execute();
    expect(ratings).toMatchObject([
      { episode: 1, score: 5 },
      { episode: 2, score: 1 },
    ]);
  });

  it.each([
    ['NUL \u0000 here', 'NUL \uFFFD here'],
    ['half \uD83D an emoji', 'half \uFFFD an emoji'],
    ['\uDC00', '\uFFFD'],
    ['an innocent \\u0000 and \\ud83d \u{1F600}', 'an innocent \\u0000 and \\ud83d \u{1F600}'],
  ])('writes facts with characters that PostgreSQL has not: %j', async (text, written) => {
    const id = await newTicket(stores);
    const change = { ...changeOf(id, 2, {}, 'decided', { [text]: [{ text }] }), facts: { text } };
    await stores.tickets.record(change);
    const again = { ...changeOf(id, 3, {}, 'decided', { text }), facts: { text } };
    expect(await stores.tickets.take(again, event('e1'), null)).toMatchObject({ duplicate: false });
    const facts = (await stores.read.timeline(id)).at(-1)?.facts;
    expect(facts?.text).toBe(written);
  });
});

/** The same change a minute later: as a task writes it that was begun again. */
function later(change: Change): Change {
  const entries = change.entries.map((e) => ({ ...e, at: new Date(Date.parse(e.at) + 60_000).toISOString() }));
  return { ...change, entries };
}

function clock(id: string, startedAt: string, dueAt: string | null = null): ClockRow {
  const metric = id.startsWith('resolution') ? ('resolution' as const) : ('nextResponse' as const);
  return {
    id,
    metric,
    episode: 2,
    status: 'running',
    policy: 'standard',
    rules: '0123456789ab',
    startedAt,
    targetMs: 3_600_000,
    pausedMs: 0,
    dueAt,
    warnedAt: null,
    breachedAt: null,
    endedAt: null,
    derivation: 'an hour',
  };
}

describe('what a lost task wrote', () => {
  it('gives way to what came instead, row and timeline', async () => {
    const id = await newTicket(stores);
    await stores.tickets.record(changeOf(id, 2, { state: 'new' }, 'enriched'));
    await stores.deliveries.queue(changeOf(id, 3, { state: 'waitingForAgent', assigneeId: 'ana' }, 'escalated'), []);
    await stores.tickets.record(later(changeOf(id, 2, { state: 'solved' }, 'resolved')));
    expect(await stores.read.ticket(id)).toMatchObject({ state: 'solved', assigneeId: null });
    expect((await stores.read.timeline(id)).map((line) => [line.seq, line.kind])).toEqual([
      [1, 'received'],
      [2, 'resolved'],
    ]);
  });

  it('gives way in its clocks too: those that came instead, as they came, and those that only it began go', async () => {
    const id = await newTicket(stores);
    const [first, again, late] = ['2026-03-02T09:00:00.000Z', '2026-03-02T09:00:07.000Z', '2026-03-02T10:00:07.000Z'];
    await stores.tickets.record({ ...changeOf(id, 2), clocks: [clock('resolution:1', first)] });
    const lost = {
      ...changeOf(id, 3, {}, 'reopened'),
      clocks: [clock('resolution:2', first), clock('nextResponse:2.1', first)],
    };
    await stores.tickets.record(lost);
    const repeated = { ...later(changeOf(id, 3, {}, 'reopened')), clocks: [clock('resolution:2', again, late)] };
    await stores.tickets.record(repeated);
    const kept = [clock('resolution:1', first), clock('resolution:2', again, late)];
    expect(await stores.read.clocks(id)).toEqual(kept);
    await stores.tickets.record(lost);
    expect(await stores.read.clocks(id)).toEqual(kept);
  });

  it('does not come back when it arrives late', async () => {
    const id = await newTicket(stores);
    const lost = changeOf(id, 3, { state: 'waitingForAgent' }, 'escalated');
    await stores.tickets.record(later(changeOf(id, 2, { state: 'solved' }, 'resolved')));
    await stores.tickets.record(lost);
    expect(await stores.read.ticket(id)).toMatchObject({ state: 'solved' });
  });
});

describe('the revision', () => {
  it('keeps an older write from undoing a newer one, whichever way it writes', async () => {
    const id = await newTicket(stores);
    const newer = changeOf(id, 5, { state: 'solved', priority: 'HIGH' });
    const older = changeOf(id, 4, { state: 'inProgress', priority: 'MEDIUM' });
    await stores.tickets.record({ ...newer, facts: { sentiment: 'newer' } });
    await stores.tickets.record({ ...older, facts: { sentiment: 'older' } });
    await stores.tickets.take(changeOf(id, 3, { state: 'inProgress' }), event('late'), null);
    await stores.deliveries.queue(changeOf(id, 2, { state: 'inProgress' }), []);
    expect(await stores.read.ticket(id)).toMatchObject({
      state: 'solved',
      priority: 'HIGH',
      facts: { sentiment: 'newer' },
    });
    expect((await stores.read.timeline(id)).map((line) => line.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('lets the newest of many writes at once win', async () => {
    const id = await newTicket(stores);
    const seqs = Array.from({ length: 40 }, (_, i) => i + 2).sort(() => Math.random() - 0.5);
    await Promise.all(seqs.map((seq) => stores.tickets.record(changeOf(id, seq, { assigneeId: `agent-${seq}` }))));
    expect(await stores.read.ticket(id)).toMatchObject({ assigneeId: 'agent-41' });
    expect(await rowsOf(stores, id)).toMatchObject({ timeline: 41 });
  });

  it('keeps the entry that is there already', async () => {
    const id = await newTicket(stores);
    await stores.tickets.record(changeOf(id, 2, {}, 'enriched', { first: true }));
    await stores.tickets.record(changeOf(id, 2, {}, 'decided', { first: false }));
    expect((await stores.read.timeline(id)).at(-1)).toMatchObject({ kind: 'enriched', facts: { first: true } });
  });
});

describe('a late rating', () => {
  it('is kept with the last episode, once an event, and the last one counts', async () => {
    const id = await newTicket(stores);
    await stores.tickets.record(changeOf(id, 2, { state: 'closed', episode: 3 }));
    const rate = (eventId: string, score: number) => stores.intake.rateLate(id, score, event(eventId));
    await rate('r1', 2);
    await rate('r2', 5);
    await rate('r1', 2);
    const ratings = await stores.db.selectFrom('ratings').selectAll().where('ticket_id', '=', id).execute();
    expect(ratings).toMatchObject([{ episode: 3, score: 5 }]);
  });

  it('of a ticket that nobody knows is no rating', async () => {
    await stores.intake.rateLate('TKT-nobody', 5, event('r1'));
    expect(await rowsOf(stores, 'TKT-nobody')).toMatchObject({ ratings: 0 });
  });
});
