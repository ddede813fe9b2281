/** Working hours: how much of them lies between two instants, and when an amount of them is over. */
import { StewardError } from './errors.ts';
import { DAY_MS, type Day, dayAt, instantAt, sayDay } from './zone.ts';

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** From and to, in minutes after midnight, 0 to 1440; in order, none overlaps the next. */
export type Slot = readonly [from: number, to: number];

export interface WorkingHours {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly week: Readonly<Partial<Record<Weekday, readonly Slot[]>>>;
  /** Days off: `2026-04-06`, or `12-25` for every year. */
  readonly holidays: readonly string[];
}
/** `always`: every hour of every day counts. */
export type Hours = WorkingHours | 'always';

/** The last day that is looked at: further away nothing is promised. */
const MOST_DAYS = 20_000;

/**
 * The earliest instant until which `amount` of working time has passed since `from`; all in ms. The end of a slot when it is just used up
 * there, not the beginning of the next one. @throws StewardError InvalidPolicy for hours that never come
 */
export function addWorking(from: number, amount: number, hours: Hours): number {
  if (hours === 'always' || amount <= 0) return from + Math.max(0, amount);
  let left = amount;
  const first = firstDay(from, hours);
  for (let day = first; day <= first + MOST_DAYS; day += 1) {
    for (const [start, end] of slotsOf(day, hours)) {
      const begin = Math.max(start, from);
      if (end <= begin) continue;
      if (end - begin >= left) return begin + left;
      left -= end - begin;
    }
  }
  throw new StewardError('InvalidPolicy', 'week: no working hours come; give a slot that is on no day off');
}

/** The working time between two instants, in ms; 0 where `to` is not after `from`. */
export function workingBetween(from: number, to: number, hours: Hours): number {
  if (hours === 'always' || to <= from) return Math.max(0, to - from);
  let sum = 0;
  for (let day = firstDay(from, hours); day <= dayAt(to, hours.timeZone); day += 1) {
    for (const [start, end] of slotsOf(day, hours)) sum += Math.max(0, Math.min(end, to) - Math.max(start, from));
  }
  return sum;
}

/** Is it open at this instant? A slot's first instant is, its last is not. */
export function isOpenAt(at: number, hours: Hours): boolean {
  return workingBetween(at, at + 1, hours) > 0;
}

/** Where clocks go back at midnight, an instant may lie in the slots of the day before. */
function firstDay(at: number, { timeZone }: WorkingHours): Day {
  return dayAt(at, timeZone) - 1;
}

/**
 * The day's slots as instants, in order, none overlaps the next. Where clocks go forward a slot that they skip is shifted by as much: it may
 * then lie in or even after the one that follows it.
 */
function slotsOf(day: Day, { timeZone, week, holidays }: WorkingHours): readonly Slot[] {
  const date = sayDay(day);
  // A country may have left a day out, to change sides of the date line.
  if (dayAt(instantAt(day, 720, timeZone), timeZone) !== day) return [];
  if (holidays.includes(date) || holidays.includes(date.slice(5))) return [];
  const slots = (week[WEEKDAYS[new Date(day * DAY_MS).getUTCDay()] ?? 'sunday'] ?? [])
    .map(([from, to]): Slot => [instantAt(day, from, timeZone), instantAt(day, to, timeZone)])
    .sort(([a], [b]) => a - b);
  let over = Number.NEGATIVE_INFINITY;
  return slots.map(([from, to]) => {
    const start = Math.max(from, over);
    over = Math.max(to, start);
    return [start, over];
  });
}
