/** What looking again compares: words that may name a person, in one spelling. */

/** What in a text may be an address, a phone number or a customer's id. */
const WORDS = /[^\s<>(),;:"'[\]{}|\\/?&=]+/g;

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
  const words = new Set([...text.matchAll(WORDS)].map(([word]) => word.replace(/\.+$/, '')));
  for (const kind of kinds) {
    for (const word of words) {
      if (mayBe(kind, word) && wanted.get(hex(digest(kind, normalise(kind, word)))) === kind) found.add(kind);
    }
  }
  return found;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
