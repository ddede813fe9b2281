import { describe, expect, it } from 'vitest';
import type { HeldEvent } from '../../src/deps.ts';
import { eventKey } from '../../src/domain/event-key.ts';
import { changeOf, claim, newId, newTicket, rowsOf, ticketOf, useStores } from './support.ts';

const stores = useStores();

const replied = (eventId: string, message = `words of ${eventId}`) =>
  ({ type: 'customerReplied', source: 'support.platform', eventId, agentId: null, score: null, message }) as const;

interface Came extends Pick<HeldEvent, 'source' | 'eventId'> {
  /** By a signal, which carries its text; what was held has its text in the conversation already. */
  readonly signalled?: boolean;
}

/** What the workflow does with what its first step found held, and with what a caller signals that was told `held: false`. */
async function takeCame(ticketId: string, seq: number, { source, eventId, signalled }: Came) {
  const message = { author: 'customer', authorId: null, body: `words of ${eventId}` } as const;
  const event = { source, eventId, ...(signalled ? { message } : {}) };
  return stores.tickets.take(changeOf(ticketId, seq, {}, 'customerReplied'), event, null);
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

  it('keeps what is new in a mail that came before its ticket, which alone is read', async () => {
    const id = newId();
    const mail = { messageId: '<1@customer.example>', newWords: 'No.' };
    const { source, eventId } = replied('e1');
    await stores.intake.hold(id, { ...replied('e1', 'No.\n> Did it help?'), mail });
    expect(await stores.tickets.said(id, eventKey(source, eventId))).toBe('No.');
    const kept = stores.db.selectFrom('messages').select(['body', 'mail_id']).where('ticket_id', '=', id);
    expect(await kept.execute()).toEqual([{ body: 'No.\n> Did it help?', mail_id: mail.messageId }]);
  });

  it('then claim: the claim finds what is held, in the order in which it came', async () => {
    const id = newId();
    for (const eventId of ['e3', 'e1', 'e2']) await stores.intake.hold(id, replied(eventId));
    await stores.intake.hold(id, { type: 'rated', source: 'form', eventId: 'r1', agentId: null, score: 4 });
    expect(await claim(stores, ticketOf(id))).toMatchObject({
      outcome: 'new',
      held: [
        { type: 'customerReplied', eventId: 'e3' },
        { type: 'customerReplied', eventId: 'e1' },
        { type: 'customerReplied', eventId: 'e2' },
        { type: 'rated', source: 'form', eventId: 'r1', score: 4 },
      ],
    });
  });

  it('after claim: the caller learns that the ticket is there', async () => {
    const id = await newTicket(stores);
    expect(await stores.intake.hold(id, replied('e1'))).toEqual({ held: false });
  });

  it('taken, its text stands in the conversation once; until the ticket closes a lost first step finds it again', async () => {
    const id = newId();
    await stores.intake.hold(id, replied('e1'));
    const claimed = await claim(stores, ticketOf(id));
    const [held] = claimed.outcome === 'new' ? claimed.held : [];
    if (!held) throw new Error('nothing was held');
    expect(await takeCame(id, 2, held)).toEqual({ duplicate: false });
    expect(await rowsOf(stores, id)).toMatchObject({ held: 1, messages: 2, events: 1 });
    expect(await claim(stores, ticketOf(id))).toMatchObject({ outcome: 'new', held: [{ eventId: 'e1' }] });
    const clock = { source: 'clock', eventId: 'window:1' };
    await stores.tickets.take(changeOf(id, 3, { state: 'closed' }, 'closed'), clock, null);
    expect(await rowsOf(stores, id)).toMatchObject({ held: 0 });
  });

  it('against claim in 50 random interleavings: every event is found held or signalled', async () => {
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
      const found: readonly Came[] = claimed.outcome === 'new' ? claimed.held : [];
      const signalled = events
        .filter((_, i) => holds[i]?.held === false)
        .map((eventId) => ({ source: 'support.platform', eventId, signalled: true }));
      // One that comes both ways the ticket knows by its id.
      const came = new Map([...found, ...signalled].map((one) => [one.eventId, one]));
      expect([...came.keys()].sort()).toEqual(events);
      let seq = 1;
      for (const one of came.values()) await takeCame(id, ++seq, one);
      expect(await rowsOf(stores, id)).toMatchObject({ events: 3, messages: 4, timeline: 4 });
    }
  });
});

describe('a closed ticket', () => {
  it('tells what a new one that goes on from it must know, and whether the event was taken already', async () => {
    const id = await newTicket(stores, { subject: 'Printer on fire' });
    const seen = { source: 'support.platform', eventId: 'e1' };
    await stores.tickets.take(changeOf(id, 2), seen, null);
    expect(await stores.intake.closedTicket(id, seen)).toMatchObject({ subject: 'Printer on fire', taken: true });
    expect(await stores.intake.closedTicket(id, { ...seen, eventId: 'e2' })).toMatchObject({ taken: false });
    expect(await stores.intake.closedTicket('TKT-nobody', seen)).toBeNull();
  });
});

describe('admit', () => {
  it('answers key and ticket in one trip; a revoked key is none', async () => {
    const id = await newTicket(stores);
    const key = { id: 'k1', name: 'test', hash: 'h1', role: 'auditor' as const, revoked_at: null };
    await stores.db.insertInto('api_keys').values(key).execute();
    expect(await stores.intake.admit('h1', id)).toEqual({
      key: { id: 'k1', name: 'test', role: 'auditor', agent: null },
      ticket: { source: 'support.platform', state: 'new', taken: false, erased: false },
    });
    expect(await stores.intake.admit('h1', null)).toMatchObject({ key: { id: 'k1' }, ticket: null });
    expect(await stores.intake.admit('h2', id)).toMatchObject({ key: null });
    await stores.db.updateTable('api_keys').set({ revoked_at: new Date() }).execute();
    expect(await stores.intake.admit('h1', id)).toMatchObject({ key: null });
  });

  it('and ticket tell whether an event was taken: by its source and id, and of this ticket', async () => {
    const [id, other] = [await newTicket(stores), await newTicket(stores)];
    const seen = { source: 'support.platform', eventId: 'e1' };
    await stores.tickets.take(changeOf(id, 2), seen, null);
    const both = async (ticketId: string, event?: typeof seen) => {
      const [ticket, admission] = [
        await stores.intake.ticket(ticketId, event),
        await stores.intake.admit('h', ticketId, event),
      ];
      expect(admission.ticket).toEqual(ticket);
      return ticket?.taken;
    };
    expect(await both(id, seen)).toBe(true);
    expect(await both(id, { ...seen, eventId: 'e2' })).toBe(false);
    expect(await both(id, { ...seen, source: 'form' })).toBe(false);
    expect(await both(other, seen)).toBe(false);
    expect(await both(id)).toBe(false);
    expect(await both('TKT-nobody', seen)).toBeUndefined();
  });
});
