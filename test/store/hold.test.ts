import { describe, expect, it } from 'vitest';
import type { HeldEvent } from '../../src/deps.ts';
import { changeOf, claim, newId, newTicket, rowsOf, ticketOf, useStores } from './support.ts';

const stores = useStores();

const replied = (eventId: string, message = `words of ${eventId}`) =>
  ({ type: 'customerReplied', source: 'support.platform', eventId, agentId: null, score: null, message }) as const;

/** What the workflow does with what its first step found held, and a caller with a `held: false`. */
async function takeHeld(ticketId: string, seq: number, held: Pick<HeldEvent, 'source' | 'eventId' | 'messageId'>) {
  const { source, eventId, messageId } = held;
  return stores.tickets.take(changeOf(ticketId, seq, {}, 'customerReplied'), {
    source,
    eventId,
    ...(messageId === null
      ? { message: { author: 'customer', authorId: null, body: `words of ${eventId}` } }
      : { messageId }),
  });
}

describe('hold', () => {
  it('keeps an event and its text for a ticket that has not come', async () => {
    const id = newId();
    expect(await stores.intake.hold(id, replied('e1'))).toEqual({ held: true });
    expect(await rowsOf(stores, id)).toMatchObject({ held: 1, messages: 1 });
  });

  it('keeps the same event once', async () => {
    const id = newId();
    await Promise.all(Array.from({ length: 20 }, () => stores.intake.hold(id, replied('e1'))));
    expect(await rowsOf(stores, id)).toMatchObject({ held: 1, messages: 1 });
  });

  it('then claim: the claim finds what is held, in the order in which it came', async () => {
    const id = newId();
    for (const eventId of ['e3', 'e1', 'e2']) await stores.intake.hold(id, replied(eventId));
    await stores.intake.hold(id, { type: 'rated', source: 'form', eventId: 'r1', agentId: null, score: 4 });
    expect(await claim(stores, ticketOf(id))).toMatchObject({
      outcome: 'new',
      held: [
        { type: 'customerReplied', eventId: 'e3', messageId: expect.any(String) },
        { type: 'customerReplied', eventId: 'e1', messageId: expect.any(String) },
        { type: 'customerReplied', eventId: 'e2', messageId: expect.any(String) },
        { type: 'rated', source: 'form', eventId: 'r1', score: 4, messageId: null },
      ],
    });
  });

  it('after claim: the caller learns that the ticket is there', async () => {
    const id = await newTicket(stores);
    expect(await stores.intake.hold(id, replied('e1'))).toEqual({ held: false });
  });

  it('taken, an event is held no more, and its text stands in the conversation once', async () => {
    const id = newId();
    await stores.intake.hold(id, replied('e1'));
    const claimed = await claim(stores, ticketOf(id));
    const [held] = claimed.outcome === 'new' ? claimed.held : [];
    if (!held) throw new Error('nothing was held');
    expect(await takeHeld(id, 2, held)).toEqual({ duplicate: false, messageId: held.messageId });
    expect(await rowsOf(stores, id)).toMatchObject({ held: 0, messages: 2, events: 1 });
  });

  it('against claim in 50 random interleavings: an event is never lost and never taken twice', async () => {
    for (let round = 0; round < 50; round++) {
      const id = newId();
      const jitter = () => stores.db.selectNoFrom((eb) => eb.val(1).as('one')).execute();
      const late = async <T>(steps: number, act: () => Promise<T>): Promise<T> => {
        for (let i = 0; i < steps; i++) await jitter();
        return act();
      };
      const steps = () => Math.floor(Math.random() * 4);
      const events = ['e1', 'e2', 'e3'];
      const [claimed, ...holds] = await Promise.all([
        late(steps(), () => claim(stores, ticketOf(id))),
        ...events.map((eventId) => late(steps(), () => stores.intake.hold(id, replied(eventId)))),
      ]);
      const found = claimed.outcome === 'new' ? claimed.held : [];
      const signalled = events
        .filter((_, i) => holds[i]?.held === false)
        .map((eventId) => ({ source: 'support.platform', eventId, messageId: null }));
      const taken = [];
      for (const [i, one] of [...found, ...signalled].entries()) taken.push(await takeHeld(id, i + 2, one));
      expect(taken.filter((one) => !one.duplicate)).toHaveLength(events.length);
      expect(await rowsOf(stores, id)).toMatchObject({ events: 3, held: 0, messages: 4, timeline: 4 });
    }
  });
});

describe('a closed ticket', () => {
  it('tells what a new one that goes on from it must know, and whether the event was taken already', async () => {
    const id = await newTicket(stores, { subject: 'Printer on fire' });
    const seen = { source: 'support.platform', eventId: 'e1' };
    await stores.tickets.take(changeOf(id, 2), seen);
    expect(await stores.intake.closedTicket(id, seen)).toMatchObject({ subject: 'Printer on fire', taken: true });
    expect(await stores.intake.closedTicket(id, { ...seen, eventId: 'e2' })).toMatchObject({ taken: false });
    expect(await stores.intake.closedTicket('TKT-nobody', seen)).toBeNull();
  });
});

describe('admit', () => {
  it('answers key and ticket in one trip; a revoked key is none', async () => {
    const id = await newTicket(stores);
    const key = { id: 'k1', name: 'test', hash: 'h1', revoked_at: null };
    await stores.db.insertInto('api_keys').values(key).execute();
    expect(await stores.intake.admit('h1', id)).toEqual({
      key: { id: 'k1', name: 'test' },
      ticket: { source: 'support.platform', state: 'new' },
    });
    expect(await stores.intake.admit('h1', null)).toMatchObject({ key: { id: 'k1' }, ticket: null });
    expect(await stores.intake.admit('h2', id)).toMatchObject({ key: null });
    await stores.db.updateTable('api_keys').set({ revoked_at: new Date() }).execute();
    expect(await stores.intake.admit('h1', id)).toMatchObject({ key: null });
  });
});
