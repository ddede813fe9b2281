/** What Amazon SES tells of a mail that it took in for us, with the mail itself. Pure: its JSON in, our words out. */
import { type Json, type JsonObject, objectOf, parsedOrNull } from './json.ts';

/**
 * Why nobody has answered for a mail yet. `virus`, `spam`: SES says so. `forged`: by DMARC it is not from whom it says. `unproved`: neither
 * SPF nor DKIM nor DMARC speaks for its sender. `refused`: it can't be read, or says nothing. `elsewhere`: its content is not in the
 * notification. `bulk`: it came by a list that is none of ours, or to many at once. `ours`: one of our own people answers what told them of a
 * ticket.
 */
export const PARKED_REASONS = ['virus', 'spam', 'forged', 'unproved', 'refused', 'elsewhere', 'bulk', 'ours'] as const;
export type ParkedReason = (typeof PARKED_REASONS)[number];

export interface Receipt {
  /** SES's id of the mail. */
  readonly providerId: string;
  /** To whom the sending server gave it. */
  readonly recipients: readonly string[];
  /** The address in From as SES reads it, in small letters. */
  readonly sender: string | null;
  /** As text or as base64; null: only an action of the kind SNS carries it. */
  readonly content: { readonly text: string; readonly isBase64: boolean } | null;
  /** Null: nothing speaks against it. */
  readonly doubt: Exclude<ParkedReason, 'refused' | 'elsewhere' | 'bulk' | 'ours'> | null;
}

/** `text`: the `Message` of an SNS notification. Null where it tells of no mail that came in. */
export function readReceipt(text: string): Receipt | null {
  const event = objectOf(parsedOrNull(text));
  if (event.notificationType !== 'Received') return null;
  const [mail, receipt] = [objectOf(event.mail), objectOf(event.receipt)];
  if (typeof mail.messageId !== 'string' || mail.messageId === '') return null;
  const sender = addressIn(textsOf(objectOf(mail.commonHeaders).from)[0]);
  return {
    providerId: mail.messageId.slice(0, 200),
    recipients: textsOf(receipt.recipients),
    sender,
    content: contentOf(event.content),
    doubt: doubtOf(receipt, mail, sender),
  };
}

/**
 * Virus and spam are what SES says. The sender is proved by DMARC, which alone looks at the address that people see; where its domain has
 * none, by SPF or DKIM for that very domain: a stranger's own domain passes both. Whom DMARC fails is forged where the domain says so.
 */
function doubtOf(receipt: JsonObject, mail: JsonObject, sender: string | null): Receipt['doubt'] {
  const is = (check: string, status: string) => objectOf(receipt[`${check}Verdict`]).status === status;
  if (is('virus', 'FAIL')) return 'virus';
  if (is('spam', 'FAIL')) return 'spam';
  if (is('dmarc', 'PASS')) return null;
  if (is('dmarc', 'FAIL')) return receipt.dmarcPolicy === 'none' ? 'unproved' : 'forged';
  const from = domainOf(sender);
  const bySpf = is('spf', 'PASS') && isSame(from, domainOf(addressIn(String(mail.source ?? ''))));
  const byDkim = is('dkim', 'PASS') && signersOf(mail).some((signer) => isSame(from, signer));
  return bySpf || byDkim ? null : 'unproved';
}

/** Domains that signed it. */
function signersOf(mail: JsonObject): string[] {
  const headers = Array.isArray(mail.headers) ? mail.headers.map(objectOf) : [];
  return headers
    .filter(({ name }) => typeof name === 'string' && /^dkim-signature$/i.test(name))
    .flatMap(({ value }) => (typeof value === 'string' ? (/(?:^|;)\s*d=([^;\s]{1,253})/i.exec(value)?.[1] ?? []) : []));
}

function isSame(from: string, other: string): boolean {
  const [a, b] = [from.toLowerCase(), other.toLowerCase()];
  return a.includes('.') && b.includes('.') && (a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`));
}

function domainOf(address: string | null): string {
  return address?.slice(address.lastIndexOf('@') + 1) ?? '';
}

function addressIn(text: string | undefined): string | null {
  const short = (text ?? '').slice(0, 1000);
  const found = /<([^<>\s@]+@[^<>\s@]+)>\s*$/.exec(short)?.[1] ?? /^\s*([^<>\s@]+@[^<>\s@]+)\s*$/.exec(short)?.[1];
  return found?.toLowerCase() ?? null;
}

/** The rule's action says how the mail is put into JSON, the notification does not: a mail has colons, base64 none. */
function contentOf(content: Json | undefined): Receipt['content'] {
  if (typeof content !== 'string' || content === '') return null;
  return { text: content, isBase64: /^[A-Za-z0-9+/=\r\n]+$/.test(content) };
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string').slice(0, 100) : [];
}
