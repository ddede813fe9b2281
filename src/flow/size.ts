/** How much data a state may be given or hand on. */
import type { Json } from '../domain/json.ts';
import { DATA_LIMIT_EXCEEDED, FlowFailure } from './failure.ts';
import type { Clock } from './position.ts';
import { isList, isObject } from './values.ts';

/** AWS's bound, in bytes of JSON in UTF-8. */
export const MOST_BYTES = 262_144;

/** @throws FlowFailure States.DataLimitExceeded; its cause is AWS's. */
export function bound(value: Json, state: string, clock: Clock): void {
  if (fits(value) || clock.isBefore?.('bounded-data')) return;
  const cause = `The state/task '${state}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  throw new FlowFailure(DATA_LIMIT_EXCEEDED, cause);
}

/** Data is never changed: what was once counted need not be again when it goes from state to state. */
const counted = new WeakSet<object>();

/** Has it at most so many bytes as JSON in UTF-8? Nearly all data is so small that no byte has to be counted. */
export function fits(value: Json, most = MOST_BYTES): boolean {
  if (isLess(value, most, longestOf)) return true;
  const known = typeof value === 'object' && value !== null && most === MOST_BYTES ? value : undefined;
  if (known && counted.has(known)) return true;
  const does = isLess(value, most, bytesOf);
  if (does && known) counted.add(known);
  return does;
}

/** Stops as soon as it is too much: what holds the same list many times over is small in memory alone. No recursion, as data may be nested deep. */
function isLess(value: Json, most: number, sizeOf: (scalar: Exclude<Json, object>) => number): boolean {
  let left = most;
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isList(next)) {
      // Brackets, and a comma between two.
      left -= 2 + Math.max(0, next.length - 1);
      if (left < 0) return false;
      for (const item of next) open.push(item);
    } else if (isObject(next)) {
      const names = Object.keys(next);
      left -= 2 + Math.max(0, names.length - 1);
      for (const name of names) {
        left -= sizeOf(name) + 1;
        if (left < 0) return false;
        open.push(next[name] ?? null);
      }
    } else left -= sizeOf(next as Exclude<Json, object>);
    if (left < 0) return false;
  }
  return true;
}

const QUOTES = 2;
/** Of a character's code: `\u001f`. */
const LONGEST_CHARACTER = 6;
/** `-0.0000012345678901234567` */
const LONGEST_NUMBER = 25;

function longestOf(scalar: string | number | boolean | null): number {
  return typeof scalar === 'string' ? LONGEST_CHARACTER * scalar.length + QUOTES : LONGEST_NUMBER;
}

function bytesOf(scalar: string | number | boolean | null): number {
  if (typeof scalar !== 'string') return JSON.stringify(scalar).length;
  let bytes = QUOTES;
  for (let at = 0; at < scalar.length; at += 1) {
    const code = scalar.charCodeAt(at);
    if (code < 0x80) bytes += code === 0x22 || code === 0x5c ? 2 : code < 0x20 ? controlBytes(code) : 1;
    else if (code < 0x800) bytes += 2;
    else if (code < 0xd800 || code > 0xdfff) bytes += 3;
    else if (code < 0xdc00 && isLowSurrogate(scalar.charCodeAt(at + 1))) {
      bytes += 4;
      at += 1;
    } else bytes += LONGEST_CHARACTER;
  }
  return bytes;
}

/** Some have a short form: `\b`, `\t`, `\n`, `\f`, `\r`. */
function controlBytes(code: number): number {
  return code === 8 || code === 9 || code === 10 || code === 12 || code === 13 ? 2 : LONGEST_CHARACTER;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
