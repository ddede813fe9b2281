/** Message-IDs: which mails a mail answers, and which of ours those may be. */
import type { MailHeaders } from './mail.ts';

/** More than any honest thread has, and few enough for one query. */
const MAX_REFERENCES = 50;

/** Message-IDs of what a mail answers, the nearest first: In-Reply-To, then References from the last to the first. */
export function answeredIds(headers: MailHeaders): string[] {
  const ids = (name: string) => (headers[name] ?? []).flatMap((value) => value.match(/<[^<>\s]{1,250}>/g) ?? []);
  return [...new Set([...ids('in-reply-to'), ...ids('references').reverse()])].slice(0, MAX_REFERENCES);
}

/** A name by which our ledger of deliveries may know a message, and how the message names its ticket, where it does. */
export interface LedgerName {
  readonly name: string;
  readonly ticket: string | null;
}

/**
 * SES gives the part before the `@`, the outbox the file that holds the message. The outbox counts its files from 1 on, which anybody
 * can guess: there the ticket must be right as well.
 */
export function ledgerNames(messageId: string): LedgerName[] {
  const [local = '', domain = ''] = messageId.slice(1, -1).split('@');
  if (domain === OWN_DOMAIN) {
    const dot = local.lastIndexOf('.');
    return dot < 1 ? [] : [{ name: `${OUTBOX}${local.slice(dot + 1)}.eml`, ticket: local.slice(0, dot) }];
  }
  return local.startsWith(OUTBOX) ? [] : [messageId, local].map((name) => ({ name, ticket: null }));
}
const OUTBOX = 'outbox:';
/** Ends the Message-IDs of mails that no provider has renamed. */
const OWN_DOMAIN = 'steward.invalid';

/** The Message-ID under which a message of ours leaves. */
export function ownMessageId(ticketId: string, deliveryId: string): string {
  return `<${inMessageId(ticketId)}.${inMessageId(deliveryId)}@${OWN_DOMAIN}>`;
}

/** An id as a Message-ID can hold it. */
export function inMessageId(id: string): string {
  return id.replace(/[^A-Za-z0-9._-]/g, '-');
}
