/** The fields that policy files share. */
import { z } from 'zod';

const HOLIDAY_WORDS = 'a day such as 2026-04-03, or 12-25 for every year';
export const holiday = z.string({ error: HOLIDAY_WORDS }).refine(isDay, { error: HOLIDAY_WORDS });
/** A leap year stands for every year: 02-29 may be a day off. */
function isDay(text: string): boolean {
  const whole = /^\d\d-\d\d$/.test(text) ? `2024-${text}` : text;
  const date = /^\d{4}-\d\d-\d\d$/.test(whole) ? new Date(`${whole}T00:00:00Z`) : new Date(Number.NaN);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(whole);
}

const ZONE_WORDS = 'a time zone such as Europe/Berlin';
export const timeZone = z.string({ error: ZONE_WORDS }).refine(isTimeZone, { error: ZONE_WORDS });
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export function oneOf<const T extends readonly string[]>(words: T) {
  return z.enum(words, { error: `one of ${words.join(', ')}` });
}
export function keysOf<K extends string>(object: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(object) as [K, ...K[]];
}
export function listOf<T extends z.ZodType>(item: T, words: string) {
  return z.array(item, { error: `a list of ${words}` });
}
export function whole(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}
export function object<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, { error: `${Object.keys(shape).join(', ')}, and nothing else` });
}
