import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHolidayFile } from '../../src/adapters/holiday-file.ts';
import { readSlaRules } from '../../src/adapters/sla-policy.ts';
import { emptyDirectory, testFile } from '../support/files.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const OURS = 'policies/sla.yaml';

describe('the policy that comes with the project', () => {
  test('is in order: urgent tickets of premium customers around the clock, others in office hours', async () => {
    const { policies, calendars } = await readSlaRules(OURS, NOW);
    expect(policies.map(({ name, calendar, targets }) => [name, calendar, targets.firstResponse])).toEqual([
      ['premium, urgent', 'always', 3_600_000],
      ['standard', 'office', 8 * 3_600_000],
    ]);
    expect(calendars.office).toMatchObject({ timeZone: 'Europe/Berlin', week: { monday: [[540, 1020]] } });
  });

  test('has the same version as long as it says the same', async () => {
    const one = { policies: [{ name: 'a', firstResponse: '60 min' }] };
    const version = async (content: unknown) => (await readSlaRules(testFile('sla.yaml', content), NOW)).version;
    expect(await version(one)).toBe(await version({ policies: [{ name: 'a', firstResponse: '1 h', warnAt: '75%' }] }));
    expect(await version(one)).not.toBe(await version({ policies: [{ name: 'a', firstResponse: '61 min' }] }));
  });
});

const calendar = (more: object = {}) => ({
  office: { timeZone: 'Europe/Berlin', week: { monday: ['09:00-17:00'] }, ...more },
});
const wrong: readonly (readonly [what: string, file: object, field: string, said: string])[] = [
  [
    'a zone that is none',
    { calendars: calendar({ timeZone: 'Europe/Berln' }) },
    'calendars.office.timeZone',
    'Europe/Berlin',
  ],
  [
    'hours past midnight',
    { calendars: calendar({ week: { monday: ['22:00-02:00'] } }) },
    'calendars.office.week.monday.0',
    'two slots',
  ],
  [
    'hours over each other',
    { calendars: calendar({ week: { monday: ['09:00-12:00', '11:00-13:00'] } }) },
    'calendars.office.week.monday.1',
    'in order',
  ],
  ['a day that is none', { calendars: calendar({ week: { mon: [] } }) }, 'calendars.office.week.mon', 'monday'],
  ['no hours at all', { calendars: calendar({ week: {} }) }, 'calendars.office.week', 'no deadline would ever come'],
  [
    'a holiday that is none',
    { calendars: calendar({ holidays: ['2026-02-30'] }) },
    'calendars.office.holidays.0',
    '2026-04-03',
  ],
  ['an amount in words', { policies: [{ name: 'a', resolution: 'two days' }] }, 'policies.0.resolution', '30 min'],
  ['no amount', { policies: [{ name: 'a', resolution: '0 h' }] }, 'policies.0.resolution', '30 min'],
  ['a share of all', { policies: [{ name: 'a', warnAt: '100%' }] }, 'policies.0.warnAt', '75%'],
  [
    'a priority that is none',
    { policies: [{ name: 'a', when: { priority: 'URGENT' } }] },
    'policies.0.when.priority',
    'HIGH or MEDIUM',
  ],
  [
    'a condition that is none',
    { policies: [{ name: 'a', when: { mood: 'bad' } }] },
    'policies.0.when.mood',
    'priority, tier, route, channel',
  ],
  [
    'a pause in the end',
    { policies: [{ name: 'a', pausedIn: ['solved'] }] },
    'policies.0.pausedIn.0',
    'waitingForCustomer',
  ],
  [
    'a calendar that is not there',
    { policies: [{ name: 'a', calendar: 'moon' }] },
    'policies.0.calendar',
    'there are always',
  ],
  ['a name twice', { policies: [{ name: 'a', when: { tier: 'x' } }, { name: 'a' }] }, 'policies.1.name', 'twice'],
  [
    'an answer due after the solution',
    { policies: [{ name: 'a', firstResponse: '2 h', resolution: '1 h' }] },
    'policies.0.firstResponse',
    'later than resolution',
  ],
  [
    'a policy that never holds',
    {
      policies: [
        { name: 'a', when: { tier: ['x', 'y'] } },
        { name: 'b', when: { tier: 'x', route: 'bot' } },
      ],
    },
    'policies.1',
    '"a" above it',
  ],
  ['a word too many', { policies: [{ name: 'a', firstReply: '1 h' }] }, 'policies.0.firstReply', 'firstResponse'],
];
test.each(wrong)('%s is refused, by field and mend', async (_, file, field, said) => {
  const reading = readSlaRules(testFile('sla.yaml', { policies: [], ...file }), NOW);
  await expect(reading).rejects.toMatchObject({
    code: 'InvalidPolicy',
    problems: [{ field, message: expect.stringContaining(said) }],
  });
});

test('all that is wrong is named at once', async () => {
  const file = { policies: [{ name: 'a', resolution: 'x', warnAt: 'y' }, { calendar: 'z' }] };
  await expect(readSlaRules(testFile('sla.yaml', file), NOW)).rejects.toMatchObject({
    problems: [
      { field: 'policies.0.resolution' },
      { field: 'policies.0.warnAt' },
      { field: 'policies.1.name' },
      { field: 'policies.1.calendar' },
      { field: 'policies.1' },
    ],
  });
});

describe('a calendar of holidays', () => {
  const ics = (...events: string[]) =>
    [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//test//EN',
      ...events.map((event) => `BEGIN:VEVENT\nUID:${event.length}\n${event}\nEND:VEVENT`),
      'END:VCALENDAR',
      '',
    ]
      .join('\r\n')
      .replaceAll(/\r?\n/g, '\r\n');
  const file = (text: string) => {
    const path = join(emptyDirectory(), 'holidays.ics');
    writeFileSync(path, text);
    return path;
  };

  test('gives its all-day events, those of several days and those of every year too', async () => {
    const path = file(
      ics(
        'DTSTART;VALUE=DATE:20270326\nDTEND;VALUE=DATE:20270327\nSUMMARY:Good Friday',
        'DTSTART;VALUE=DATE:20261228\nDTEND;VALUE=DATE:20261231\nSUMMARY:Closed',
        'DTSTART;VALUE=DATE:20200501\nRRULE:FREQ=YEARLY\nSUMMARY:Labour Day',
        'DTSTART:20261130T090000Z\nDTEND:20261130T100000Z\nSUMMARY:A meeting',
        'DTSTART;VALUE=DATE:20190101\nSUMMARY:Long ago',
      ),
    );
    expect(await readHolidayFile(path, NOW)).toEqual([
      '2025-05-01',
      '2026-05-01',
      '2026-12-28',
      '2026-12-29',
      '2026-12-30',
      '2027-03-26',
      '2027-05-01',
      '2028-05-01',
      '2029-05-01',
      '2030-05-01',
      '2031-05-01',
      '2032-05-01',
    ]);
  });

  test('counts beside the days that the policy itself names', async () => {
    const holidays = file(ics('DTSTART;VALUE=DATE:20270326\nSUMMARY:Good Friday'));
    const path = join(dirname(holidays), 'sla.yaml');
    writeFileSync(
      path,
      JSON.stringify({ calendars: calendar({ holidays: ['12-25'], holidayFile: 'holidays.ics' }), policies: [] }),
    );
    expect((await readSlaRules(path, NOW)).calendars.office).toMatchObject({ holidays: ['12-25', '2027-03-26'] });
  });

  test.each([
    ['is not there', undefined, "can't be read"],
    ['is something else', '{"holidays": []}', 'is no iCalendar file'],
    ['has no holidays', ics('DTSTART:20261130T090000Z\nDTEND:20261130T100000Z\nSUMMARY:A meeting'), 'no all-day event'],
    ['never ends', ics('DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY\nSUMMARY:Always'), 'more than 500 days off'],
  ])('that %s is refused', async (_, text, said) => {
    const path = text === undefined ? join(emptyDirectory(), 'none.ics') : file(text);
    await expect(readHolidayFile(path, NOW)).rejects.toMatchObject({
      code: 'InvalidPolicy',
      message: expect.stringContaining(said),
    });
  });
});
