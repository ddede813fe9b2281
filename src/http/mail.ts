/** A raw mail into what we need of it, tidied. */
import { hash } from 'node:crypto';
import { NO_LISTS, nameBehind, type OwnLists, writerBehind } from '../domain/list-mail.ts';
import type { Attachment, MailHeaders } from '../domain/mail.ts';
import { MESSAGE_ID } from '../domain/message-id.ts';
import { email, MAX_SUBJECT, wellFormed } from '../schema/fields.ts';
import { parseMime } from './mime.ts';

export interface ReadMail {
  readonly headers: MailHeaders;
  /** The address in From as it stands there, empty when there is none; of a list of our own that put itself there, the writer's. */
  readonly sender: string;
  /** The same, when mail can be sent to it. */
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** In angle brackets; undefined where there is none that is one. */
  readonly messageId: string | undefined;
  /** The same for the same mail, however often it is handed on: SHA-256 in hex. */
  readonly digest: string;
}

/** @throws Refusal 422 when it is no mail */
export async function readMail(raw: Uint8Array, own: OwnLists = NO_LISTS): Promise<ReadMail> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const parsed = await parseMime(bytes);
  const headers = headersOf(parsed.headerLines);
  // A group has no address of its own; its first member will do.
  const from = parsed.from?.value
    .flatMap((entry) => (entry.address ? [entry] : (entry.group ?? [])))
    .find((e) => e.address);
  const behind = writerBehind(headers, own, from?.address ?? '');
  const sender = behind ?? from?.address ?? '';
  const address = email.safeParse(sender);
  const shown = oneLine(from?.name ?? '');
  const name = (behind === null ? shown : nameBehind(shown)).slice(0, 200);
  const messageId = NAMES.exec(headers['message-id']?.[0] ?? '')?.[0];
  return {
    headers,
    sender,
    email: address.success ? address.data : undefined,
    name: name === '' ? undefined : name,
    subject: oneLine(parsed.subject ?? '').slice(0, MAX_SUBJECT),
    text: tidy(parsed.text),
    attachments: parsed.attachments.map((a) => ({
      name: a.filename ? oneLine(a.filename) : null,
      type: oneLine(a.contentType),
      size: a.size,
    })),
    messageId: messageId !== undefined && MESSAGE_ID.test(messageId) ? messageId : undefined,
    digest: messageId === undefined ? hash('sha256', bytes, 'hex') : mailDigest(messageId, sender),
  };
}

/** Whatever else stands there (`<>`, `none`) names no mail. */
const NAMES = /<[^<>@\s]+@[^<>\s]+>/;

/** Scripts and scanners send `<1@localhost>` all over the world, so a Message-ID names a mail only together with its sender. */
export function mailDigest(messageId: string, sender: string): string {
  return hash('sha256', JSON.stringify([messageId, sender.toLowerCase()]), 'hex');
}

function headersOf(lines: readonly { readonly key: string; readonly line: string }[]): MailHeaders {
  const headers: Record<string, string[]> = Object.create(null);
  for (const { key, line } of lines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\s+/g, ' ')
      .trim();
    headers[key] = [...(headers[key] ?? []), value];
  }
  return headers;
}

/** PostgreSQL keeps no NUL, and a mail can't be sent back to be mended. */
function tidy(text: string): string {
  return wellFormed(text.replaceAll('\u0000', ''));
}

function oneLine(text: string): string {
  return tidy(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}
