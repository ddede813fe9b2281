import { expect, test } from 'vitest';
import { acknowledge, beginPath, called, dueOf, lapsed, type PathRules, type PathRun } from '../../src/domain/path.ts';
import { type Path, withPage } from '../../src/domain/path-follow.ts';

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
