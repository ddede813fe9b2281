import { readFile } from 'node:fs/promises';
import ICAL from 'ical.js';
import { StewardError } from '../domain/errors.ts';

/** How far into the future a yearly holiday is written out. */
const YEARS_AHEAD = 6;
const MOST_DAYS = 500;
const MANY = `has more than ${MOST_DAYS} days off; keep the holidays of one country`;
/** Of one rule; each takes a fraction of a millisecond, in which the process does nothing else. */
const MOST_TURNS = 2_000;
/** How often a day can come. */
const FREQUENCIES: readonly string[] = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'];

/**
 * The days off of an iCalendar file (RFC 5545), such as `2026-04-06`: its all-day events, repeated ones too, from last year on. A day that was
 * moved counts where it was moved to, one that was cancelled not at all. Events with a time of day are appointments, and left alone.
 * @throws StewardError InvalidPolicy naming the file and what is wrong with it.
 */
export async function readHolidayFile(path: string, now: Date): Promise<string[]> {
  const text = await textOf(path);
  const first = `${now.getUTCFullYear() - 1}-01-01`;
  const last = `${now.getUTCFullYear() + YEARS_AHEAD}-12-31`;
  const days = new Set<string>();
  try {
    for (const event of eventsOf(text)) {
      for (const day of daysOffOf(event, last)) {
        if (day >= first && day <= last) days.add(day);
        if (days.size > MOST_DAYS) throw new Error(MANY);
      }
    }
  } catch (error) {
    throw invalid(path, sayWrong(error));
  }
  if (days.size === 0) throw invalid(path, 'has no all-day event from last year on; is it a calendar of holidays?');
  return [...days].sort();
}

/** The library's own words say what it stumbled over, and not that it did. */
function sayWrong(error: unknown): string {
  const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  return /^(has|is) /.test(words) ? words : `is not in order: ${words}`;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw invalid(path, `can't be read: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
  }
}

/** Each with those of its days that were changed; a changed day is no event of its own. */
function eventsOf(text: string): ICAL.Event[] {
  const events = calendarsIn(text)
    .flatMap((calendar) => calendar.getAllSubcomponents('vevent'))
    .map((event) => new ICAL.Event(event));
  const masters = new Set(events.filter((event) => !event.isRecurrenceException()).map(({ uid }) => uid));
  return events.filter((event) => !event.isRecurrenceException() || !masters.has(event.uid));
}

function calendarsIn(text: string): ICAL.Component[] {
  try {
    const parsed: unknown[] = ICAL.parse(text);
    // Of a single calendar it answers that calendar, of more a list of them.
    const jcals = typeof parsed[0] === 'string' ? [parsed] : parsed;
    return jcals.map((jcal) => new ICAL.Component(jcal as ConstructorParameters<typeof ICAL.Component>[0]));
  } catch (error) {
    throw new Error(`is no iCalendar file: ${error instanceof Error ? error.message : ''}`);
  }
}

function* daysOffOf(event: ICAL.Event, last: string): Generator<string> {
  const { startDate } = event;
  if (!startDate) throw new Error('has an event without a DTSTART');
  if (!startDate.isDate || isCancelled(event)) return;
  for (const start of occurrences(event, last)) {
    const { item, startDate: day } = event.getOccurrenceDetails(start);
    if (!isCancelled(item)) yield* daysOf(day, item);
  }
}

function isCancelled({ component }: ICAL.Event): boolean {
  return component.getFirstPropertyValue('status') === 'CANCELLED';
}

/** What its rules and its further dates give, without those that it leaves out. */
function* occurrences(event: ICAL.Event, last: string): Generator<ICAL.Time> {
  const { component, startDate } = event;
  const valuesOf = (name: string) =>
    component.getAllProperties(name).flatMap((property) => property.getValues() as unknown[]);
  const without = new Set(valuesOf('exdate').map((value) => dayOf(value)));
  const rules = valuesOf('rrule') as ICAL.Recur[];
  const dates = valuesOf('rdate').filter((value) => value instanceof ICAL.Time);
  for (const date of rules.length === 0 ? [startDate, ...dates] : dates) if (!without.has(dayOf(date))) yield date;
  for (const rule of rules) {
    for (const date of daysOfRule(rule, event, last)) if (!without.has(dayOf(date))) yield date;
  }
}

function dayOf(value: unknown): string {
  return String(value).slice(0, 10);
}

function* daysOfRule(rule: ICAL.Recur, { startDate }: ICAL.Event, last: string): Generator<ICAL.Time> {
  if (!FREQUENCIES.includes(rule.freq)) {
    throw new Error(`has an all-day event that comes ${rule.freq}; expected ${FREQUENCIES.join(', ')}`);
  }
  try {
    const iterator = boundedIterator(rule, startDate, Number(last.slice(0, 4)));
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const next = iterator.next();
      if (!next || dayOf(next) > last) return;
      if (isOfRule(next, rule, startDate)) yield next.clone();
    }
  } catch (error) {
    if (error instanceof PastTheLast) return;
    throw error;
  }
  throw new Error(`has a day off more than ${MOST_TURNS} times since ${startDate}; let it begin later`);
}

class PastTheLast extends Error {}

/** The library looks for the next day of a rule for ever, where none comes: on its way it passes one of these. */
function boundedIterator(rule: ICAL.Recur, dtstart: ICAL.Time, lastYear: number): ICAL.RecurIterator {
  class Bounded extends ICAL.RecurIterator {
    override increment_year(by: number): void {
      super.increment_year(by);
      this.stop();
    }
    override check_contracting_rules(): boolean {
      this.stop();
      return super.check_contracting_rules();
    }
    private stop(): void {
      if (this.last.year > lastYear) throw new PastTheLast();
    }
  }
  return new Bounded({ rule, dtstart });
}

/** A 29th of February is none in other years (RFC 5545, 3.3.10); the library goes on to the 1st of March. */
function isOfRule({ year, month, day }: ICAL.Time, { freq, parts }: ICAL.Recur, start: ICAL.Time): boolean {
  const has = (name: string) => Object.hasOwn(parts, name);
  const isByDate = !has('BYDAY') && !has('BYWEEKNO') && !has('BYYEARDAY');
  const listed = (name: string) => (parts as Readonly<Record<string, readonly (string | number)[]>>)[name]?.map(Number);
  const length = ICAL.Time.daysInMonth(month, year);
  const months = listed('BYMONTH') ?? (freq === 'YEARLY' && isByDate && !has('BYMONTHDAY') ? [start.month] : [month]);
  const byStart = isByDate && (freq === 'YEARLY' || freq === 'MONTHLY') ? [start.day] : [day];
  const days = listed('BYMONTHDAY')?.map((at) => (at < 0 ? length + at + 1 : at)) ?? byStart;
  return months.includes(month) && days.includes(day);
}

/** The end of an all-day event is the day after its last. */
function daysOf(start: ICAL.Time, event: ICAL.Event): string[] {
  const length = Math.max(1, Math.round(event.duration.toSeconds() / 86_400));
  return Array.from({ length: Math.min(length, MOST_DAYS) }, (_, i) => {
    const day = start.clone();
    day.adjust(i, 0, 0, 0);
    return dayOf(day);
  });
}

function invalid(path: string, what: string): StewardError {
  return new StewardError('InvalidPolicy', `${path}: ${what}`);
}
