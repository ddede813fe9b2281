import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { WEEKDAYS } from '../../src/domain/hours.ts';
import { quietHours, quietUntil } from '../../src/domain/quiet.ts';
import { quiet } from '../../src/schema/quiet.ts';

const ZONE = 'Europe/Berlin';
const at = (text: string, zone = ZONE) => DateTime.fromISO(text, { zone }).toMillis();
const said = (end: number | null) =>
  end && DateTime.fromMillis(end, { zone: ZONE }).toISO({ suppressSeconds: true, suppressMilliseconds: true });
const NIGHT = quietHours({ from: 22 * 60, to: 7 * 60, timeZone: ZONE, days: WEEKDAYS });

test.each([
  ['2026-11-25T21:59:59.999', null],
  ['2026-11-25T22:00', '2026-11-26T07:00+01:00'],
  ['2026-11-26T00:00', '2026-11-26T07:00+01:00'],
  ['2026-11-26T06:59:59.999', '2026-11-26T07:00+01:00'],
  ['2026-11-26T07:00', null],
  // Clocks go forward in this night, and back in that one: seven on the wall, all the same.
  ['2026-03-28T23:00', '2026-03-29T07:00+02:00'],
  ['2026-10-24T23:00', '2026-10-25T07:00+01:00'],
])('at %s it is quiet until %s', (when, until) => {
  expect(said(quietUntil(at(when), NIGHT))).toBe(until);
});

test('an end that the clocks skip is where the gap ends; one that is there twice is the first', () => {
  const until = (to: number) => quietHours({ from: 23 * 60, to, timeZone: ZONE, days: WEEKDAYS });
  expect(said(quietUntil(at('2026-03-29T01:00'), until(150)))).toBe('2026-03-29T03:30+02:00');
  expect(said(quietUntil(at('2026-10-25T01:00'), until(150)))).toBe('2026-10-25T02:30+02:00');
});

test('the recipient’s own clock counts', () => {
  const tokyo = { ...NIGHT, timeZone: 'Asia/Tokyo' };
  expect(quietUntil(at('2026-11-26T05:00', 'Asia/Tokyo'), tokyo)).toBe(at('2026-11-26T07:00', 'Asia/Tokyo'));
  expect(quietUntil(at('2026-11-26T12:00', 'Asia/Tokyo'), tokyo)).toBeNull();
});

test('by days: a whole weekend is one wait, and a Friday night ends on Saturday', () => {
  const weekend = quietHours({ from: 0, to: 1440, timeZone: ZONE, days: ['saturday', 'sunday'] });
  expect(said(quietUntil(at('2026-11-28T00:00'), weekend))).toBe('2026-11-30T00:00+01:00');
  expect(quietUntil(at('2026-11-27T23:59'), weekend)).toBeNull();
  const friday = quietHours({ from: 1320, to: 600, timeZone: ZONE, days: ['friday'] });
  expect(said(quietUntil(at('2026-11-28T09:00'), friday))).toBe('2026-11-28T10:00+01:00');
  expect(quietUntil(at('2026-11-28T22:30'), friday)).toBeNull();
});

describe('the file', () => {
  const given = { from: '22:00', to: '07:00', timeZone: ZONE };
  test('says from, to and where', () => {
    expect(quiet.parse(given)).toEqual(NIGHT);
  });
  test.each([
    [{ ...given, from: 79_200 }, 'a time of day in quotes'],
    [{ ...given, to: '25:00' }, 'a time of day in quotes'],
    [{ ...given, to: '22:00' }, 'another time than from'],
    [{ ...given, timeZone: 'Berlin' }, 'a time zone such as'],
    [{ ...given, days: [] }, 'at least one day'],
    [{ ...given, days: ['Friday'] }, 'one of sunday'],
    [{ ...given, from: '00:00', to: '24:00' }, 'not every hour of every day'],
    [{ ...given, until: '07:00' }, 'from, to, timeZone, days, and nothing else'],
  ])('%j is refused with the mend', (wrong, mend) => {
    expect(
      quiet
        .safeParse(wrong)
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toContain(mend);
  });
});
