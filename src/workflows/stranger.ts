import type { StrangerReplied } from '../contract.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { tellNews } from './news.ts';

/** Somebody who is not the customer has answered our mail: those who have the ticket hear of it. Once for each such mail. */
export async function hearStranger(desk: Desk, said: StrangerReplied): Promise<void> {
  const { otherTicketId, source = 'signal', eventId = otherTicketId } = said;
  if (desk.memory.row.state === 'closed') return;
  await tellNews(desk, {
    of: { source, eventId },
    occasion: `stranger:${otherTicketId}`,
    entry: { kind: 'strangerReplied', facts: { otherTicketId } },
    queue: (told) => own.tellOfStranger({ ...told, otherTicketId }),
  });
}
