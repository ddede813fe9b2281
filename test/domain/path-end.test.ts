import { expect, test } from 'vitest';
import {
  acknowledge,
  beginPath,
  called,
  dueOf,
  lapsed,
  nextTurn,
  type PathRules,
  type PathRun,
  paged,
  putOff,
} from '../../src/domain/path.ts';
import { type Path, withPage } from '../../src/domain/path-follow.ts';
import { sayPath } from '../../src/domain/path-words.ts';

const MIN = 60_000;
const level = { call: [{ kind: 'admins' }], hours: 'any', nobody: 'next', waitMs: 10 * MIN } as const;
const levels = [
  { ...level, repeat: 0 },
  { ...level, repeat: 1 },
];
const rules: PathRules = {
  version: '0',
  calendars: {},
  paths: [{ name: 'urgent', when: {}, firstMs: 5 * MIN, leaseMs: 30 * MIN, levels, page: null }],
};

test('each time that an acknowledgement runs out at the end of a path without PagerDuty, the last level is called as often as it says', () => {
  let run = beginPath(rules, '1.1', { priority: null, tier: null, given: false }, 0) as PathRun;
  let at = 0;
  const numbers: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (let due = dueOf(run, rules, at); due?.kind === 'call'; due = dueOf(run, rules, at)) {
      numbers.push(`${due.level + 1}.${due.number}`);
      run = called(run, rules, due, { called: round === 2 ? [] : ['ana'], opensAt: null }, at);
      at += 10 * MIN;
    }
    run = lapsed(acknowledge(run, rules, 'ana', at), rules, at + 30 * MIN);
    at += 30 * MIN;
  }
  // Where nobody is there, a level is used up at once.
  expect(numbers).toEqual(['1.1', '2.1', '2.2', '2.3', '2.4', '2.5']);
  expect(dueOf(run, rules, at)).toMatchObject({ kind: 'call', level: 1 });
});

const paging = (pageRepeat?: number): PathRules => ({
  ...rules,
  paths: rules.paths.map((path) => ({
    ...path,
    page: 'critical',
    ...(pageRepeat === undefined ? {} : { pageRepeat }),
  })),
});
const atItsEnd = (given: PathRules, at: number): PathRun =>
  paged(beginPath(given, '1.1', { priority: null, tier: null, given: false }, 0) as PathRun, given, at);

test('a page that nobody answers here is repeated after each lease, as often as the path says', () => {
  const twice = paging(2);
  let run = atItsEnd(twice, 45 * MIN);
  const at: number[] = [];
  // What was said to PagerDuty alone is not heard.
  for (let next = nextTurn(run); next !== null; next = nextTurn(run)) {
    expect(dueOf(run, twice, next - 1)).toBeNull();
    expect(dueOf(run, twice, next)).toEqual({ kind: 'page', severity: 'critical', number: run.pages + 1 });
    at.push(next / MIN);
    run = paged(run, twice, next);
  }
  expect(at).toEqual([75, 105]);
  // Rules from before say nothing of it.
  expect(nextTurn(atItsEnd(paging(), 0))).toBeNull();
});

test('who takes the ticket after a page has it for the length of a lease; then pages are counted anew', () => {
  const once = paging(1);
  const held = acknowledge(paged(atItsEnd(once, 0), once, 30 * MIN), once, 'ana', 40 * MIN);
  expect(nextTurn(held)).toBe(70 * MIN);
  const third = paged(lapsed(held, once, 70 * MIN), once, 70 * MIN);
  expect(dueOf(third, once, 100 * MIN)).toEqual({ kind: 'page', severity: 'critical', number: 4 });
  // A snooze puts off the next page as it does a call.
  expect(nextTurn(putOff(third, 120 * MIN))).toBe(120 * MIN);
  expect(nextTurn(paged(third, once, 100 * MIN))).toBeNull();
});

test('at its end it says whether PagerDuty is called again, and when', () => {
  const said = (run: PathRun) => sayPath({ rules: paging(1), run, runs: 1, pages: [] });
  const first = atItsEnd(paging(1), 0);
  expect(said(first)).toBe('"urgent": at its end, PagerDuty was called, and is again 1970-01-01 00:30 UTC');
  expect(said(paged(first, paging(1), 30 * MIN))).toBe('"urgent": at its end, PagerDuty was called');
});

test('a page goes before what PagerDuty is to know of other runs, and behind the earlier pages of its own', () => {
  const page = (run: string, number: number) =>
    ({ run, path: 'urgent', number, severity: 'critical', told: 'trigger' }) as const;
  const path: Path = { rules, run: null, runs: 3, pages: [page('1.2', 1), page('1.1', 1)] };
  expect(withPage(path, page('1.2', 2)).pages.map(({ run, number }) => `${run}: ${number}`)).toEqual([
    '1.2: 1',
    '1.2: 2',
    '1.1: 1',
  ]);
  expect(withPage(path, page('1.3', 1)).pages.map(({ run }) => run)).toEqual(['1.3', '1.2', '1.1']);
});
