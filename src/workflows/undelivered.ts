import type { DeliveryFailed } from '../contract.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { tellNews } from './news.ts';

/** A mail came back, or was complained of: those who have the ticket hear that the recipient does not know. Once for each. */
export async function hearUndelivered(desk: Desk, said: DeliveryFailed): Promise<void> {
  const { deliveryId, outcome, source = 'signal', eventId = `${deliveryId}/${outcome}` } = said;
  await tellNews(desk, {
    of: { source, eventId },
    occasion: `undelivered:${deliveryId}:${outcome}`,
    entry: { kind: 'undelivered', facts: { deliveryId, outcome } },
    queue: (told) => own.tellOfUndelivered({ ...told, deliveryId, outcome }),
  });
}
