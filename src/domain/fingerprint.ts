/** What looking again compares: words that may name a person, in one spelling. */

/** Cut at whatever is no part of an address as most people have one, or of an id. */
const WORDS = /[^\s<>(),;:"'[\]{}|\\/?&=]+/g;
/** Cut at blanks and quotation marks alone: ids may hold `:` and `/`, addresses an apostrophe. */
const PIECES = /[^\s"]+/g;
const ADDRESSES = /[^\s<>(),;:"[\]\\]+@[^\s<>(),;:"'[\]{}|\\/?&=!]+/g;
/** Telephone numbers as people group their digits. */
const NUMBERS = /\d[\d \t().\u00a0/-]{4,40}\d/g;
const MOST_GROUPS = 7;

export type Digest = (kind: string, value: string) => Uint8Array;

/** One spelling of a value: case and the marks within a phone number say nothing. */
export function normalise(kind: string, value: string): string {
  return kind === 'phone' ? value.replace(/\D/g, '') : value.trim().toLowerCase();
}

/** May this word be of that kind at all? Spares most of the hashing. */
function mayBe(kind: string, word: string): boolean {
  if (kind === 'email') return word.includes('@');
  if (kind === 'phone') return /\d{6}/.test(word.replace(/\D/g, ''));
  return word.length >= 3 && word.length <= 100;
}

/** Which of the wanted kinds a text speaks of. `wanted`: fingerprints in hex, with their kind. */
export function kindsIn(text: string, wanted: ReadonlyMap<string, string>, digest: Digest): Set<string> {
  const kinds = new Set(wanted.values());
  const found = new Set<string>();
  const words = wordsIn(text);
  for (const kind of kinds) {
    for (const word of words) {
      if (mayBe(kind, word) && wanted.get(hex(digest(kind, normalise(kind, word)))) === kind) found.add(kind);
    }
  }
  return found;
}

/** Whatever in a text may be an address, a telephone number or a customer's id. */
function wordsIn(text: string): Set<string> {
  const words = new Set<string>();
  for (const read of readingsOf(text)) {
    for (const [word] of read.matchAll(WORDS)) words.add(word.replace(/\.+$/, ''));
    for (const [piece] of read.matchAll(PIECES)) words.add(bare(piece));
    for (const [address] of read.matchAll(ADDRESSES)) {
      // In quotation marks, and in a link.
      for (const cut of [address, address.replace(/^'+/, ''), address.replace(/^.*[=/?&]/, '')]) words.add(bare(cut));
    }
    for (const [number] of read.matchAll(NUMBERS)) for (const digits of numbersIn(number)) words.add(digits);
  }
  return words;
}

/** As it stands there, with the escapes of JSON as blanks, and as quoted-printable has it, in which mails lie. */
function readingsOf(text: string): string[] {
  const read = text.replace(/\\(?:[nrtbf]|u00[01][0-9a-f])/gi, ' ');
  if (!/=(?:\r?\n|[0-9A-F]{2})/.test(read)) return [read];
  const printed = read
    .replace(/=\r?\n/g, '')
    .replace(/=([2-7][0-9A-F])/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
  return [read, printed];
}

/** Without the punctuation around it. */
function bare(piece: string): string {
  return piece.replace(/^[^\p{L}\p{N}+]+|[^\p{L}\p{N}]+$/gu, '');
}

/** Any groups in a row: what stands before a number may be another. */
function* numbersIn(text: string): Generator<string> {
  const groups = text.match(/\d+/g) ?? [];
  for (let from = 0; from < groups.length; from += 1) {
    for (let to = from + 1; to <= Math.min(groups.length, from + MOST_GROUPS); to += 1)
      yield groups.slice(from, to).join('');
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
