import { createHash } from 'node:crypto';
import { fractionOf, uuidOf } from '../domain/chance.ts';
import type { Json } from '../domain/json.ts';
import type { Guard } from './guards.ts';
import { type Definition, define, type Implementation, signatureOf } from './library.ts';
import { Refusal, tooLarge } from './limits.ts';
import { canonicalKeys, sorted } from './order.ts';
import { copyIn } from './value.ts';

/** What of the world an expression sees. */
export interface World {
  /** Milliseconds since 1970: what `$now()` and `$millis()` say. */
  readonly now: number;
  /** 32 bytes of chance a call, for `$random()`, `$uuid()` and `$shuffle()`. */
  readonly draw: () => Uint8Array;
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The functions that are made here, by name. `library` has those whose work some of them go on with. */
export function ownFunctions(
  library: Readonly<Record<string, Definition>>,
  guard: Guard,
  { now, draw }: World,
): Readonly<Record<string, Definition>> {
  const { limits, budget, sizeOf } = guard;
  const parsed = (text: string): unknown => {
    budget.charge(text.length / 64);
    return copyIn(read(text), limits);
  };
  const libraryCall = (name: string): Implementation => library[name]?.implementation ?? missing(name);

  return {
    partition: own('array, size', '<an:a>', (list, size) => {
      const each = Math.trunc(size as number);
      if (!Array.isArray(list) || list.length === 0 || !(each >= 1)) return undefined;
      budget.charge(list.length / 8);
      return Array.from({ length: Math.ceil(list.length / each) }, (_, part) =>
        list.slice(part * each, (part + 1) * each),
      );
    }),

    range: own('first, last, step', '<nnn?:a>', function (first, last, step) {
      if (first === undefined || last === undefined || step === undefined) return undefined;
      const [from, to, by] = [first, last, step].map((value) => Math.trunc(value as number)) as [
        number,
        number,
        number,
      ];
      const count = Math.floor((to - from) / by) + 1;
      if (by === 0 || !(count >= 1)) return undefined;
      if (count > limits.items) throw tooLarge(`a list has more than ${limits.items} items`);
      budget.charge(count / 8);
      const list = this.createSequence();
      for (let index = 0; index < count; index++) list.push(from + index * by);
      return list;
    }),

    hash: own('data, algorithm', '<ss?:s>', (data, algorithm) => {
      if (data === undefined || algorithm === undefined) return undefined;
      const name = Object.hasOwn(HASHES, algorithm as string) ? HASHES[algorithm as string] : undefined;
      if (!name) throw new Refusal(`the algorithm of $hash must be ${Object.keys(HASHES).join(', ')}`);
      budget.charge((data as string).length / 32);
      return createHash(name)
        .update(data as string, 'utf8')
        .digest('hex');
    }),

    random: own('seed', '<n?:n>', (seed) =>
      fractionOf(
        seed === undefined
          ? draw()
          : createHash('sha256')
              .update(`seed ${Math.trunc(seed as number)}`)
              .digest(),
      ),
    ),

    uuid: own('', '<:s>', () => uuidOf(draw())),

    parse: own('text', '<s-:x>', (text) => (text === undefined ? undefined : parsed(text as string))),

    now: own('picture, zone', '<s?s?:s>', function (picture, zone) {
      return libraryCall('fromMillis').call(this, now, picture, zone);
    }),

    millis: own('', '<:n>', () => now),

    clone: own('value', '<(oa)-:o>', function (value) {
      if (value === undefined) return undefined;
      sizeOf(value);
      return parsed(libraryCall('string').call(this, value) as string);
    }),

    distinct: own('list', '<x:x>', function (list) {
      if (!Array.isArray(list) || list.length <= 1) return list;
      budget.charge(list.length / 8 + sizeOf(list) / 32);
      const keyOf = canonicalKeys();
      const seen = new Set<string>();
      const result = (list as { sequence?: boolean }).sequence === true ? this.createSequence() : [];
      for (const item of list) if (seen.size !== seen.add(keyOf(item)).size) result.push(item);
      return result;
    }),

    shuffle: own('list', '<a:a>', (given) => {
      if (given === undefined) return undefined;
      const list = listOf(given, 'shuffle');
      if (list.length <= 1) return list;
      budget.charge(list.length / 2);
      const result: unknown[] = [...list];
      const seed = draw();
      for (let last = result.length - 1; last > 0; last--) {
        const other = Math.floor(
          fractionOf(createHash('sha256').update(seed).update(String(last)).digest()) * (last + 1),
        );
        [result[last], result[other]] = [result[other], result[last]];
      }
      return result;
    }),

    sort: own('list, comparator', '<af?:a>', (given, comparator) => {
      if (given === undefined) return undefined;
      const list = listOf(given, 'sort');
      if (list.length <= 1) return list;
      return sorted(list, comparator as Implementation | undefined, budget);
    }),
  };
}

function own(parameters: string, signature: string, implementation: Implementation): Definition {
  return define(parameters, implementation, signatureOf(signature));
}

/** A function that is applied to some of its arguments (`$sort(?, $f)`) gets the others unlooked at. */
function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Refusal(`$${name} takes a list`);
}

function missing(name: string): never {
  throw new Error(`JSONata has no function ${name}`);
}

function read(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Refusal('the text that $parse was given is no JSON');
  }
}
