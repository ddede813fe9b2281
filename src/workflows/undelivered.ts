import type { DeliveryFailed } from '../contract.ts';
import { eventKey } from '../domain/event-key.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { tellUntilHeard } from './tell.ts';

/** After that whoever could not be told is not told any more: it must not keep the ticket from closing. */
export const NEWS_MS = 24 * 3_600_000;

/** A mail came back, or was complained of: those who have the ticket hear that the recipient does not know. Once for each. */
export async function hearUndelivered(desk: Desk, said: DeliveryFailed): Promise<void> {
  const { memory } = desk;
  const { deliveryId, outcome, source = 'signal', eventId = `${deliveryId}/${outcome}` } = said;
  const key = eventKey(source, eventId);
  if (key in memory.seen) return;
  memory.seen[key] = Date.now();
  const occasion = `undelivered:${deliveryId}:${outcome}`;
  const queue = (channel?: 'mail') =>
    desk.journal.commit(
      channel
        ? { kind: 'delivered', facts: { occasion, fallback: channel } }
        : { kind: 'undelivered', actor: 'platform', facts: { deliveryId, outcome } },
      (change) =>
        own.tellOfUndelivered({
          change,
          occasion,
          deliveryId,
          outcome,
          assigneeId: memory.row.assigneeId,
          ...(channel ? { channel } : {}),
        }),
    );
  desk.background += 1;
  try {
    const until = Date.now() + NEWS_MS;
    await tellUntilHeard(desk, {
      occasion,
      queue,
      isStale: () => memory.row.state === 'closed' || Date.now() >= until,
    });
  } finally {
    desk.background -= 1;
  }
}
