import type { MailFacts } from './mail.ts';

/** The event that brings a ticket in (EventBridge shape), after validation. */
export interface TicketEnvelope {
  readonly id?: string;
  readonly source: string;
  readonly 'detail-type': 'ticket.created';
  readonly time?: string;
  readonly detail: TicketDetail;
}

export interface TicketDetail {
  readonly ticketId: string;
  readonly customerId: string;
  readonly subject: string;
  readonly message: string;
  /** The platform's own guess, -1 to 1; used when no analyser finds a signal. */
  readonly sentimentScore?: number;
  readonly customerTier?: string;
  readonly customerEmail?: string;
  readonly customerName?: string;
  readonly customerPhone?: string;
  readonly channel?: string;
  /** A closed ticket that this one goes on from. */
  readonly linkedTo?: string;
  /** Of a message that came by mail. */
  readonly mail?: MailFacts;
}

/**
 * What of `detail` is personal: the customer's words, name, address and phone, and the ids that lead to them. They stay where an
 * erasure finds them (domain/personal-data.ts); whatever else is kept of a ticket never repeats them, however short they are.
 */
export const PERSONAL_FIELDS = [
  'subject',
  'message',
  'customerEmail',
  'customerName',
  'customerPhone',
  'customerId',
  'mail',
] as const satisfies readonly (keyof TicketDetail)[];

/** Do these steps lead from the envelope into a personal field? */
export function isPersonalField([top, field]: readonly (string | number)[]): boolean {
  return top === 'detail' && PERSONAL_FIELDS.some((personal) => personal === field);
}

/** Events about a ticket that exists; each becomes a signal of its workflow. */
export const FOLLOW_UP_TYPES = [
  'ticket.replied',
  'ticket.claimed',
  'ticket.resolved',
  'ticket.reopened',
  'ticket.rated',
] as const;
export type FollowUpType = (typeof FOLLOW_UP_TYPES)[number];
/** A person asks the support platform to be forgotten. */
export const ERASURE_TYPE = 'erasure.requested';
export const DETAIL_TYPES = ['ticket.created', ...FOLLOW_UP_TYPES, ERASURE_TYPE] as const;

/** Ids go into workflow ids, URLs and file names: letters, digits, `.`, `_`, `-` and `:`; at most 100. */
export const TICKET_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;
