import type { Json } from './json.ts';

/**
 * Two digits behind the point. More of them are a fingerprint: whoever has a list of texts and the same analyser finds the one that a
 * score of ten digits was made of, though nothing else of the text is left.
 */
export function coarse(score: number): number {
  const rounded = Number.isInteger(score) ? score : Math.round(score * 100) / 100;
  // Without the sign that JSON would drop.
  return rounded === 0 ? 0 : rounded;
}

/** The same JSON, with every number in it so coarse. */
export function coarsened(value: Json): Json {
  if (typeof value === 'number') return coarse(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(coarsened);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coarsened(item)]));
}
