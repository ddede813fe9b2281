/** Raw MIME taken apart. The parser is the library's; this file only asks it for the text as a person would read it. */
import { type AddressObject, type Attachment, type HeaderLines, type ParsedMail, simpleParser } from 'mailparser';
import { declareCharsets, metaCharset } from './charset.ts';
import { Refusal } from './refusal.ts';

export interface Mime {
  readonly headerLines: HeaderLines;
  readonly from: AddressObject | undefined;
  readonly subject: string | undefined;
  /** Plain text, made from HTML where there is no other; empty when the mail says nothing in words. */
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

/** Turning HTML into text takes about 0.7 ms per kB, during which nobody else is served; nobody writes that much by hand. */
const MAX_HTML = 256 * 1024;
const UNREADABLE = '[The mail is HTML that could not be turned into text.]';

/** @throws Refusal 422 when it is no mail */
export async function parseMime(raw: Buffer): Promise<Mime> {
  const parsed = await parse(raw, { skipHtmlToText: true });
  const declared = isDoubtful(parsed) ? await declareCharsets(raw) : null;
  return declared === null
    ? readParsed(raw, parsed)
    : readParsed(declared, await parse(declared, { skipHtmlToText: true }));
}

/** Bytes that were no UTF-8 have become U+FFFD, unless HTML speaks of a charset that needs none but ASCII's. */
function isDoubtful({ subject, from, text, html, attachments }: ParsedMail): boolean {
  const read = [subject, from?.text, text, html || '', ...attachments.map((a) => a.filename)];
  return read.some((part) => part?.includes('\ufffd')) || metaCharset(html || '') !== undefined;
}

async function readParsed(raw: Buffer, parsed: ParsedMail): Promise<Mime> {
  const text = parsed.html ? await textWithHtml(raw, parsed.text ?? '', parsed.html) : (parsed.text ?? '');
  const said = saysSomething(text);
  // Pictures that the HTML shows are part of its text, not something the sender attached; without a text they are all there is.
  const attachments = parsed.attachments.filter((a) => !said || !a.related || !a.contentType.startsWith('image/'));
  return {
    headerLines: parsed.headerLines,
    from: parsed.from,
    subject: parsed.subject,
    text: said ? text : '',
    attachments,
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
  if (plain.trim() === '') return textOfHtml(html.slice(0, MAX_HTML));
  if (html.length > MAX_HTML) return plain;
  return (await parse(raw, { skipHtmlToText: false })).text ?? '';
}

/** The parser turns HTML into text only where it is the whole mail or stands beside plain text, so here it becomes a whole mail. */
async function textOfHtml(html: string): Promise<string> {
  const whole = Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${html}`);
  const parsed = await parse(whole, { skipHtmlToText: false });
  return 'textConversionError' in parsed ? UNREADABLE : (parsed.text ?? '');
}

/** Where a picture stood, mail programs leave `[cid:image001.png@01DA]`, and it is not a word. */
function saysSomething(text: string): boolean {
  return text.replace(/\[cid:[^[\]\s]*\]/g, '').trim() !== '';
}
