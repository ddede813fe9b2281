/** The intrinsic functions of the Amazon States Language: values in, a value out. Figures and limits are from AWS's documentation of them. */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { base64 } from '@scure/base';
import { fractionOf, uuidOf } from '../domain/chance.ts';
import type { Json } from '../domain/json.ts';
import { FlowFailure, INTRINSIC_FAILURE } from './failure.ts';
import { isList, isObject, kindOf } from './values.ts';

export type Kind = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'any';

/** Bytes that look drawn by chance, and are the same whenever the same state is looked at again: 32 of them a call. */
export type Draw = () => Uint8Array;

export interface Intrinsic {
  /** What each argument must be; the last one counts for all that follow. */
  readonly takes: readonly Kind[];
  readonly least: number;
  readonly most: number;
  readonly run: (args: readonly Json[], draw: Draw) => Json;
}

const LONGEST_DATA = 10_000;
const LONGEST_RANGE = 1_000;
const INT = { least: -2_147_483_648, most: 2_147_483_647 };
const HASHES: Readonly<Record<string, (data: Uint8Array) => Uint8Array>> = {
  MD5: md5,
  'SHA-1': sha1,
  'SHA-256': sha256,
  'SHA-384': sha384,
  'SHA-512': sha512,
};

/** @throws FlowFailure States.IntrinsicFailure; its cause tells what is wrong, and no value */
export function fail(cause: string): never {
  throw new FlowFailure(INTRINSIC_FAILURE, cause);
}

/** How a value is written into a text. */
function written(value: Json): string {
  if (typeof value === 'string') return value;
  if (isList(value) || isObject(value))
    return fail(`an ${kindOf(value)} can't be put into a text; States.JsonToString can`);
  return String(value);
}

/** `parts` of a template around its `{}`. */
export function format(parts: readonly string[], values: readonly Json[]): string {
  const places = parts.length - 1;
  if (places !== values.length) fail(`the template has ${places} {} and there are ${values.length} values for them`);
  return parts.map((part, index) => (index === 0 ? part : written(values[index - 1] ?? null) + part)).join('');
}

function whole(value: Json | undefined): number {
  return Math.round(value as number);
}

function range(first: number, last: number, step: number): number[] {
  if (step === 0) return fail('the step is 0');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > LONGEST_RANGE) return fail(`there would be ${count} numbers, more than ${LONGEST_RANGE}`);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

function short(text: string): string {
  if (text.length > LONGEST_DATA) fail(`there are ${text.length} characters, more than ${LONGEST_DATA}`);
  return text;
}

function decode(text: string): string {
  try {
    return new TextDecoder().decode(base64.decode(short(text)));
  } catch (thrown) {
    if (thrown instanceof FlowFailure) throw thrown;
    return fail('the text is no Base64');
  }
}

function parse(text: string): Json {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return fail('the text is no JSON');
  }
}

/** The same for equal values, whatever order their fields have. */
function canonical(value: Json): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

function random(start: number, end: number, bytes: Uint8Array): number {
  if (end <= start) return fail('the end must be greater than the start');
  return start + Math.floor(fractionOf(bytes) * (end - start));
}

function define(
  takes: readonly Kind[],
  run: Intrinsic['run'],
  { least = takes.length, most = takes.length } = {},
): Intrinsic {
  return { takes, run, least, most };
}

/** By name. `States.Format` is not among them: of its template it needs to know which braces were escaped. */
export const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': define(['any'], (args) => [...args], { least: 0, most: Number.POSITIVE_INFINITY }),
  'States.ArrayContains': define(['array', 'any'], ([list, value]) => {
    const wanted = canonical(value as Json);
    return (list as Json[]).some((item) => canonical(item) === wanted);
  }),
  'States.ArrayGetItem': define(['array', 'number'], ([list, index]) => {
    const item = (list as Json[])[whole(index)];
    return item === undefined ? fail(`there is no item ${whole(index)} among ${(list as Json[]).length}`) : item;
  }),
  'States.ArrayLength': define(['array'], ([list]) => (list as Json[]).length),
  'States.ArrayPartition': define(['array', 'number'], ([list, size]) => {
    const items = list as Json[];
    const each = whole(size);
    if (each < 1) return fail('a part needs at least 1 item');
    return Array.from({ length: Math.ceil(items.length / each) }, (_, part) =>
      items.slice(part * each, (part + 1) * each),
    );
  }),
  'States.ArrayRange': define(['number'], ([first, last, step]) => range(whole(first), whole(last), whole(step)), {
    least: 3,
    most: 3,
  }),
  'States.ArrayUnique': define(['array'], ([list]) => {
    const seen = new Set<string>();
    return (list as Json[]).filter((item) => seen.size !== seen.add(canonical(item)).size);
  }),
  'States.Base64Decode': define(['string'], ([text]) => decode(text as string)),
  'States.Base64Encode': define(['string'], ([text]) => base64.encode(utf8ToBytes(short(text as string)))),
  'States.Hash': define(['any', 'string'], ([data, algorithm]) => {
    const hash = Object.hasOwn(HASHES, algorithm as string) ? HASHES[algorithm as string] : undefined;
    if (!hash) return fail(`the algorithm must be ${Object.keys(HASHES).join(', ')}`);
    return bytesToHex(hash(utf8ToBytes(short(typeof data === 'string' ? data : JSON.stringify(data)))));
  }),
  'States.JsonMerge': define(['object', 'object', 'boolean'], ([first, second, deep]) => {
    if (deep === true) return fail('only shallow merging is supported: the third argument must be false');
    return { ...(first as object), ...(second as object) };
  }),
  'States.JsonToString': define(['any'], ([value]) => JSON.stringify(value)),
  'States.MathAdd': define(['number', 'number'], ([a, b]) => {
    const sum = whole(a) + whole(b);
    return sum < INT.least || sum > INT.most ? fail(`the sum is not within ${INT.least} and ${INT.most}`) : sum;
  }),
  'States.MathRandom': define(
    ['number'],
    ([start, end, seed], draw) => {
      const bytes = seed === undefined ? draw() : sha256(utf8ToBytes(`seed ${whole(seed)}`));
      return random(whole(start), whole(end), bytes);
    },
    { least: 2, most: 3 },
  ),
  'States.StringSplit': define(['string', 'string'], ([text, separators]) => {
    const marks = new Set(separators as string);
    const parts = [''];
    for (const sign of text as string) {
      if (marks.has(sign)) parts.push('');
      else parts[parts.length - 1] += sign;
    }
    return parts.filter((part) => part !== '');
  }),
  'States.StringToJson': define(['string'], ([text]) => parse(text as string)),
  'States.UUID': define([], (_, draw) => uuidOf(draw())),
};
