/** Message-IDs: which mails a mail answers, and which of ours those may be. */
import type { MailHeaders } from './mail.ts';

/** Whatever else stands there (`<>`, `none`) names no mail; a longer one is not kept. */
export const MESSAGE_ID = /^<[^<>@\s\p{Cc}\p{Cs}]{1,120}@[^<>\s\p{Cc}\p{Cs}]{1,120}>$/u;

/** More than any honest thread has, and few enough for one query. */
const MAX_REFERENCES = 50;

/** Message-IDs of what a mail answers, the nearest first: In-Reply-To, then References from the last to the first. */
export function answeredIds(headers: MailHeaders): string[] {
  const ids = (name: string) => (headers[name] ?? []).flatMap((value) => value.match(/<[^<>\s]{1,250}>/g) ?? []);
  return [...new Set([...ids('in-reply-to'), ...ids('references').reverse()])].slice(0, MAX_REFERENCES);
}

/** Of the address that answers to one of our mails go to: which mail it is, and the proof that we gave the address out. */
export interface ReplyToken {
  readonly deliveryId: string;
  readonly mac: string;
}
/** `help+12.0f3k…@…`. Small letters and digits only: some mailboxes are written large. */
const REPLY_TOKEN = /\+(\d{1,18})\.([0-9a-v]{20})@/gi;
/** Headers that say where a mail was sent to: by its writer, and by servers on its way. */
const RECIPIENTS = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-forwarded-to', 'to', 'cc'];
const MAX_TOKENS = 20;

/** Tokens among a mail's recipients; whether they hold is for who knows the secret. */
export function replyTokensIn(headers: MailHeaders, recipients: readonly string[] = []): ReplyToken[] {
  const addresses = [...recipients, ...RECIPIENTS.flatMap((name) => headers[name] ?? [])];
  const found = addresses.flatMap((address) =>
    [...address.matchAll(REPLY_TOKEN)].map(([, deliveryId = '', mac = '']) => ({ deliveryId, mac: mac.toLowerCase() })),
  );
  return [...new Map(found.map((token) => [`${token.deliveryId}.${token.mac}`, token])).values()].slice(0, MAX_TOKENS);
}

/** `help@…` as the address that answers to one of our mails go to. */
export function replyAddress(base: string, { deliveryId, mac }: ReplyToken): string {
  const at = base.lastIndexOf('@');
  return `${base.slice(0, at)}+${deliveryId}.${mac}${base.slice(at)}`;
}

/** A subject as the first answer to it has it: one "Re:", however often it was answered. */
export function answerSubject(subject: string): string {
  return `Re: ${subject.replace(/^(?:(?:re|aw|antw|sv|rép?|fwd?|wg|tr|rv)(?:\[\d{1,3}\])? ?: ?)+/i, '')}`.trim();
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
