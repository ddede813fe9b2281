/** Raw MIME into what we need of it. The parser is the library's; this file only asks it and tidies its answer. */
import { hash } from 'node:crypto';
import { simpleParser } from 'mailparser';
import type { Attachment, MailHeaders } from '../domain/mail.ts';
import { email, MAX_SUBJECT, wellFormed } from '../schema/fields.ts';
import { Refusal } from './refusal.ts';

export interface ReadMail {
  readonly headers: MailHeaders;
  /** The address in From as it stands there, empty when there is none. */
  readonly sender: string;
  /** The same, when mail can be sent to it. */
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** Of the Message-ID; of the whole mail where that is missing. SHA-256 in hex. */
  readonly digest: string;
}

/** Turning HTML into text takes about 0.7 ms per kB, during which nobody else is served; nobody writes that much by hand. */
const MAX_HTML = 256 * 1024;
const UNREADABLE = '[The mail is HTML that could not be turned into text.]';

/** @throws Refusal 422 when it is no mail */
export async function readMail(raw: Uint8Array): Promise<ReadMail> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const parsed = await parse(bytes, { skipHtmlToText: true });
  const text = parsed.html ? await textWithHtml(bytes, parsed.text ?? '', parsed.html) : (parsed.text ?? '');
  const headers = headersOf(parsed.headerLines);
  // A group has no address of its own; its first member will do.
  const from = parsed.from?.value
    .flatMap((entry) => (entry.address ? [entry] : (entry.group ?? [])))
    .find((e) => e.address);
  const sender = from?.address ?? '';
  const address = email.safeParse(sender);
  const name = oneLine(from?.name ?? '').slice(0, 200);
  const messageId = headers['message-id']?.[0]?.trim();
  return {
    headers,
    sender,
    email: address.success ? address.data : undefined,
    name: name === '' ? undefined : name,
    subject: oneLine(parsed.subject ?? '').slice(0, MAX_SUBJECT),
    text: tidy(text),
    attachments: parsed.attachments
      // Pictures that the HTML shows are part of the text, not something the sender attached.
      .filter((a) => !a.related)
      .map((a) => ({ name: a.filename ? oneLine(a.filename) : null, type: oneLine(a.contentType), size: a.size })),
    digest: hash('sha256', messageId ? messageId : bytes, 'hex'),
  };
}

function parse(raw: Buffer, options: { skipHtmlToText: boolean }) {
  return simpleParser(raw, { ...options, skipTextToHtml: true, skipImageLinks: true }).catch((cause: unknown) => {
    const message = 'The body is not a mail that can be read (headers too long, or too many parts).';
    throw new Refusal(422, 'InvalidRequest', message, { cause });
  });
}

/** A mail's HTML parts may be many, and each is work: they are counted before any is turned into text, and cut where they are too much. */
async function textWithHtml(raw: Buffer, plain: string, html: string): Promise<string> {
  if (html.length > MAX_HTML && plain.trim() !== '') return plain;
  const source =
    html.length > MAX_HTML
      ? Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${html.slice(0, MAX_HTML)}`)
      : raw;
  const text = (await parse(source, { skipHtmlToText: false })).text ?? '';
  return text.trim() === '' ? UNREADABLE : text;
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
