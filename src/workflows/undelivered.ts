import type { DeliveryFailed } from '../contract.ts';
import { eventKey } from '../domain/event-key.ts';
import { isWithBot } from '../domain/ticket.ts';
import { own } from './activities.ts';
import { isSince } from './changes.ts';
import type { Desk } from './desk.ts';
import { handOverUnless } from './modules.ts';
import { tellNews } from './news.ts';
import { persist } from './park.ts';

/**
 * A mail came back, or was complained of: those who have the ticket hear that the recipient does not know. Once for each. Where the bot waits
 * for a customer whom no mail reaches, a person gets the ticket.
 */
export async function hearUndelivered(desk: Desk, said: DeliveryFailed): Promise<void> {
  const { deliveryId, outcome, source = 'signal', eventId = `${deliveryId}/${outcome}` } = said;
  const isNews = !(eventKey(source, eventId) in desk.memory.seen);
  const told = tellNews(desk, {
    of: { source, eventId },
    occasion: `undelivered:${deliveryId}:${outcome}`,
    entry: { kind: 'undelivered', facts: { deliveryId, outcome } },
    queue: (told) => own.tellOfUndelivered({ ...told, deliveryId, outcome }),
  });
  const handed = isNews && isWithBot(desk.memory.row) && isSince('unreached-to-person');
  await Promise.all([told, handed && handOverUnreached(desk, deliveryId, `unreached:${deliveryId}:${outcome}`)]);
}

async function handOverUnreached(desk: Desk, deliveryId: string, occasion: string): Promise<void> {
  const { memory } = desk;
  // Meanwhile no deadline strikes.
  desk.background += 1;
  try {
    await persist(desk, occasion, 'handOver', async (number, again) => {
      if (!(occasion in memory.done) && !(await own.isUnreached(deliveryId))) return;
      const tries = { number, of: 4, again };
      await handOverUnless(desk, occasion, 'answer came back', tries, (row) => !isWithBot(row));
    });
  } finally {
    desk.background -= 1;
    delete memory.done[occasion];
  }
}
