/**
 * The calendar of the law: periods under Regulation (EEC, Euratom) No 1182/71, Article 3. The day of the event is not counted; a
 * period of months ends with the last hour of the same-numbered day, or of the month's last day where there is none; a Saturday, a
 * Sunday or a public holiday moves the end to the next working day. Days are those of the controller's time zone.
 */
import { StewardError } from './errors.ts';
import { DAY_MS, type Day, dayAt, offsetAt, sayDay } from './zone.ts';

export interface Calendar {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** Public holidays: `2026-04-06`, or `12-25` for every year. A year without its movable ones only makes an end earlier. */
  readonly holidays: readonly string[];
}

/** A time in which the clock stood still, such as while proof of identity is outstanding. Without `to` it still does. */
export interface Pause {
  readonly from: string;
  readonly to?: string;
  readonly why: string;
}

/** Article 12(3): one month, and two more where that is necessary. */
export const MONTHS_TO_ANSWER = { first: 1, extended: 3 } as const;
/** More days off in a row than any country has: such a calendar is wrong. */
export const MOST_DAYS_OFF = 31;

/** The last instant of the period. */
export function dueDate(receivedAt: Date, { months, ...calendar }: Calendar & { readonly months: number }): Date {
  return endOf(workingDay(monthsAfter(dayOf(receivedAt, calendar.timeZone), months), calendar), calendar.timeZone);
}

export interface Due {
  /** As if the clock had never stood still: what we aim for. */
  readonly aim: Date;
  /** With the pauses: what can be argued. Never earlier than `aim`. */
  readonly paused: Date;
  readonly pausedDays: number;
  /** The first instant of the day so many days before `aim`. */
  readonly warnAt: Date;
}

/**
 * Both ends of a period. A pause counts by the days between its first and its last, so that one of a few hours of the same day gives
 * nothing, and only while the period, with the pauses before it, still runs.
 */
export function due(
  receivedAt: Date,
  calendar: Calendar,
  more: {
    readonly months: number;
    readonly warnDays: number;
    readonly pauses?: readonly Pause[];
    readonly now: Date;
  },
): Due {
  const { timeZone } = calendar;
  const nominal = monthsAfter(dayOf(receivedAt, timeZone), more.months);
  const pausedDays = daysPaused(receivedAt, nominal, timeZone, more.pauses ?? [], more.now);
  const aim = workingDay(nominal, calendar);
  return {
    aim: endOf(aim, timeZone),
    paused: endOf(workingDay(nominal + pausedDays, calendar), timeZone),
    pausedDays,
    warnAt: startOf(aim - more.warnDays, timeZone),
  };
}

/** Articles 12(3): an extension is lawful only when the person hears of it within the first month. */
export function mayExtend(receivedAt: Date, calendar: Calendar, now: Date): boolean {
  return now.getTime() <= dueDate(receivedAt, { ...calendar, months: MONTHS_TO_ANSWER.first }).getTime();
}

const PERIOD = /^P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?$/;

/** Is it a period of years, months and days, such as `P6Y` or `P90D`, and longer than nothing? */
export function isPeriod(text: string): boolean {
  const parts = PERIOD.exec(text)?.slice(1) ?? [];
  return parts.some((part) => Number(part ?? 0) > 0);
}

/** The last instant of a period that an event starts; for how long to keep something, so that days off change nothing. */
export function periodEnd(from: Date, period: string, timeZone: string): Date {
  if (!isPeriod(period)) throw new StewardError('InvalidPolicy', 'period: expected years, months or days such as P6Y');
  const [years, months, days] = (PERIOD.exec(period) ?? []).slice(1).map((part) => Number(part ?? 0));
  const end = monthsAfter(dayOf(from, timeZone), (years ?? 0) * 12 + (months ?? 0)) + (days ?? 0);
  return endOf(end, timeZone);
}

/** The date in the zone, `2026-11-25`. */
export function dateIn(at: Date, timeZone: string): string {
  return sayDay(dayOf(at, timeZone));
}

/** The first instant of the day so many days before today. */
export function daysBefore(now: Date, days: number, timeZone: string): Date {
  return startOf(dayOf(now, timeZone) - days, timeZone);
}

/** The last instant of a date such as `2026-11-25`. */
export function endOfDate(date: string, timeZone: string): Date {
  return endOf(Date.parse(`${date}T00:00:00Z`) / DAY_MS, timeZone);
}

function monthsAfter(day: number, months: number): number {
  if (!Number.isInteger(months) || months < 0) {
    throw new StewardError('InvalidRequest', 'months: expected a whole number, 0 or more');
  }
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastOfMonth)) / DAY_MS;
}

function workingDay(day: number, { holidays }: Calendar): number {
  for (let found = day; found <= day + MOST_DAYS_OFF; found += 1) {
    const weekday = new Date(found * DAY_MS).getUTCDay();
    const date = sayDay(found);
    if (weekday !== 0 && weekday !== 6 && !holidays.includes(date) && !holidays.includes(date.slice(5))) return found;
  }
  throw new StewardError(
    'InvalidPolicy',
    `holidays: more than ${MOST_DAYS_OFF} days off in a row; name public holidays only`,
  );
}

function daysPaused(received: Date, nominal: number, zone: string, pauses: readonly Pause[], now: Date): number {
  const spans = pauses
    .map(({ from, to }) => ({
      from: dayOf(new Date(Math.max(Date.parse(from), received.getTime())), zone),
      to: dayOf(to === undefined ? now : new Date(to), zone),
    }))
    .sort((a, b) => a.from - b.from);
  let counted = Number.NEGATIVE_INFINITY;
  let days = 0;
  for (const { from, to } of spans) {
    // A period that has run out does not come back to life.
    if (from > nominal + days) break;
    days += Math.max(0, to - Math.max(from, counted));
    counted = Math.max(counted, to);
  }
  return days;
}

function dayOf(at: Date, timeZone: string): Day {
  return dayAt(at.getTime(), timeZone);
}

function startOf(day: number, timeZone: string): Date {
  return new Date(endOf(day - 1, timeZone).getTime() + 1);
}

/**
 * The day's last millisecond. Midnight may be there twice, or not at all, when the clocks change: the first one counts, and where there
 * is none, the moment of the change.
 */
function endOf(day: number, timeZone: string): Date {
  const midnight = (day + 1) * DAY_MS;
  const found = [-DAY_MS, DAY_MS].map((around) => midnight - offsetAt(midnight + around, timeZone));
  const shown = found.filter((at) => at + offsetAt(at, timeZone) === midnight);
  return new Date((shown.length > 0 ? Math.min(...shown) : Math.max(...found)) - 1);
}
