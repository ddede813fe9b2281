import fc from 'fast-check';
import { DateTime, Interval } from 'luxon';
import { describe, expect, test } from 'vitest';
import { addWorking, isOpenAt, WEEKDAYS, type WorkingHours, workingBetween } from '../../src/domain/hours.ts';

const MINUTE = 60_000;
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'UTC',
  'Africa/Casablanca',
];

/** Any hours, around any change of clocks of those zones. */
const hoursOfAnybody = fc.record({
  timeZone: fc.constantFrom(...ZONES),
  week: fc
    .array(fc.uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 }), { minLength: 7, maxLength: 7 })
    .map((days) => {
      const slots = days.map((quarters) => {
        const sorted = [...quarters].sort((a, b) => a - b).map((quarter) => quarter * 15);
        return Array.from(
          { length: Math.floor(sorted.length / 2) },
          (_, i) => sorted.slice(2 * i, 2 * i + 2) as [number, number],
        );
      });
      return Object.fromEntries(WEEKDAYS.map((day, i) => [day, slots[i] ?? []]));
    }),
  holidays: fc.subarray(['12-25', '01-01', '02-29', '2024-03-31', '2026-10-25', '2027-01-04']),
});
const always = (hours: WorkingHours) => Object.values(hours.week).some((slots) => (slots ?? []).length > 0);
/** Days on which clocks change somewhere, a leap day, ends of years, and any others. */
const instant = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        '2024-02-28',
        '2024-03-30',
        '2026-03-29',
        '2026-10-24',
        '2026-12-31',
        '2018-11-03',
        '2027-04-03',
        '2026-11-01',
      ),
      fc
        .date({ min: new Date('2017-01-01'), max: new Date('2032-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10)),
    ),
    fc.integer({ min: 0, max: 2 * 1440 }),
  )
  .map(([day, minutes]) => Date.parse(`${day}T00:00:00Z`) + minutes * MINUTE);

/** Every change of clocks of those zones, to six hours. */
const changes = ZONES.flatMap((timeZone) => {
  const shown = (at: number) => DateTime.fromMillis(at, { zone: timeZone }).offset;
  const found: { timeZone: string; at: number }[] = [];
  for (let at = Date.parse('2017-01-01'); at < Date.parse('2032-01-01'); at += 360 * MINUTE) {
    if (shown(at) !== shown(at + 360 * MINUTE)) found.push({ timeZone, at });
  }
  return found;
});

/** The same by luxon: every slot of every day as an interval, put together and cut to size. */
function byLuxon(from: number, to: number, { timeZone, week, holidays }: WorkingHours): number {
  const slots: Interval[] = [];
  let day = DateTime.fromMillis(from, { zone: timeZone }).startOf('day').minus({ days: 1 });
  for (; day.toMillis() <= to; day = day.plus({ days: 1 }).startOf('day')) {
    const date = day.toISODate() ?? '';
    if (holidays.includes(date) || holidays.includes(date.slice(5))) continue;
    for (const [start, end] of week[WEEKDAYS[day.weekday % 7] ?? 'sunday'] ?? []) {
      const [first, last] = [start, end].map((minutes) => shownAt(day, minutes));
      if (first && last && first < last) slots.push(Interval.fromDateTimes(first, last));
    }
  }
  const whole = Interval.fromDateTimes(DateTime.fromMillis(from), DateTime.fromMillis(Math.max(from, to)));
  return Interval.merge(slots).reduce((sum, slot) => sum + (slot.intersection(whole)?.toDuration().toMillis() ?? 0), 0);
}

function shownAt(day: DateTime, minutes: number): DateTime {
  const on = minutes === 1440 ? day.plus({ days: 1 }) : day;
  const { year, month, day: date } = on;
  const given = { year, month, day: date, hour: Math.floor(minutes / 60) % 24, minute: minutes % 60 };
  const shown = DateTime.fromObject(given, { zone: day.zone });
  // Of a time that is there twice luxon may take either.
  return shown.getPossibleOffsets().reduce((first, other) => (other < first ? other : first), shown);
}

describe('working hours', () => {
  test('as much lies between two instants as luxon says, around every change of clocks', () => {
    fc.assert(
      fc.property(hoursOfAnybody, instant, fc.integer({ min: 0, max: 20 * 1440 }), (hours, from, minutes) => {
        const to = from + minutes * MINUTE;
        expect(workingBetween(from, to, hours)).toBe(byLuxon(from, to, hours));
      }),
      { numRuns: 1_500 },
    );
  });

  test('and so on the very nights on which clocks change', () => {
    const night = fc.record({ change: fc.constantFrom(...changes), after: fc.integer({ min: -1440, max: 600 }) });
    fc.assert(
      fc.property(hoursOfAnybody, night, fc.integer({ min: 0, max: 1440 }), (anybody, { change, after }, minutes) => {
        const hours = { ...anybody, timeZone: change.timeZone };
        const from = change.at + after * MINUTE;
        expect(workingBetween(from, from + minutes * MINUTE, hours)).toBe(
          byLuxon(from, from + minutes * MINUTE, hours),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  test('a deadline is the first instant until which the whole amount has passed', () => {
    fc.assert(
      fc.property(
        hoursOfAnybody.filter(always),
        instant,
        fc.integer({ min: 1, max: 6_000 }),
        (hours, from, minutes) => {
          const amount = minutes * MINUTE;
          const due = addWorking(from, amount, hours);
          expect(byLuxon(from, due, hours)).toBe(amount);
          expect(byLuxon(from, due - 1, hours)).toBe(amount - 1);
        },
      ),
      { numRuns: 700 },
    );
  });

  test('what was used and what is left add up, wherever one stops in between', () => {
    fc.assert(
      fc.property(
        hoursOfAnybody.filter(always),
        instant,
        fc.nat(3_000),
        fc.nat(5_000),
        (hours, from, first, amount) => {
          const pause = from + first * MINUTE;
          const used = workingBetween(from, pause, hours);
          fc.pre(used < amount * MINUTE);
          expect(addWorking(pause, amount * MINUTE - used, hours)).toBe(addWorking(from, amount * MINUTE, hours));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a slot is open from its first instant, and no more at its last', () => {
    const hours: WorkingHours = { timeZone: 'UTC', week: { monday: [[540, 1020]] }, holidays: [] };
    const at = (time: string) => isOpenAt(Date.parse(`2026-11-23T${time}Z`), hours);
    expect([at('08:59:59.999'), at('09:00:00'), at('16:59:59.999'), at('17:00:00')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('a slot that the clocks skip counts from before the gap, and no instant counts twice', () => {
    // In Berlin it was 03:00 after 01:59 on this day: 02:00-02:30 is 03:00-03:30, which the other slot has already.
    const week: WorkingHours['week'] = {
      sunday: [
        [120, 150],
        [180, 240],
      ],
    };
    const from = Date.parse('2026-03-29T00:00:00Z');
    expect(workingBetween(from, from + 6 * 3_600_000, { timeZone: 'Europe/Berlin', week, holidays: [] })).toBe(
      3_600_000,
    );
  });

  test('a slot that the clocks skip takes nothing from the one that it is shifted behind', () => {
    // 02:15-02:30 is 03:15-03:30 on this day, after 03:00-03:15: both count, from 03:00 on.
    const week: WorkingHours['week'] = {
      sunday: [
        [135, 150],
        [180, 195],
      ],
    };
    const hours: WorkingHours = { timeZone: 'Europe/Berlin', week, holidays: [] };
    const three = Date.parse('2017-03-26T01:00:00Z');
    expect(workingBetween(three, three + MINUTE, hours)).toBe(MINUTE);
    expect(workingBetween(three - 60 * MINUTE, three + 60 * MINUTE, hours)).toBe(30 * MINUTE);
    expect(new Date(addWorking(three, 20 * MINUTE, hours)).toISOString()).toBe('2017-03-26T01:20:00.000Z');
  });

  test('a day that a country left out has no hours of its own', () => {
    // Samoa went from the 29th straight to the 31st of December 2011.
    const day: [number, number][] = [[540, 1020]];
    const hours: WorkingHours = {
      timeZone: 'Pacific/Apia',
      week: { thursday: day, friday: day, saturday: day },
      holidays: [],
    };
    const from = Date.parse('2011-12-29T10:00:00Z');
    expect(workingBetween(from, from + 3 * 86_400_000, hours)).toBe(16 * 3_600_000);
  });

  test('hours that never come are refused', () => {
    const hours: WorkingHours = { timeZone: 'UTC', week: {}, holidays: [] };
    expect(() => addWorking(0, 1, hours)).toThrow('no working hours come');
  });
});
