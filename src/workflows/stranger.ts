import type { StrangerReplied } from '../contract.ts';
import { eventKey } from '../domain/event-key.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { tellUntilHeard } from './tell.ts';
import { NEWS_MS } from './undelivered.ts';

/** Somebody who is not the customer has answered our mail: those who have the ticket hear of it. Once for each such mail. */
export async function hearStranger(desk: Desk, said: StrangerReplied): Promise<void> {
  const { memory } = desk;
  const { otherTicketId, source = 'signal', eventId = otherTicketId } = said;
  const key = eventKey(source, eventId);
  if (key in memory.seen || memory.row.state === 'closed') return;
  memory.seen[key] = Date.now();
  const occasion = `stranger:${otherTicketId}`;
  const queue = (channel?: 'mail') =>
    desk.journal.commit(
      channel
        ? { kind: 'delivered', facts: { occasion, fallback: channel } }
        : { kind: 'strangerReplied', actor: 'platform', facts: { otherTicketId } },
      (change) =>
        own.tellOfStranger({
          change,
          occasion,
          otherTicketId,
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
