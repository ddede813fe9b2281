import { describe, expect, test } from 'vitest';
import {
  type Deployment,
  type DeploymentKind,
  partsOf,
  readShare,
  readSpan,
  ruling,
  saySpan,
  versionBefore,
} from '../../src/domain/deployment.ts';

const change = (kind: DeploymentKind, version: string, baseVersion: string | null = null): Deployment => ({
  name: 'f',
  number: 1,
  kind,
  version,
  baseVersion,
  canary: kind === 'canary' ? { percent: 10, watchMs: 1000, minTickets: 1 } : null,
  by: 'login/test',
  why: null,
  at: '2026-04-23T10:00:00.000Z',
});
const deploy = (version: string, base?: string) => change('deploy', version, base);
const back = (version: string, from: string) => change('rollback', version, from);

describe('what a rollback leads to', () => {
  test.each<[string, Deployment[], string | undefined]>([
    ['nothing deployed: nothing', [], undefined],
    ['the first, of which nobody knows what was before: nothing', [deploy('a')], undefined],
    ['the first: what the file said', [deploy('a', 'file')], 'file'],
    ['the same as the file: nothing', [deploy('a', 'a')], undefined],
    ['the third: the second', [deploy('a'), deploy('b', 'a'), deploy('c', 'b')], 'b'],
    ['after a rollback: one further back', [deploy('a'), deploy('b', 'a'), deploy('c', 'b'), back('b', 'c')], 'a'],
    ['all the way', [deploy('a'), deploy('b', 'a'), back('a', 'b')], undefined],
    [
      'a new one after a rollback: what was rolled back to',
      [deploy('a'), deploy('b', 'a'), back('a', 'b'), deploy('c', 'a')],
      'a',
    ],
    ['a canary: what it is compared with', [deploy('a'), change('canary', 'b', 'a')], 'a'],
    [
      'after a canary that went back: what was before all of it',
      [deploy('z'), deploy('a', 'z'), change('canary', 'b', 'a'), back('a', 'b')],
      'z',
    ],
    [
      'after a canary that went on: what it was compared with',
      [deploy('a'), change('canary', 'b', 'a'), change('promote', 'b', 'a')],
      'a',
    ],
    [
      'the first of all as a canary that went on',
      [change('canary', 'b', 'file'), change('promote', 'b', 'file')],
      'file',
    ],
  ])('%s', (_, history, expected) => {
    expect(versionBefore(history)).toBe(expected);
  });
});

test('of a canary, what it is compared with rules', () => {
  expect(ruling(change('canary', 'b', 'a'))).toBe('a');
  expect(ruling(change('promote', 'b', 'a'))).toBe('b');
});

test.each([
  ['10%', 10],
  ['1', 1],
  [' 99 % ', 99],
  ['100%', undefined],
  ['0%', undefined],
  ['0.5%', undefined],
  ['ten', undefined],
])('a share of %s', (text, expected) => {
  expect(readShare(text)).toBe(expected);
  if (expected !== undefined) expect(partsOf(expected)).toBe(expected * 100);
});

test.each([
  ['30m', 1_800_000, '30m'],
  ['90s', 90_000, '90s'],
  ['120 min', 7_200_000, '2h'],
  ['1d', 86_400_000, '1d'],
  ['31d', undefined, ''],
  ['0m', undefined, ''],
  ['30', undefined, ''],
  ['1w', undefined, ''],
])('a time of %s', (text, expected, said) => {
  expect(readSpan(text)).toBe(expected);
  if (expected !== undefined) expect(saySpan(expected)).toBe(said);
});
