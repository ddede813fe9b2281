import { dirname, join } from 'node:path';
import type { WorkingHours } from '../domain/hours.ts';
import type { Calendars } from '../schema/policy-fields.ts';
import { readHolidayFile } from './holiday-file.ts';

/** A policy file's calendar with the days off of the iCalendar file that it names, relative to it. @throws StewardError InvalidPolicy */
export async function readCalendar(path: string, calendar: Calendars[string], now: Date): Promise<WorkingHours> {
  const { timeZone, week, holidays, holidayFile } = calendar;
  const more = holidayFile === undefined ? [] : await readHolidayFile(join(dirname(path), holidayFile), now);
  const slots = Object.entries(week).filter(([, hours]) => hours !== undefined);
  return { timeZone, week: Object.fromEntries(slots), holidays: [...new Set([...holidays, ...more])] };
}

export async function readCalendars(path: string, given: Calendars, now: Date): Promise<Record<string, WorkingHours>> {
  const read: Record<string, WorkingHours> = {};
  for (const [name, calendar] of Object.entries(given)) read[name] = await readCalendar(path, calendar, now);
  return read;
}
