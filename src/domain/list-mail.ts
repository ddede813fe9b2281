/** Mails that came by a mailing list: whose list it is, and who wrote them. */
import type { MailHeaders } from './mail-headers.ts';

/** Addresses of lists of our own, such as `help@example.com`, and their List-Ids, such as `help.example.com`; in small letters. */
export type OwnLists = ReadonlySet<string>;
export const NO_LISTS: OwnLists = new Set();

/** A list's List-Id is commonly its address with a dot in the place of the "@". @param named may have names before the addresses */
export function ownLists(named: readonly string[]): OwnLists {
  const names = named.flatMap((one) => addressesIn(one)[0] ?? one.trim().toLowerCase()).filter((name) => name !== '');
  return new Set(names.flatMap((name) => [name, name.replace('@', '.')]));
}

/** Headers by which a list says which it is. */
const NAMED_BY = ['list-id', 'list-post', 'mailing-list', 'x-mailing-list', 'x-beenthere'];

export function cameByOwnList(headers: MailHeaders, own: OwnLists): boolean {
  return own.size > 0 && NAMED_BY.some((name) => valuesOf(headers, name).some((value) => namesOne(value, own)));
}

function namesOne(value: string, own: OwnLists): boolean {
  const ids = [...value.matchAll(/<([^<>\s]{1,250})>/g)].map(([, id = '']) => id.toLowerCase());
  return [value.trim().toLowerCase(), ...ids, ...addressesIn(value)].some((name) => own.has(name));
}

/** What lists say of the writer where they put their own address into From. */
const WRITTEN_BY = ['x-original-from', 'x-original-sender'];

/**
 * Lists put their own address into From where the writer's domain wants mail of others refused (DMARC); who wrote stands beside it. Null:
 * From has the writer, or nobody can tell. An answer to a list's own address would come back to us.
 */
export function writerBehind(headers: MailHeaders, own: OwnLists, sender: string): string | null {
  if (!own.has(sender.toLowerCase()) || !cameByOwnList(headers, own)) return null;
  const said = WRITTEN_BY.flatMap((name) => valuesOf(headers, name).flatMap((value) => addressesIn(value)));
  // The writer's own Reply-To may name anybody; lists add the writer to it, so that of two addresses neither is sure.
  const answersTo = valuesOf(headers, 'reply-to').flatMap((value) => addressesIn(value));
  const found = said[0] ?? (answersTo.length === 1 ? answersTo[0] : undefined);
  return found === undefined || own.has(found) ? null : found;
}

/** `'Ada Lovelace' via Help` is Ada Lovelace. */
export function nameBehind(name: string): string {
  return name.replace(/ via .*$/i, '').replace(/^'(.*)'$/, '$1');
}

function valuesOf(headers: MailHeaders, name: string): readonly string[] {
  return Object.hasOwn(headers, name) ? (headers[name] ?? []).map((value) => value.slice(0, 1000)) : [];
}

function addressesIn(value: string): string[] {
  return (value.match(/[^\s<>:,;"()?'@]{1,64}@[^\s<>:,;"()?'@]{1,253}/g) ?? []).map((one) => one.toLowerCase());
}
