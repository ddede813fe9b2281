import type { Json } from '../domain/json.ts';
import type { Budget } from './budget.ts';
import { type Limits, Refusal, tooLarge } from './limits.ts';

/** The library's own marks: data that bears one would be taken for a function or for a list of its own making. */
const MARKS: ReadonlySet<string> = new Set(['_jsonata_function', '_jsonata_lambda', 'tupleStream', 'outerWrapper']);

/** A function of the language: it has no size, and no JSON. */
export function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  return '_jsonata_function' in value || '_jsonata_lambda' in value;
}

/**
 * Data as an expression gets it: a copy, since the library writes on what it is given, and of objects without a prototype,
 * so that there is nothing behind them that a path or an assignment could reach.
 * @throws Refusal when it is nested too deep or has a field that the library keeps for itself
 */
export function copyIn(data: Json, limits: Limits, level = 0): unknown {
  if (typeof data !== 'object' || data === null) return data;
  if (level >= limits.nesting) throw nestedTooDeep(limits);
  if (Array.isArray(data)) return data.map((item) => copyIn(item as Json, limits, level + 1));
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(data)) {
    if (MARKS.has(key)) throw new Refusal(`the data has a field ${key}, a name that JSONata keeps for itself`);
    copy[key] = copyIn(value, limits, level + 1);
  }
  return copy;
}

/**
 * What an expression made, as JSON.
 * @throws Refusal for functions, which no JSON can say
 */
export function copyOut(value: unknown): Json {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  // A list keeps its places; JSON has no other word for nothing.
  if (value === undefined) return null;
  if (isFunction(value)) throw new Refusal('it returned a function, and JSON has none');
  if (Array.isArray(value)) return value.map(copyOut);
  const fields = Object.entries(value as object).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, copyOut(field)]));
}

/** Weighs values, each once: a value that holds another one many times over is as heavy as its JSON, not as its memory. */
export type Scale = (value: unknown) => number;

interface Weight {
  readonly bytes: number;
  readonly depth: number;
}

const LEAF = { number: 8, boolean: 4, other: 4, entry: 8, function: 64 };

export function createScale(limits: Limits, budget: Budget): Scale {
  const known = new WeakMap<object, Weight>();

  const weigh = (value: unknown, level: number): Weight => {
    if (typeof value === 'string') return light(value.length);
    if (typeof value === 'number') return light(LEAF.number);
    if (typeof value !== 'object' || value === null) return light(LEAF.other);
    const before = known.get(value);
    if (before) return before;
    if (isFunction(value)) return light(LEAF.function);
    if (level >= limits.nesting) throw nestedTooDeep(limits);
    const keys = Array.isArray(value) ? undefined : Object.keys(value);
    const inner: readonly unknown[] = keys ? Object.values(value) : (value as unknown[]);
    budget.charge(1 + inner.length / 16);
    let bytes = keys ? keys.reduce((sum, key) => sum + key.length, 0) : 0;
    let depth = 0;
    for (const item of inner) {
      const weight = weigh(item, level + 1);
      bytes += weight.bytes + LEAF.entry;
      depth = Math.max(depth, weight.depth + 1);
      if (bytes > limits.valueBytes) throw valueTooLarge(limits);
      if (depth > limits.nesting) throw nestedTooDeep(limits);
    }
    const weight = { bytes, depth };
    known.set(value, weight);
    return weight;
  };

  return (value) => {
    const { bytes } = weigh(value, 0);
    if (bytes > limits.valueBytes) throw valueTooLarge(limits);
    return bytes;
  };
}

function light(bytes: number): Weight {
  return { bytes, depth: 0 };
}

export function valueTooLarge(limits: Limits): Refusal {
  return tooLarge(`a value has more than ${limits.valueBytes} bytes`);
}

function nestedTooDeep(limits: Limits): Refusal {
  return tooLarge(`a value is nested deeper than ${limits.nesting}`);
}
