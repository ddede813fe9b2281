import type { TicketState } from '../../domain/ticket.ts';
import type { ConversationLine } from '../deps.ts';

/** A ticket's state, said to the customer. */
export const STATE_FOR_CUSTOMER: Readonly<Record<TicketState, string>> = {
  new: 'We have your message and are looking at it.',
  waitingForAgent: 'Your message waits for one of our agents.',
  inProgress: 'One of our agents is working on it.',
  waitingForCustomer: 'We have answered. Reply below if there is more to say.',
  solved: 'Solved. If it is not, reply below and we go on.',
  closed: 'Closed. A reply opens a new ticket that goes on from this one.',
};

export const AUTHOR_WORDS: Readonly<Record<ConversationLine['author'], string>> = {
  customer: 'You',
  bot: 'Our automatic assistant',
  agent: 'Our support team',
};

export const RATING_WORDS = ['1, very bad', '2, bad', '3, fair', '4, good', '5, very good'] as const;

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** `23 April 2026 at 10:15 UTC`; the server does not know where the reader is. */
export function sayTime(iso: string): string {
  return `${format.format(new Date(iso))} UTC`;
}
