/** Looking for marks of a person in bytes, however they are written. */
import { constants, inflateRawSync } from 'node:zlib';

/** A spelling of a mark, as bytes. */
export interface Spelling {
  readonly mark: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

const ENCODERS: Readonly<Record<string, (mark: string) => Buffer[]>> = {
  raw: (mark) => [Buffer.from(mark)],
  base64: (mark) => [0, 1, 2].map((offset) => base64Within(mark, offset)),
  base64url: (mark) =>
    [0, 1, 2].map((offset) =>
      Buffer.from(String(base64Within(mark, offset)).replaceAll('+', '-').replaceAll('/', '_')),
    ),
  hex: (mark) => [Buffer.from(Buffer.from(mark).toString('hex'))],
  url: (mark) => [Buffer.from(encodeURIComponent(mark)), Buffer.from(encodeURIComponent(mark).replaceAll('%20', '+'))],
  json: (mark) => [Buffer.from([...mark].map((c) => (/[\w ]/.test(c) ? c : unicodeEscape(c))).join(''))],
  html: (mark) => [
    Buffer.from(mark.replaceAll('&', '&amp;').replaceAll('@', '&#64;')),
    Buffer.from(mark.replaceAll('@', '&#x40;')),
  ],
  utf16: (mark) => [Buffer.from(mark, 'utf16le'), Buffer.from(mark, 'utf16le').swap16()],
  quotedPrintable: (mark) => [Buffer.from(mark.replaceAll('@', '=40'))],
  reversed: (mark) => [Buffer.from([...mark].reverse().join(''))],
};

/** Without the digits at both ends that what stands around it would change. */
function base64Within(mark: string, offset: number): Buffer {
  const encoded = Buffer.from('x'.repeat(offset) + mark)
    .toString('base64')
    .replace(/=+$/, '');
  const from = Math.ceil((offset * 8) / 6);
  return Buffer.from(encoded.slice(from, Math.floor(((offset + Buffer.byteLength(mark)) * 8) / 6)));
}

function unicodeEscape(c: string): string {
  return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export function spellings(marks: readonly string[]): Spelling[] {
  return marks.flatMap((mark) =>
    Object.entries(ENCODERS).flatMap(([encoding, encode]) =>
      [...new Set([mark, mark.toLowerCase(), mark.toUpperCase()])].flatMap((written) =>
        encode(written).map((bytes) => ({ mark, encoding, bytes })),
      ),
    ),
  );
}

export interface Hit {
  readonly where: string;
  readonly mark: string;
  readonly encoding: string;
}

/** Every spelling that stands somewhere in these bytes, also within what was packed by gzip or zlib. */
export function findMarks(where: string, bytes: Buffer, wanted: readonly Spelling[]): Hit[] {
  const hits: Hit[] = [];
  for (const layer of [bytes, ...unpacked(bytes)]) {
    for (const { mark, encoding, bytes: spelling } of wanted) {
      if (layer.includes(spelling)) hits.push({ where, mark, encoding });
    }
  }
  return hits;
}

const PACKED: readonly { readonly magic: Buffer; readonly header: number }[] = [
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), header: 10 },
  { magic: Buffer.from([0x78, 0x9c]), header: 2 },
];
const MOST_PACKED = 1024 * 1024;

function* unpacked(bytes: Buffer): Iterable<Buffer> {
  for (const { magic, header } of PACKED) {
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      try {
        // Raw: whatever follows the packed part is none of its business.
        const packed = bytes.subarray(at + header, at + MOST_PACKED);
        yield inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
      } catch {
        // Three bytes that only look like it.
      }
    }
  }
}
