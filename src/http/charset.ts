/** Charsets that a mail does not declare: old programs write whatever their machine uses, and HTML says it of itself. */
import { isAscii, isUtf8 } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import mailsplit, { type MimeNode, type SplitterChunk } from '@zone-eu/mailsplit';

const { Splitter } = mailsplit;

/** The same mail, its headers in UTF-8 and the charset of its texts declared; null where there is nothing to add. */
export async function declareCharsets(raw: Buffer): Promise<Buffer | null> {
  const splitter = new Splitter();
  splitter.end(raw);
  const pieces: (MimeNode | Buffer)[] = [];
  const bodies = new Map<MimeNode, Buffer[]>();
  let body: Buffer[] = [];
  for await (const chunk of splitter as AsyncIterable<SplitterChunk>) {
    if (chunk.type !== 'node') {
      pieces.push(chunk.value);
      if (chunk.type === 'body') body.push(chunk.value);
      continue;
    }
    body = [];
    pieces.push(chunk);
    if (isUndeclared(chunk)) bodies.set(chunk, body);
  }
  for (const [node, chunks] of bodies) {
    const decoder = node.getDecoder();
    decoder.end(Buffer.concat(chunks));
    const charset = charsetOf(await buffer(decoder), node.contentType === 'text/html');
    if (charset !== undefined) node.setCharset(charset);
  }
  const declared = Buffer.concat(pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : inUtf8(piece.getHeaders()))));
  return declared.equals(raw) ? null : declared;
}

function isUndeclared({ contentType, disposition, charset }: MimeNode): boolean {
  if (disposition === 'attachment' || (contentType !== 'text/plain' && contentType !== 'text/html')) return false;
  return charset === false || /^(us-)?ascii$|^(x-)?unknown/i.test(charset);
}

/** Undefined where UTF-8, which the parser takes when nothing is declared, is right or at least not worse. */
function charsetOf(bytes: Buffer, isHtml: boolean): string | undefined {
  const meta = isHtml ? metaCharset(bytes.toString('latin1')) : undefined;
  if (isAscii(bytes)) return meta;
  if (isUtf8(bytes) || (meta === undefined && isMostlyUtf8(bytes))) return undefined;
  return meta ?? 'windows-1252';
}

/** As far as one may have to look: style sheets stand before it in some mails. */
const HEAD_CHARACTERS = 4096;
const META = /<meta\b[^>]*\bcharset\s*=\s*["']?\s*([\w:.-]+)/i;

/** What HTML says of its own charset, where that is something else than UTF-8; a charset that nobody knows is none. */
export function metaCharset(html: string): string | undefined {
  const label = META.exec(html.slice(0, HEAD_CHARACTERS))?.[1];
  if (label === undefined) return undefined;
  try {
    const { encoding } = new TextDecoder(label);
    // Who can read a `<meta>` in single bytes is not reading UTF-16, whatever it says (HTML, 13.2.3.2).
    return encoding.startsWith('utf-') ? undefined : encoding;
  } catch {
    return undefined;
  }
}

/** A text in UTF-8 that was cut in the middle of a character, or that quotes another with a wrong byte. */
const SAMPLE_BYTES = 64 * 1024;
function isMostlyUtf8(bytes: Buffer): boolean {
  const text = bytes.subarray(0, SAMPLE_BYTES).toString('utf8');
  const beyondAscii = text.match(/\P{ASCII}/gu) ?? [];
  const broken = beyondAscii.filter((character) => character === '\ufffd').length;
  return broken * 2 < beyondAscii.length;
}

function inUtf8(headers: Buffer): Buffer {
  if (isUtf8(headers)) return headers;
  const lines = headers.toString('latin1').split(/(?<=\n)/);
  return Buffer.concat(
    lines.map((line) => {
      const bytes = Buffer.from(line, 'latin1');
      return isUtf8(bytes) ? bytes : Buffer.from(fromWindows1252(line));
    }),
  );
}

/** By hand: some versions of Node read windows-1252 as ISO 8859-1, which has control characters here. */
const HIGH_CONTROLS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
function fromWindows1252(latin1: string): string {
  return latin1.replace(/[\u0080-\u009f]/g, (c) => HIGH_CONTROLS[c.charCodeAt(0) - 0x80] ?? c);
}
