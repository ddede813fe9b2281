import { readFile } from 'node:fs/promises';
import ICAL from 'ical.js';
import { StewardError } from '../domain/errors.ts';

/** How far into the future a yearly holiday is written out. */
const YEARS_AHEAD = 6;
const MOST_DAYS = 500;

/**
 * The days off of an iCalendar file (RFC 5545), such as `2026-04-06`: its all-day events, repeated ones too, from last year on. Events
 * with a time of day are appointments, and left alone.
 * @throws StewardError InvalidPolicy naming the file and what is wrong with it.
 */
export async function readHolidayFile(path: string, now: Date): Promise<string[]> {
  const events = eventsOf(path, await textOf(path));
  const first = `${now.getUTCFullYear() - 1}-01-01`;
  const last = `${now.getUTCFullYear() + YEARS_AHEAD}-12-31`;
  const days = new Set<string>();
  for (const event of events) {
    if (!event.startDate?.isDate) continue;
    for (const start of occurrences(event, last)) {
      for (const day of daysOf(start, event)) if (day >= first && day <= last) days.add(day);
      if (days.size > MOST_DAYS)
        throw invalid(path, `has more than ${MOST_DAYS} days off; keep the holidays of one country`);
    }
  }
  if (days.size === 0) throw invalid(path, 'has no all-day event from last year on; is it a calendar of holidays?');
  return [...days].sort();
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw invalid(path, `can't be read: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
  }
}

function eventsOf(path: string, text: string): ICAL.Event[] {
  try {
    const calendar = new ICAL.Component(ICAL.parse(text));
    return calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
  } catch (error) {
    throw invalid(path, `is no iCalendar file: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
  }
}

function* occurrences(event: ICAL.Event, last: string): Generator<ICAL.Time> {
  if (!event.isRecurring()) {
    yield event.startDate;
    return;
  }
  const iterator = event.iterator();
  for (let next = iterator.next(); next && next.toString() <= last; next = iterator.next()) yield next;
}

/** The end of an all-day event is the day after its last. */
function daysOf(start: ICAL.Time, event: ICAL.Event): string[] {
  const length = Math.max(1, Math.round(event.duration.toSeconds() / 86_400));
  return Array.from({ length: Math.min(length, MOST_DAYS) }, (_, i) => {
    const day = start.clone();
    day.adjust(i, 0, 0, 0);
    return day.toString().slice(0, 10);
  });
}

function invalid(path: string, what: string): StewardError {
  return new StewardError('InvalidPolicy', `${path}: ${what}`);
}
