import { type AddressObject, simpleParser } from 'mailparser';
import type { MailWords } from '../deps-erasure.ts';

/**
 * What a mail says to whoever reads it: its parts may lie there as base64 or quoted-printable, its headers as encoded words. Null: it is no
 * mail that can be read.
 */
export async function readMailWords(raw: Buffer): Promise<MailWords | null> {
  const options = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true };
  const parsed = await simpleParser(raw, options).catch(() => null);
  if (parsed === null) return null;
  const { headerLines, from, replyTo, to, cc, bcc, subject, text, html, attachments } = parsed;
  const lines = headerLines.filter(({ key }) => key !== 'subject').map(({ line }) => line);
  // Decoded, and with the domain as people write it.
  const people = [from, replyTo, to, cc, bcc].flat().map((one?: AddressObject) => one?.text);
  const parts = attachments.flatMap(({ filename, content }) => [filename, content.toString('utf8')]);
  return { head: joined([...lines, ...people]), words: joined([subject, text, html || '', ...parts]) };
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part).join('\n');
}
