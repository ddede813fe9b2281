/** Quiet hours of one of us: what is not urgent waits until they are over. */
import { isOpenAt, type Slot, WEEKDAYS, type Weekday, type WorkingHours } from './hours.ts';
import { dayAt, instantAt } from './zone.ts';

export interface QuietRule {
  /** Minutes after midnight; where `to` is not after `from`, it is of the next day. */
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
  /** On which they begin. */
  readonly days: readonly Weekday[];
}

/** The hours that are quiet, as hours of a week. */
export function quietHours({ from, to, timeZone, days }: QuietRule): WorkingHours {
  const week: Partial<Record<Weekday, Slot[]>> = {};
  const put = (day: Weekday, slot: Slot) => {
    const slots = [...(week[day] ?? []), slot];
    week[day] = slots.sort(([a], [b]) => a - b);
  };
  for (const day of new Set(days)) {
    if (from < to) {
      put(day, [from, to]);
      continue;
    }
    put(day, [from, 1440]);
    const next = WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % 7];
    if (next && to > 0) put(next, [0, to]);
  }
  return { timeZone, week, holidays: [] };
}

/** When it is quiet at this instant: when it no longer will be, epoch ms. Null: it is not quiet. */
export function quietUntil(at: number, quiet: WorkingHours): number | null {
  if (!isOpenAt(at, quiet)) return null;
  const today = dayAt(at, quiet.timeZone);
  const ends = [...new Set(Object.values(quiet.week).flatMap((slots) => (slots ?? []).map(([, to]) => to)))];
  // From the day before: where clocks go back at midnight, an instant may lie in the hours of that day.
  const instants = Array.from({ length: 10 }, (_, i) => today - 1 + i)
    .flatMap((day) => ends.map((minutes) => instantAt(day, minutes, quiet.timeZone)))
    .sort((a, b) => a - b);
  return instants.find((end) => end > at && !isOpenAt(end, quiet)) ?? null;
}
