import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHolidayFile } from '../../src/adapters/holiday-file.ts';
import { emptyDirectory } from '../support/files.ts';

const NOW = new Date('2026-11-25T12:00:00Z');

/** A file of calendars, each of events as their lines say. */
function file(...calendars: readonly (readonly string[])[]): string {
  const path = join(emptyDirectory(), 'holidays.ics');
  const lines = calendars.flatMap((events) => [
    'BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN',
    ...events.map((event) => `BEGIN:VEVENT\nUID:day\n${event}\nEND:VEVENT`),
    'END:VCALENDAR\n',
  ]);
  writeFileSync(path, lines.join('\n').replaceAll('\n', '\r\n'));
  return path;
}
const YEARLY = 'DTSTART;VALUE=DATE:20290605\nRRULE:FREQ=YEARLY';

const right: readonly (readonly [what: string, events: readonly string[], days: readonly string[]])[] = [
  [
    'one that was moved in a year counts where it was moved to',
    [YEARLY, 'RECURRENCE-ID;VALUE=DATE:20300605\nDTSTART;VALUE=DATE:20300607'],
    ['2029-06-05', '2030-06-07', '2031-06-05', '2032-06-05'],
  ],
  [
    'one that was cancelled in a year is none there',
    [YEARLY, 'RECURRENCE-ID;VALUE=DATE:20300605\nDTSTART;VALUE=DATE:20300605\nSTATUS:CANCELLED'],
    ['2029-06-05', '2031-06-05', '2032-06-05'],
  ],
  [
    'one that was cancelled altogether is none',
    [`${YEARLY}\nSTATUS:CANCELLED`, 'DTSTART;VALUE=DATE:20270105\nSTATUS:CONFIRMED'],
    ['2027-01-05'],
  ],
  [
    'those that are left out are none, as dates and as times, and further ones count',
    [`${YEARLY}\nEXDATE;VALUE=DATE:20300605\nEXDATE:20310605T000000\nRDATE;VALUE=DATE:20300608`],
    ['2029-06-05', '2030-06-08', '2032-06-05'],
  ],
  [
    'the first day counts beside further ones without a rule',
    ['DTSTART;VALUE=DATE:20270605\nRDATE;VALUE=DATE:20270608,20280609'],
    ['2027-06-05', '2027-06-08', '2028-06-09'],
  ],
  [
    'the 29th of February comes in leap years alone',
    ['DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY'],
    ['2028-02-29', '2032-02-29'],
  ],
  [
    'the last Monday of May is found',
    ['DTSTART;VALUE=DATE:20300527\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO'],
    ['2030-05-27', '2031-05-26', '2032-05-31'],
  ],
];
test.each(right)('of days off, %s', async (_, events, days) => {
  expect(await readHolidayFile(file(events), NOW)).toEqual(days);
});

test('two calendars in one file are read both', async () => {
  const path = file(['DTSTART;VALUE=DATE:20270605'], ['DTSTART;VALUE=DATE:20270606']);
  expect(await readHolidayFile(path, NOW)).toEqual(['2027-06-05', '2027-06-06']);
});

test.each([
  [
    'comes on no day at all',
    'DTSTART;VALUE=DATE:20260228\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'no all-day event',
  ],
  [
    'is on a 30th of February',
    'DTSTART;VALUE=DATE:20260228\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'no all-day event',
  ],
  ['comes each second', 'DTSTART;VALUE=DATE:20260228\nRRULE:FREQ=SECONDLY', 'expected YEARLY, MONTHLY'],
  ['comes each day since long ago', 'DTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY', 'since 1900-01-01'],
  ['has no day', 'SUMMARY:Some day', 'without a DTSTART'],
  ['is a date that says to be a time', 'DTSTART:20270605', 'is not in order: invalid date-time'],
])('a file whose event %s is refused by its name, and holds nothing up', async (_, event, said) => {
  await expect(readHolidayFile(file([event]), NOW)).rejects.toMatchObject({
    code: 'InvalidPolicy',
    message: expect.stringMatching(new RegExp(`holidays\\.ics: .*${said}`)),
  });
});
