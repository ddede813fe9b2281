import { describe, expect, it } from 'vitest';
import { changeOf, claim, newId, newTicket, ticketOf, useStores } from './support.ts';

const stores = useStores();

describe('statusPage', () => {
  it('begins with the first message, though a reply was held before it, and goes on in order of time', async () => {
    const id = newId();
    const reply = { type: 'customerReplied', source: 's', agentId: null, score: null } as const;
    await stores.intake.hold(id, { ...reply, eventId: 'e1', message: 'Held.' });
    await stores.db
      .updateTable('messages')
      .set({ at: new Date(0) })
      .where('ticket_id', '=', id)
      .execute();
    await claim(stores, ticketOf(id, { subject: 'Fire', message: 'First.' }));
    const later = { author: 'agent', authorId: 'ana', body: 'Later.' } as const;
    await stores.tickets.take(changeOf(id, 2), { source: 's', eventId: 'e2', message: later }, null);
    const page = await stores.pages.statusPage(id);
    expect(page?.conversation.map((line) => line.body)).toEqual(['First.', 'Held.', 'Later.']);
    expect(page?.subject).toBe('Fire');
  });

  it('is null for a ticket that nobody knows, and knows the rating of this episode only', async () => {
    expect(await stores.pages.statusPage(newId())).toBeNull();
    const id = await newTicket(stores);
    await stores.intake.rateLate(id, 4, { source: 's', eventId: 'r1' });
    expect(await stores.pages.statusPage(id)).toMatchObject({ rating: 4, state: 'new' });
    await stores.tickets.record(changeOf(id, 2, { episode: 2 }, 'reopened'));
    expect(await stores.pages.statusPage(id)).toMatchObject({ rating: null });
  });
});
