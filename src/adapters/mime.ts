import MailComposer from 'nodemailer/lib/mail-composer';
import type { Mail } from '../deps.ts';
import { ProviderError } from '../domain/errors.ts';
import { ownMessageId } from '../domain/message-id.ts';
import { cutText } from './text.ts';

export interface Sender {
  /** `support@example.com` or `Example Support <support@example.com>`. */
  readonly from: string;
}

export interface Composed {
  readonly raw: Buffer;
  /** Bare addresses, domains in ASCII. */
  readonly from: string;
  readonly to: string;
}

/** One mailbox: a list, a group or a second header hidden in an address must not pass. */
const ADDRESS = /^[^\s@<>(),;:"\p{Cc}\p{Cs}]{1,64}@[^\s@<>(),;:"\p{Cc}\p{Cs}]{1,253}$/u;
const MAX_SUBJECT = 250;

/** A mail as it goes over the wire. @throws ProviderError when the address can't be one. */
export async function composeMime(mail: Mail, sender: Sender): Promise<Composed> {
  if (!ADDRESS.test(mail.to.address)) {
    throw new ProviderError('mail', "the recipient's address is not one mail address", { retryable: false });
  }
  const { answers = [] } = mail;
  const last = answers.at(-1);
  const message = new MailComposer({
    from: sender.from,
    ...(mail.replyTo === undefined ? {} : { replyTo: mail.replyTo }),
    to: { address: mail.to.address, name: oneLine(mail.to.name ?? '') },
    subject: cutText(oneLine(mail.subject), MAX_SUBJECT),
    text: mail.text,
    ...(last === undefined ? {} : { inReplyTo: last, references: [...answers] }),
    messageId: ownMessageId(mail.ticketId, mail.deliveryId),
    headers: {
      'X-Ticket-Id': oneLine(mail.ticketId),
      'X-Delivery-Id': oneLine(mail.deliveryId),
      // RFC 3834 and Exchange's own word: robots must not answer, or two of them write to each other for ever.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const { from, to } = message.getEnvelope();
  const [recipient] = to;
  if (!from || recipient === undefined) {
    throw new ProviderError('mail', 'the sender is not a mail address', { retryable: false });
  }
  return { raw: await message.build(), from, to: recipient };
}

/** Line breaks in a header would begin a header of the writer's choice. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
