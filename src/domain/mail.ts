import { cameByOwnList, NO_LISTS, type OwnLists } from './list-mail.ts';
import type { MailHeaders } from './mail-headers.ts';

/**
 * Is a mail from a person who waits for an answer? Machines are recognised by what they say of themselves: RFC 3834 (automatic
 * responses), RFC 3464 and 6522 (reports), RFC 2369 and 2919 (lists), and the older habits of mail servers. Whatever is in doubt
 * counts as a person, and so does what came by a list of our own.
 */

export type { MailHeaders } from './mail-headers.ts';

/**
 * `own`: our own message came back; `bounce`: it could not be delivered; `report`: a receipt or an abuse report; `automatic`: an
 * out-of-office or any other machine's answer; `bulk`: a list, a newsletter, or a writer
 * who wants no automatic answer.
 */
export type MailReason = 'own' | 'bounce' | 'report' | 'automatic' | 'bulk';
export type MailVerdict = { readonly from: 'person' } | { readonly from: 'machine'; readonly reason: MailReason };

/** What a ticket keeps of a mail beside its text. */
export interface MailFacts {
  /** With its angle brackets. */
  readonly messageId?: string;
  /** The text without quotes and signature; missing where all of it is new. */
  readonly newWords?: string;
}

/** The rules, the first that speaks decides. */
const RULES: readonly (readonly [MailReason, (mail: Mail) => boolean])[] = [
  ['own', ({ all }) => OWN.every((name) => all(name).length > 0)],
  ['bounce', ({ all }) => all('content-type').some((v) => isReport(v) && /delivery-status/i.test(v))],
  ['bounce', ({ all }) => all('x-failed-recipients').length > 0],
  ['bounce', isDaemon],
  // A postmaster is a person as well, and may have a question.
  [
    'bounce',
    (mail) => /^postmaster@/i.test(mail.sender) && (isAutomatic(mail) || mail.all('content-type').some(isReport)),
  ],
  ['report', ({ all }) => all('content-type').some(isReport)],
  ['automatic', isAutomatic],
  ['automatic', ({ all }) => AUTOREPLY.some((name) => all(name).some((v) => !/^no$/i.test(v)))],
  ['automatic', ({ all }) => all('precedence').some((v) => /^auto_reply\b/i.test(v))],
  ['bulk', ({ all, byOwnList }) => !byOwnList && all('precedence').some((v) => /^(bulk|junk|list)\b/i.test(v))],
  ['bulk', ({ all, byOwnList }) => !byOwnList && LISTS.some((name) => all(name).length > 0)],
  // A person's mail has somewhere to bounce to (RFC 5321, 4.5.5).
  ['bounce', ({ all }) => all('return-path').some((v) => NOBODY.test(v))],
  // It asks for no automatic answers, as machines do; a person's program may too, so that somebody has to look.
  ['bulk', ({ all }) => all('x-auto-response-suppress').some((v) => v !== '' && !/^none$/i.test(v))],
];
/** Every message that Steward sends carries both. Other help desks know one or the other. */
const OWN = ['x-ticket-id', 'x-delivery-id'];
const AUTOREPLY = ['x-autoreply', 'x-auto-reply', 'x-autorespond', 'x-autoresponse', 'x-autoresponder'];
const LISTS = ['id', 'help', 'unsubscribe', 'subscribe', 'post', 'owner', 'archive'].map((name) => `list-${name}`);
const NOBODY = /^<\s*>$/;

interface Mail {
  readonly sender: string;
  readonly byOwnList: boolean;
  readonly all: (name: string) => readonly string[];
}

/** @param sender the address in From, empty when there is none */
export function judgeMail(headers: MailHeaders, sender: string, own: OwnLists = NO_LISTS): MailVerdict {
  const all = (name: string) =>
    (Object.hasOwn(headers, name) ? (headers[name] ?? []) : []).map((value) => value.trim());
  const byOwnList = cameByOwnList(headers, own);
  const rule = RULES.find(([, speaks]) => speaks({ sender, byOwnList, all }));
  return rule ? { from: 'machine', reason: rule[0] } : { from: 'person' };
}

function isAutomatic({ all }: Mail): boolean {
  return all('auto-submitted').some((value) => !/^no\b/i.test(value));
}

/** Mail servers often write `From: MAILER-DAEMON (Mail Delivery System)`, which has no address, or the empty address itself. */
function isDaemon({ sender, all }: Mail): boolean {
  if (sender !== '') return /^mailer-daemon(@|$)/i.test(sender);
  return all('from').some((value) => /^["<]?mailer-daemon\b/i.test(value) || /<\s*>/.test(value));
}

function isReport(contentType: string): boolean {
  return /^multipart\/report\b/i.test(contentType);
}

export interface Attachment {
  readonly name: string | null;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

const MAX_LISTED = 20;
const CUT = '\n[The mail was longer; the rest is cut off.]';

/**
 * A mail as a ticket's message: its text, cut to `max` characters, then what was attached. Who writes all in the subject line gets it
 * as the text. Null when the mail says nothing at all.
 */
export function mailMessage(
  mail: { text: string; subject: string; attachments: readonly Attachment[] },
  max: number,
): string | null {
  const list = listAttachments(mail.attachments);
  const said = mail.text.trim() || mail.subject.trim();
  if (said === '' && list === '') return null;
  const room = max - list.length - 2;
  const text = said.length > room ? said.slice(0, room - CUT.length) + CUT : said;
  return [text, list].filter((part) => part !== '').join('\n\n');
}

function listAttachments(attachments: readonly Attachment[]): string {
  if (attachments.length === 0) return '';
  const rows = attachments
    .slice(0, MAX_LISTED)
    .map(
      ({ name, type, size }) =>
        `- ${(name ?? 'without a name').slice(0, 200)} (${type.slice(0, 100)}, ${saySize(size)})`,
    );
  const more = attachments.length - rows.length;
  return ['Attachments:', ...rows, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

function saySize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
