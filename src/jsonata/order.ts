import type { Budget } from './budget.ts';
import type { Implementation } from './library.ts';
import { Refusal } from './limits.ts';
import { isFunction } from './value.ts';

/**
 * The list in order: of texts or numbers, or by a function that says whether its first argument belongs behind its second.
 * The library's own needs memory by the square of the length.
 */
export function sorted(
  list: readonly unknown[],
  comparator: Implementation | undefined,
  budget: Budget,
): unknown[] | Promise<unknown[]> {
  budget.charge((list.length * Math.log2(list.length)) / 8);
  if (comparator) return merged(list, (a, b) => comparator.apply(undefined as never, [a, b]));
  const kind = typeof list[0];
  if ((kind !== 'string' && kind !== 'number') || list.some((item) => typeof item !== kind))
    throw new Refusal('$sort without a function takes texts or numbers only');
  return (list as readonly string[]).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

type Behind = (a: unknown, b: unknown) => unknown;

/** A merge sort from runs of one item to runs of them all; equal items keep their order. */
async function merged(list: readonly unknown[], behind: Behind): Promise<unknown[]> {
  let runs = list.map((item) => [item]);
  while (runs.length > 1) {
    const longer: unknown[][] = [];
    for (let at = 0; at < runs.length; at += 2) longer.push(await mergeTwo(runs[at] ?? [], runs[at + 1] ?? [], behind));
    runs = longer;
  }
  return runs[0] ?? [];
}

async function mergeTwo(left: readonly unknown[], right: readonly unknown[], behind: Behind): Promise<unknown[]> {
  const result: unknown[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    if (await behind(left[l], right[r])) result.push(right[r++]);
    else result.push(left[l++]);
  }
  return [...result, ...left.slice(l), ...right.slice(r)];
}

/** A text for each value that is the same for equal values, whatever order their fields have. */
export function canonicalKeys(): (value: unknown) => string {
  const functions = new Map<unknown, number>();
  const keyOf = (value: unknown): string => {
    if (value === undefined) return 'undefined';
    if (isFunction(value)) {
      if (!functions.has(value)) functions.set(value, functions.size);
      return `function ${functions.get(value)}`;
    }
    if (Array.isArray(value)) return `[${value.map(keyOf).join(',')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${keyOf(field)}`).join(',')}}`;
  };
  return keyOf;
}
