import { expect, test } from 'vitest';
import type { Mismatch } from '../../src/domain/measure.ts';
import { differencesOf } from '../../src/domain/measure.ts';
import { measuredAt, monthBefore, spanOf } from '../../src/domain/month.ts';
import { type Ended, reconcile, type WorkflowEnd } from '../../src/domain/reconcile.ts';
import { saySeconds } from '../../src/domain/words.ts';

const SPAN = spanOf('2026-10', 'Europe/Berlin');
const IN = new Date('2026-10-10T12:00:00Z');
const ALL = ['requested', 'decided', 'shredIntent', 'shred', 'lookAtOnce', 'erased', 'lookLater', 'ended'].map(
  (what) => `erasure.${what}`,
);
const row = { endedAt: IN, erasedAt: IN, outcome: 'erased' } as const;
const whole: Ended = { requestId: 'ERA-1', row, logged: ALL, loggedOutcome: 'erased' };
const done: WorkflowEnd = { requestId: 'ERA-1', status: 'completed', outcome: 'erased' };

function found(
  ended: Ended,
  workflow: WorkflowEnd | null,
  more: { forgotten?: boolean; earlier?: Mismatch[]; lookAgainDays?: number } = {},
) {
  const seen = {
    ended: [ended],
    workflows: workflow ? [workflow] : [],
    forgottenBefore: more.forgotten ? new Date('2026-12-01') : new Date('2026-09-01'),
    earlier: more.earlier ?? [],
    lookAgainDays: more.lookAgainDays,
  };
  const { mismatches, workflows } = reconcile(seen, SPAN);
  return { said: mismatches.map((one) => `${one.with}: ${one.what}`), ...workflows };
}

test('an erasure of which database, log and workflow say the same is no mismatch', () => {
  expect(found(whole, done)).toEqual({ said: [], compared: 1, forgotten: 0 });
});

test.each<[string, Ended, WorkflowEnd | null]>([
  ['log: no entry erasure.shred', { ...whole, logged: ALL.filter((a) => a !== 'erasure.shred') }, done],
  ['log: the log says refused, the database erased', { ...whole, loggedOutcome: 'refused' }, done],
  [
    'log: the log has its end, the database not',
    { ...whole, row: { ...row, endedAt: null, outcome: null } },
    { ...done, status: 'running', outcome: null },
  ],
  ['workflow: the request ended, and the server knows no workflow of it', whole, { ...done, status: 'absent' }],
  ['workflow: the request ended, the workflow still runs', whole, { ...done, status: 'running' }],
  ['workflow: the workflow ended as terminated, the request as erased', whole, { ...done, status: 'terminated' }],
  ['workflow: the workflow ended as refused, the database says erased', whole, { ...done, outcome: 'refused' }],
  [
    'workflow: the workflow ended as erased, the database has no such request',
    { ...whole, row: null, logged: [], loggedOutcome: null },
    done,
  ],
  [
    'workflow: the workflow ended as timed out, the request did not end',
    { requestId: 'ERA-1', row: { endedAt: null, erasedAt: null, outcome: null }, logged: [], loggedOutcome: null },
    { ...done, status: 'timedOut', outcome: null },
  ],
])('%s', (words, ended, workflow) => {
  expect(found(ended, workflow).said).toEqual([words]);
});

test.each(['lookAtOnce', 'lookLater'])(
  'an erasure that ended and was never looked for again by %s is a mismatch',
  (look) => {
    const logged = ALL.filter((action) => action !== `erasure.${look}`);
    expect(found({ ...whole, logged }, done).said).toEqual([`log: no entry erasure.${look}`]);
  },
);

test('the second look is missed once its window is over, also of a request that does not end, and not before', () => {
  const logged = ALL.filter((action) => !/lookLater|ended/.test(action));
  const said = (erasedAt: string, lookAgainDays?: number, endedAt: Date | null = null) => {
    const open = { endedAt, erasedAt: new Date(erasedAt), outcome: null };
    const more = lookAgainDays === undefined ? {} : { lookAgainDays };
    return found({ ...whole, row: open, logged, loggedOutcome: null }, null, more).said;
  };
  const missing = ['log: no entry erasure.lookLater'];
  expect(said('2026-09-28T12:00:00Z', 30)).toEqual(missing);
  // It ended in the next month: too late for this one's figures.
  expect(said('2026-09-28T12:00:00Z', 30, new Date('2026-11-05T12:00:00Z'))).toEqual(missing);
  // It may be late by a day, since what got stuck is tried again.
  expect(said('2026-10-01T12:00:00Z', 30)).toEqual([]);
  expect(said('2026-10-15T12:00:00Z', 30)).toEqual([]);
  // A report from before this was checked is measured again as it was.
  expect(said('2026-09-28T12:00:00Z')).toEqual([]);
});

test('a request that was never written down, and one that another took over, are as they should be', () => {
  const nothing = { requestId: 'ERA-1', row: null, logged: [], loggedOutcome: null };
  expect(found(nothing, { ...done, outcome: 'abandoned' }).said).toEqual([]);
  const restored = { ...whole, logged: ['erasure.reapplied', 'erasure.erased', 'erasure.ended'] };
  expect(found(restored, { ...done, status: 'absent', outcome: null }).said).toEqual([]);
  const left = { ...whole, row: { endedAt: IN, erasedAt: null, outcome: 'abandoned' as const }, logged: [] };
  expect(found({ ...left, loggedOutcome: null }, { ...done, status: 'terminated', outcome: null }).said).toEqual([]);
});

test('what a night mends after the month changes nothing of what the month saw', () => {
  const open = { endedAt: null, erasedAt: null, outcome: null };
  const of = (row: Ended['row'], workflow: Partial<WorkflowEnd>) =>
    found({ requestId: 'ERA-1', row, logged: [], loggedOutcome: null }, { ...done, outcome: null, ...workflow }).said;
  const words = 'workflow: the workflow ended as terminated, the request did not end';
  const abandoned = (endedAt: Date) => ({ ...open, endedAt, outcome: 'abandoned' as const });
  expect(of(open, { status: 'terminated' })).toEqual([words]);
  expect(of(abandoned(SPAN.to), { status: 'terminated' })).toEqual([words]);
  expect(of(abandoned(new Date(SPAN.to.getTime() - 1)), { status: 'terminated' })).toEqual([]);
  // Begun anew, and at its end in the month after.
  const mended = { endedAt: SPAN.to, erasedAt: SPAN.to, outcome: 'erased' as const };
  expect(of(mended, { status: 'terminated' })).toEqual([words]);
  expect(of(mended, { status: 'running' })).toEqual([]);
  const unended = 'workflow: the workflow ended as erased, the request did not';
  expect(of(open, { outcome: 'erased' })).toEqual([unended]);
  expect(of(abandoned(SPAN.to), { outcome: 'erased' })).toEqual([unended]);
});

test('what the server has forgotten by its own rule is no mismatch, and what was said of it still stands', () => {
  const absent = { ...done, status: 'absent' as const, outcome: null };
  expect(found(whole, absent, { forgotten: true })).toEqual({ said: [], compared: 0, forgotten: 1 });
  const earlier = [
    { requestId: 'ERA-1', with: 'workflow' as const, what: 'the request ended, the workflow still runs' },
  ];
  expect(found(whole, absent, { forgotten: true, earlier }).said).toEqual([`workflow: ${earlier[0]?.what}`]);
  expect(found(whole, null, { forgotten: true, earlier }).said).toEqual([`workflow: ${earlier[0]?.what}`]);
  expect(found(whole, null, { earlier }).said).toEqual([]);
  const ofWorkflow = [{ ...earlier[0], requestId: 'ERA-2' } as Mismatch];
  expect(found(whole, absent, { forgotten: true, earlier: ofWorkflow }).said).toHaveLength(1);
});

test('the month is the one before, in the controller’s zone', () => {
  expect(monthBefore(new Date('2026-12-01T00:10:00+01:00'), 'Europe/Berlin')).toBe('2026-11');
  expect(monthBefore(new Date('2026-11-30T23:30:00+01:00'), 'Europe/Berlin')).toBe('2026-10');
  expect(monthBefore(new Date('2027-01-15T00:00:00Z'), 'Asia/Tokyo')).toBe('2026-12');
  expect(measuredAt('2026-10', 'Europe/Berlin').toISOString()).toBe('2026-10-31T23:10:00.000Z');
});

test('a difference is named by its path, with what was and what is', () => {
  expect(differencesOf({ a: { b: 1, c: [1] }, d: null }, { a: { b: 2, c: [1] }, e: 'x' })).toEqual([
    { figure: 'a.b', was: '1', is: '2' },
    { figure: 'd', was: 'null', is: 'nothing' },
    { figure: 'e', was: 'nothing', is: '"x"' },
  ]);
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [125, '2 min 5 s'],
  [7_260, '2 h 1 min'],
  [86_400 * 3, '3 d'],
  [86_400 * 20 + 36_000 + 61, '20 d 10 h'],
])('%d seconds are %s', (seconds, words) => expect(saySeconds(seconds)).toBe(words));
