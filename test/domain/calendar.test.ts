import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Calendar, dateIn, due, dueDate, isPeriod, mayExtend, periodEnd } from '../../src/domain/calendar.ts';

const BERLIN: Calendar = {
  timeZone: 'Europe/Berlin',
  holidays: [
    '01-01',
    '05-01',
    '10-03',
    '12-25',
    '12-26',
    '2026-04-03',
    '2026-04-06',
    '2026-05-14',
    '2026-05-25',
    '2027-03-26',
    '2027-03-29',
  ],
};
const NO_HOLIDAYS: Calendar = { timeZone: 'Europe/Berlin', holidays: [] };

/** The end's day in the zone, for a receipt at noon there. */
function ends(received: string, months = 1, calendar: Calendar = NO_HOLIDAYS): string {
  return dateIn(dueDate(new Date(`${received}T11:00:00Z`), { ...calendar, months }), calendar.timeZone);
}

describe('a period of months ends', () => {
  test.each([
    ['on the day of the same number', '2026-03-05', 1, '2026-04-07', BERLIN],
    ['on the same-numbered day where it is a working day', '2026-06-10', 1, '2026-07-10', BERLIN],
    ['on the last day of a month that has no 31st', '2026-08-31', 1, '2026-09-30', BERLIN],
    ['on the last day of February after 31 January', '2025-01-31', 1, '2025-02-28', BERLIN],
    ['on 29 February in a leap year', '2024-01-31', 1, '2024-02-29', BERLIN],
    ['on 29 March after 29 February', '2024-02-29', 1, '2024-03-29', NO_HOLIDAYS],
    ['on the 28th, not the last, after 28 February', '2025-02-28', 1, '2025-03-28', NO_HOLIDAYS],
    ['in the next year', '2026-12-14', 1, '2027-01-14', BERLIN],
    ['after New Year when the day is New Year', '2026-12-01', 1, '2027-01-04', BERLIN],
    ['on Monday when the day is a Saturday', '2026-06-11', 1, '2026-07-13', BERLIN],
    ['on Monday when the day is a Sunday', '2026-06-12', 1, '2026-07-13', BERLIN],
    ['after Good Friday, Easter and Easter Monday', '2026-03-03', 1, '2026-04-07', BERLIN],
    ['after Christmas and the weekend behind it', '2026-11-25', 1, '2026-12-28', BERLIN],
    [
      'three months after receipt, not two after the first month, when it is extended',
      '2025-11-30',
      3,
      '2026-03-02',
      BERLIN,
    ],
  ])('%s', (_, received, months, end, calendar) => {
    expect(ends(received, months, calendar)).toBe(end);
  });

  test('with the last millisecond of its last hour, in summer and in winter', () => {
    const at = (received: string) => dueDate(new Date(received), { ...NO_HOLIDAYS, months: 1 }).toISOString();
    expect(at('2026-06-10T09:00:00Z')).toBe('2026-07-10T21:59:59.999Z');
    expect(at('2026-01-12T09:00:00Z')).toBe('2026-02-12T22:59:59.999Z');
    // The clocks change in between, both ways.
    expect(at('2026-03-10T09:00:00Z')).toBe('2026-04-10T21:59:59.999Z');
    expect(at('2026-10-12T09:00:00Z')).toBe('2026-11-12T22:59:59.999Z');
  });

  test('by the day of receipt in the zone of the controller, not of UTC', () => {
    const late = new Date('2026-06-09T22:30:00Z');
    expect(dateIn(dueDate(late, { ...NO_HOLIDAYS, months: 1 }), 'Europe/Berlin')).toBe('2026-07-10');
    const west = { timeZone: 'America/Los_Angeles', holidays: [] };
    expect(dateIn(dueDate(late, { ...west, months: 1 }), west.timeZone)).toBe('2026-07-09');
  });

  test('with the day on which the clocks change, though it has 23 or 25 hours', () => {
    const sunday = { timeZone: 'Europe/Berlin', holidays: [] };
    const end = (day: string) => periodEnd(new Date(`${day}T11:00:00Z`), 'P1M', sunday.timeZone).toISOString();
    expect(end('2026-02-28')).toBe('2026-03-28T22:59:59.999Z');
    expect(end('2026-03-01').slice(0, 10)).toBe('2026-04-01');
    expect(periodEnd(new Date('2026-02-28T23:30:00Z'), 'P28D', sunday.timeZone).toISOString()).toBe(
      '2026-03-29T21:59:59.999Z',
    );
    expect(end('2026-09-25')).toBe('2026-10-25T22:59:59.999Z');
  });

  test('at midnight also where the clocks skip midnight or have it twice', () => {
    // Santiago goes from 24:00 to 01:00 and back from 24:00 to 23:00.
    const end = (from: string) => periodEnd(new Date(from), 'P1D', 'America/Santiago').toISOString();
    expect(end('2026-09-04T12:00:00Z')).toBe('2026-09-06T03:59:59.999Z');
    expect(end('2026-04-03T12:00:00Z')).toBe('2026-04-05T03:59:59.999Z');
  });
});

describe('pauses', () => {
  const received = new Date('2026-06-10T09:00:00Z');
  const now = new Date('2026-06-20T09:00:00Z');
  const of = (...pauses: { from: string; to?: string }[]) => {
    const { aim, paused, pausedDays } = due(received, BERLIN, {
      months: 1,
      warnDays: 7,
      now,
      pauses: pauses.map((pause) => ({ ...pause, why: 'identity' })),
    });
    expect(dateIn(aim, 'Europe/Berlin')).toBe('2026-07-10');
    return [dateIn(paused, 'Europe/Berlin'), pausedDays];
  };

  test('none: both dates are the same', () => expect(of()).toEqual(['2026-07-10', 0]));
  test('one of three days moves the paused date by three, and on to a working day', () => {
    expect(of({ from: '2026-06-11T08:00:00Z', to: '2026-06-14T08:00:00Z' })).toEqual(['2026-07-13', 3]);
    expect(of({ from: '2026-06-11T08:00:00Z', to: '2026-06-12T08:00:00Z' })).toEqual(['2026-07-13', 1]);
  });
  test('one of a few hours gives nothing', () => {
    expect(of({ from: '2026-06-11T08:00:00Z', to: '2026-06-11T20:00:00Z' })).toEqual(['2026-07-10', 0]);
  });
  test('those that overlap count once', () => {
    const a = { from: '2026-06-11T08:00:00Z', to: '2026-06-15T08:00:00Z' };
    expect(of(a, { from: '2026-06-12T08:00:00Z', to: '2026-06-14T08:00:00Z' }, a)).toEqual(['2026-07-14', 4]);
  });
  test('one that still runs counts until now', () => {
    expect(of({ from: '2026-06-15T08:00:00Z' })).toEqual(['2026-07-15', 5]);
  });
  test('one from before the receipt counts from the receipt', () => {
    expect(of({ from: '2026-06-01T08:00:00Z', to: '2026-06-12T08:00:00Z' })).toEqual(['2026-07-13', 2]);
  });
  test('one after the end brings nothing back to life', () => {
    expect(of({ from: '2026-07-11T08:00:00Z', to: '2026-07-20T08:00:00Z' })).toEqual(['2026-07-10', 0]);
  });
  test('one that ends before it begins counts nothing', () => {
    expect(of({ from: '2026-06-14T08:00:00Z', to: '2026-06-11T08:00:00Z' })).toEqual(['2026-07-10', 0]);
  });
});

test('the warning comes with the first hour of the day so many days before the date that is aimed for', () => {
  const { warnAt } = due(new Date('2026-03-10T09:00:00Z'), NO_HOLIDAYS, { months: 1, warnDays: 14, now: new Date() });
  expect(warnAt.toISOString()).toBe('2026-03-26T23:00:00.000Z');
});

test('an extension is lawful until the first month is over, and not a moment longer', () => {
  const received = new Date('2026-06-10T09:00:00Z');
  expect(mayExtend(received, BERLIN, new Date('2026-07-10T21:59:59.999Z'))).toBe(true);
  expect(mayExtend(received, BERLIN, new Date('2026-07-10T22:00:00Z'))).toBe(false);
});

test('a period is years, months and days, and more than nothing', () => {
  expect(['P6Y', 'P90D', 'P1M', 'P1Y6M', 'P1Y2M3D'].filter((text) => !isPeriod(text))).toEqual([]);
  expect(['', 'P', 'P0D', 'P0Y0M', '6Y', 'P6', 'P-1Y', 'PT1H', 'P1D2Y', 'p6y', 'P6Y '].filter(isPeriod)).toEqual([]);
});

test.each([
  [
    'a time zone that is none',
    () => dueDate(new Date(), { timeZone: 'Mars/Base', holidays: [], months: 1 }),
    /timeZone/,
  ],
  ['a time that is none', () => dueDate(new Date('x'), { ...BERLIN, months: 1 }), /ISO 8601/],
  ['half a month', () => dueDate(new Date(), { ...BERLIN, months: 0.5 }), /months/],
  [
    'a pause without a time',
    () => due(new Date(), BERLIN, { months: 1, warnDays: 1, now: new Date(), pauses: [{ from: 'x', why: 'y' }] }),
    /ISO 8601/,
  ],
  [
    'a year of holidays',
    () =>
      dueDate(new Date(), {
        timeZone: 'UTC',
        months: 1,
        holidays: Array.from({ length: 366 }, (_, i) => new Date(Date.UTC(2024, 0, i + 1)).toISOString().slice(5, 10)),
      }),
    /more than 31 days off/,
  ],
])('%s is an error, never a date', (_, work, message) => {
  expect(work).toThrow(message);
});

describe('whatever the day, the zone and the holidays', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const instant = fc.date({ min: new Date('2015-01-01'), max: new Date('2045-01-01'), noInvalidDate: true });
  const day = fc.date({ min: new Date('2015-01-01'), max: new Date('2046-01-01'), noInvalidDate: true });
  const holidays = fc.array(
    day.map((d) => d.toISOString().slice(0, 10)),
    { maxLength: 40 },
  );
  const months = fc.constantFrom(1, 3);
  const DAY = 86_400_000;
  const daysOf = (date: string) => Date.parse(date) / DAY;

  test('the end is a working day, never before the same-numbered day and as soon after as can be', () => {
    fc.assert(
      fc.property(instant, zone, holidays, months, (received, timeZone, holidays, months) => {
        const end = dateIn(dueDate(received, { timeZone, holidays, months }), timeZone);
        const weekday = new Date(end).getUTCDay();
        expect(weekday).not.toBe(0);
        expect(weekday).not.toBe(6);
        expect(holidays).not.toContain(end);
        const [year = 0, month = 0, number = 0] = dateIn(received, timeZone).split('-').map(Number);
        const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
        const same = Date.UTC(year, month - 1 + months, Math.min(number, last)) / DAY;
        expect(daysOf(end)).toBeGreaterThanOrEqual(same);
        for (let d = same; d < daysOf(end); d += 1) {
          const off = new Date(d * DAY);
          expect([0, 6].includes(off.getUTCDay()) || holidays.includes(off.toISOString().slice(0, 10))).toBe(true);
        }
      }),
    );
  });

  test('the end is the last millisecond of its day', () => {
    fc.assert(
      fc.property(instant, zone, (received, timeZone) => {
        const end = dueDate(received, { timeZone, holidays: [], months: 1 });
        expect(dateIn(new Date(end.getTime() + 1), timeZone) > dateIn(end, timeZone)).toBe(true);
      }),
    );
  });

  test.each([
    'Europe/Berlin',
    'America/Santiago',
    'Africa/Cairo',
    'Asia/Beirut',
    'America/Havana',
    'Atlantic/Azores',
    'Australia/Lord_Howe',
  ])('so it is on every day of a year in %s, where the clocks change', (timeZone) => {
    for (let day = Date.UTC(2025, 11, 30); day < Date.UTC(2027, 0, 2); day += DAY) {
      const end = periodEnd(new Date(day), 'P1D', timeZone);
      const date = dateIn(end, timeZone);
      expect(daysOf(date)).toBe(daysOf(dateIn(new Date(day), timeZone)) + 1);
      expect(dateIn(new Date(end.getTime() + 1), timeZone) > date).toBe(true);
    }
  });

  test('the later a request comes, the later its end; pauses never make it earlier', () => {
    fc.assert(
      fc.property(
        instant,
        instant,
        zone,
        fc.array(fc.tuple(instant, instant), { maxLength: 5 }),
        (a, b, timeZone, spans) => {
          const [first, second] = a < b ? [a, b] : [b, a];
          const calendar = { timeZone, holidays: [] };
          expect(dueDate(first, { ...calendar, months: 1 }) <= dueDate(second, { ...calendar, months: 1 })).toBe(true);
          const pauses = spans.map(([from, to]) => ({ from: from.toISOString(), to: to.toISOString(), why: 'any' }));
          const { aim, paused } = due(first, calendar, { months: 1, warnDays: 7, pauses, now: second });
          expect(paused >= aim).toBe(true);
        },
      ),
    );
  });
});
