/** What customers say by the forms, as events of their ticket. */
import { hash, randomBytes } from 'node:crypto';
import type { FollowUp } from '../schema/followUp.ts';
import type { GatewayDeps, StatusPage } from './deps.ts';

export const FORM_SOURCE = 'steward.form';

/** Path of a ticket's private page; its public address may lie behind a proxy, the path is the same. */
export function statusPath({ links }: Pick<GatewayDeps, 'links'>, ticketId: string): string {
  return `/support/t/${new URL(links.statusPage(ticketId)).pathname.split('/').at(-1) ?? ''}`;
}

/** Hidden in a form: a second click is the same event. */
export function newEvent(): string {
  return randomBytes(16).toString('hex');
}

export function replyOf(ticketId: string, event: string, message: string): FollowUp {
  const said = { type: 'customerReplied', message } as const;
  return { ticketId, source: FORM_SOURCE, eventId: `reply-${digest(ticketId, event, message)}`, said };
}

export function ratingOf(ticketId: string, event: string, score: number): FollowUp {
  const said = { type: 'rated', score } as const;
  return { ticketId, source: FORM_SOURCE, eventId: `rating-${digest(ticketId, event, score)}`, said };
}

/**
 * Of this ticket alone: the field comes from outside, and must not take the id of another ticket's event. With what is said: who goes
 * back, changes a word and sends the same form again says something new.
 */
function digest(ticketId: string, event: string, said: string | number): string {
  const parts = [ticketId, event === '' ? newEvent() : event, said];
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32);
}

/** Does the customer's page show these words of theirs? */
export function saidIn(ticket: StatusPage | null, message: string): boolean {
  return ticket?.conversation.some((line) => line.author === 'customer' && line.body === message) ?? false;
}
