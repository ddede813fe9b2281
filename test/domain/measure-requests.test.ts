import { expect, test } from 'vitest';
import { ERASURE_OUTCOMES } from '../../src/domain/erase.ts';
import { measureRequests, type RequestFacts } from '../../src/domain/measure-requests.ts';
import { spanOf } from '../../src/domain/month.ts';

const CALENDAR = { timeZone: 'Europe/Berlin', holidays: [] };
const OCTOBER = spanOf('2026-10', CALENDAR.timeZone);
const MONTHS = ['2026-08', '2026-09', '2026-10', '2026-11', '2026-12'];

const moved = (at: Date, ms: number) => new Date(at.getTime() + ms);
/** Received a month before it is due, and proved at once. */
function request(dueAt: Date, more: Partial<RequestFacts> = {}): RequestFacts {
  const receivedAt = moved(dueAt, -31 * 86_400_000);
  return {
    id: 'ERA-1',
    receivedAt,
    provedAt: receivedAt,
    dueAt,
    extendedTo: null,
    erasedAt: null,
    endedAt: null,
    outcome: null,
    decision: null,
    refusedByOfficer: false,
    ...more,
  };
}

test.each(ERASURE_OUTCOMES)('a request that ended as %s is counted once', (outcome) => {
  const at = new Date('2026-10-10T12:00:00Z');
  const isErased = outcome === 'erased' || outcome === 'partlyErased';
  const one = request(moved(at, 86_400_000), { endedAt: at, outcome, ...(isErased ? { erasedAt: at } : {}) });
  const counted = { ...CALENDAR, withdrawnCounted: true } as const;
  const { received: _, open, overdue, ...ends } = measureRequests([one], OCTOBER, counted).requests;
  expect({ sum: Object.values(ends).reduce((sum, n) => sum + n, 0), open, overdue }).toEqual({
    sum: 1,
    open: 0,
    overdue: 0,
  });
});

test('what was withdrawn is a figure where there is any, and not of a report from before it was counted', () => {
  const withdrawn = request(OCTOBER.to, { endedAt: OCTOBER.from, outcome: 'withdrawn' });
  const figures = (calendar: Parameters<typeof measureRequests>[2], one = withdrawn) =>
    measureRequests([one], OCTOBER, calendar).requests;
  expect(figures({ ...CALENDAR, withdrawnCounted: true })).toMatchObject({ withdrawn: 1 });
  expect(figures(CALENDAR)).not.toHaveProperty('withdrawn');
  expect(figures({ ...CALENDAR, withdrawnCounted: true }, request(OCTOBER.to))).not.toHaveProperty('withdrawn');
});

/** The months whose report calls it late. */
function lateIn(one: RequestFacts): string[] {
  const isLate = (month: string) =>
    measureRequests([one], spanOf(month, CALENDAR.timeZone), CALENDAR).late.byAim.length > 0;
  return MONTHS.filter(isLate);
}

test.each([
  ['a moment before October', moved(OCTOBER.from, -1), '2026-09'],
  ['the first of October', OCTOBER.from, '2026-10'],
  ['the last of October', moved(OCTOBER.to, -1), '2026-10'],
  ['a moment after October', OCTOBER.to, '2026-11'],
])('who was due at %s and has no answer is late in that month alone', (_, dueAt, month) => {
  expect(lateIn(request(dueAt))).toEqual([month]);
  // An extension moves it, whatever the first day was.
  expect(lateIn(request(moved(OCTOBER.from, -40 * 86_400_000), { extendedTo: dueAt }))).toEqual([month]);
});

test('an answer at the last instant is in time, and a moment later it is late; of any kind', () => {
  const dueAt = new Date('2026-10-20T21:59:59.999Z');
  const late = moved(dueAt, 1);
  expect(lateIn(request(dueAt, { erasedAt: dueAt, endedAt: moved(dueAt, 86_400_000) }))).toEqual([]);
  expect(lateIn(request(dueAt, { endedAt: dueAt, outcome: 'refused' }))).toEqual([]);
  expect(lateIn(request(dueAt, { erasedAt: late }))).toEqual(['2026-10']);
  expect(lateIn(request(dueAt, { endedAt: late, outcome: 'refused' }))).toEqual(['2026-10']);
});

test('who is late is told with the day and the answer, as far as the month knows of one', () => {
  const dueAt = new Date('2026-10-20T21:59:59.999Z');
  const told = (erasedAt: Date | null) => measureRequests([request(dueAt, { erasedAt })], OCTOBER, CALENDAR).late.byAim;
  const entry = { requestId: 'ERA-1', dueAt: dueAt.toISOString() };
  expect(told(null)).toEqual([{ ...entry, answeredAt: null }]);
  expect(told(new Date('2026-10-22'))).toEqual([{ ...entry, answeredAt: '2026-10-22T00:00:00.000Z' }]);
  expect(told(OCTOBER.to)).toEqual([{ ...entry, answeredAt: null }]);
});

test('an open request is overdue from the moment after its last day', () => {
  const figures = (dueAt: Date) => measureRequests([request(dueAt)], OCTOBER, CALENDAR).requests;
  expect(figures(moved(OCTOBER.to, -1))).toMatchObject({ open: 1, overdue: 1 });
  expect(figures(OCTOBER.to)).toMatchObject({ open: 1, overdue: 0 });
});
