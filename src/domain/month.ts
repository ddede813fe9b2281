/** Months of the controller's time zone: `2026-10`. */
import { dateIn, endOfDate } from './calendar.ts';
import { StewardError } from './errors.ts';

/** What happened from `from` on, and before `to`. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** When the month before is measured, after the first instant of the 1st: what was begun in the old month is written down by then. */
export const MEASURED_AFTER_MINUTES = 10;

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

export function isMonth(text: string): boolean {
  return MONTH.test(text);
}

/** The month before the one of this instant. */
export function monthBefore(at: Date, timeZone: string): string {
  return shifted(dateIn(at, timeZone).slice(0, 7), -1);
}

export function spanOf(month: string, timeZone: string): Span {
  return { from: startOf(month, timeZone), to: startOf(shifted(month, 1), timeZone) };
}

/** When the schedule comes to this month. */
export function measuredAt(month: string, timeZone: string): Date {
  return new Date(spanOf(month, timeZone).to.getTime() + MEASURED_AFTER_MINUTES * 60_000);
}

/** `October 2026` */
export function sayMonth(month: string): string {
  const [year, number] = partsOf(month);
  return `${NAMES[number - 1] ?? ''} ${year}`;
}
const NAMES = 'January February March April May June July August September October November December'.split(' ');

/** The first instant of the month's first day. */
function startOf(month: string, timeZone: string): Date {
  const [year, number] = partsOf(month);
  const dayBefore = new Date(Date.UTC(year, number - 1, 0)).toISOString().slice(0, 10);
  return new Date(endOfDate(dayBefore, timeZone).getTime() + 1);
}

function shifted(month: string, by: number): string {
  const [year, number] = partsOf(month);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

function partsOf(month: string): [year: number, month: number] {
  const [, year, number] = MONTH.exec(month) ?? [];
  if (year === undefined) throw new StewardError('InvalidRequest', 'month: expected a month such as 2026-10');
  return [Number(year), Number(number)];
}
