import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type RawBuilder, sql } from 'kysely';

/** An entry as the database gives it back; it is this that is hashed, whatever was once handed in. */
export interface EntryRow {
  readonly id: string;
  /** Seconds since 1970, with all the digits that are stored. */
  readonly at: string;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly action: string;
  readonly object: string;
  readonly why: string | null;
  /** The stored JSON's text. */
  readonly before: string | null;
  readonly after: string | null;
}

/** The columns of `EntryRow`, of the table `e`. */
export const ENTRY_COLUMNS: RawBuilder<unknown> = sql`e.id, extract(epoch from e.at)::text as at, e.actor_kind, e.actor_id, e.action,
  e.object, e.why, e.before::text as before, e.after::text as after`;

/** What stands before the first position. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** What an entry's hash covers, as `steward audit export` writes it: SHA-256 over its RFC 8785 canonical JSON. */
export interface Link {
  readonly position: number;
  readonly previous: string;
  readonly entry: object;
}

export function hashLink(link: Link): string {
  const text = canonicalize(link);
  if (text === undefined) throw new Error('an object has always a canonical form');
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export function hashEntry(position: number, previous: string, row: EntryRow): string {
  return hashLink({ position, previous, entry: entryOf(row) });
}

/** What is absent in the row is absent here: JSON's null is another value. */
export function entryOf(row: EntryRow): object {
  return {
    id: row.id,
    at: timeOf(row.at),
    actor: { kind: row.actor_kind, id: row.actor_id },
    action: row.action,
    object: row.object,
    ...(row.why === null ? {} : { why: row.why }),
    ...jsonOf('before', row.before),
    ...jsonOf('after', row.after),
  };
}

/** JSON that a double or a careful reader can't hold is taken as its text, so that no digit can be changed unseen. */
function jsonOf(name: string, text: string | null): object {
  if (text === null) return {};
  return isPlain(text) ? { [name]: JSON.parse(text) } : { [`${name}Text`]: text };
}

/** ISO 8601, with the microseconds that nothing of ours writes. */
function timeOf(seconds: string): string {
  const [, whole, ms, micros] = /^(-?\d+)\.(\d{3})(\d{3})$/.exec(seconds) ?? [];
  const time = new Date(whole === undefined || whole.startsWith('-') ? Number.NaN : Number(`${whole}${ms}`));
  if (Number.isNaN(time.getTime())) return seconds;
  return micros === '000' ? time.toISOString() : time.toISOString().replace('Z', `${micros}Z`);
}

const MAX_DEPTH = 64;

/** Is JSON.parse of it all that it says? Not so with numbers beyond a double; very deep values are not read at all. */
function isPlain(json: string): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const char = json[i] as string;
    if (char === '"') {
      for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
    } else if (char === '{' || char === '[') {
      depth++;
      if (depth > MAX_DEPTH) return false;
    } else if (char === '}' || char === ']') {
      depth--;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const begin = i;
      while (i + 1 < json.length && '0123456789.eE+-'.includes(json[i + 1] as string)) i++;
      if (!isDouble(json.slice(begin, i + 1))) return false;
    }
  }
  return true;
}

function isDouble(numeral: string): boolean {
  // Up to fifteen digits a double holds them all.
  return numeral.length <= 15 || digitsOf(numeral) === digitsOf(String(Number(numeral)));
}

/** Sign, significant digits, and the power of ten of the last one: the same for two numerals of the same value. */
function digitsOf(numeral: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(numeral) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return digits === '' ? '0' : `${sign}${digits}e${Number(power) - fraction.length + all.length - digits.length}`;
}
