import { dirname, join } from 'node:path';
import { type Problem, StewardError } from '../domain/errors.ts';
import type { WorkingHours } from '../domain/hours.ts';
import type { Calendars } from '../schema/policy-fields.ts';
import { readHolidayFile } from './holiday-file.ts';

export interface ReadCalendars {
  readonly calendars: Readonly<Record<string, WorkingHours>>;
  readonly problems: readonly Problem[];
}

/**
 * The calendars of the policy file at `path`, each with the days off of the iCalendar file that it names, relative to that.
 * @param fieldOf where one stands in the file
 */
export async function readCalendars(
  path: string,
  given: Calendars,
  now: Date,
  fieldOf: (name: string) => string = (name) => `calendars.${name}`,
): Promise<ReadCalendars> {
  const calendars: Record<string, WorkingHours> = {};
  const problems: Problem[] = [];
  for (const [name, { timeZone, week, holidays, holidayFile }] of Object.entries(given)) {
    const complain = (message: string) => void problems.push({ field: `${fieldOf(name)}.holidayFile`, message });
    const more = holidayFile === undefined ? [] : await daysOff(join(dirname(path), holidayFile), now, complain);
    const slots = Object.entries(week).filter(([, hours]) => hours !== undefined);
    calendars[name] = { timeZone, week: Object.fromEntries(slots), holidays: [...new Set([...holidays, ...more])] };
  }
  return { calendars, problems };
}

async function daysOff(path: string, now: Date, complain: (message: string) => void): Promise<readonly string[]> {
  try {
    return await readHolidayFile(path, now);
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    complain(error.message);
    return [];
  }
}
