/** Wall clocks of time zones, and the instants at which they show what. */
import { StewardError } from './errors.ts';

/** Days since 1970-01-01 as the zone's clocks count them; inside the domain a date is such a number. */
export type Day = number;
export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** `2026-11-25` */
export function sayDay(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The date that the zone's clocks show at this instant, in epoch ms. */
export function dayAt(at: number, timeZone: string): Day {
  return Math.floor((at + offsetAt(at, timeZone)) / DAY_MS);
}

/**
 * The instant at which the clocks show so many minutes after the day's midnight, in epoch ms. As RFC 5545, 3.3.5 has it: a time that is
 * there twice means the first of them; one that is skipped is counted on from before the gap.
 */
export function instantAt(day: Day, minutes: number, timeZone: string): number {
  const shown = day * DAY_MS + minutes * MINUTE_MS;
  const before = shown - offsetAt(shown - DAY_MS, timeZone);
  const after = shown - offsetAt(shown + DAY_MS, timeZone);
  // Two offsets a day apart are all that a change within it can have.
  const real = [before, after].filter((at) => at + offsetAt(at, timeZone) === shown);
  return real.length > 0 ? Math.min(...real) : before;
}

/** How far the zone's clocks are ahead of UTC at this instant, in ms. @throws StewardError InvalidPolicy for a zone there is none of. */
export function offsetAt(at: number, timeZone: string): number {
  if (Number.isNaN(at)) throw new StewardError('InvalidRequest', 'expected a time of ISO 8601');
  const day = Math.floor(at / DAY_MS);
  const offset = offsetAtMidnight(day, timeZone);
  // No zone has changed its clocks twice in one day of UTC since 1970 (all 599 of tzdata, read from its files).
  return offset === offsetAtMidnight(day + 1, timeZone) ? offset : measureOffset(at, timeZone);
}

/** A reckoning asks for the same few days again and again, and each question to Intl takes microseconds. */
const midnights = new Map<string, Map<number, number>>();
/** Days of a zone that are remembered: eleven years. */
const MOST_MIDNIGHTS = 4_000;

/** At midnight of UTC. `day`: since 1970-01-01. */
function offsetAtMidnight(day: number, timeZone: string): number {
  const known = midnights.get(timeZone) ?? new Map<number, number>();
  const offset = known.get(day) ?? measureOffset(day * DAY_MS, timeZone);
  if (known.size >= MOST_MIDNIGHTS) known.clear();
  known.set(day, offset);
  midnights.set(timeZone, known);
  return offset;
}

function measureOffset(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatter(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** Making one takes longer than using it by an order of magnitude. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(timeZone, made);
    return made;
  } catch (error) {
    throw new StewardError('InvalidPolicy', 'timeZone: expected a time zone such as Europe/Berlin', { cause: error });
  }
}
