import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { type Path, parsePath, readPath, writePath } from '../../src/flow/path.ts';

function pathOf(text: string): Path {
  const reading = parsePath(text);
  if ('path' in reading) return reading.path;
  throw new Error(reading.problem);
}

function read(text: string, input: Json): Json | undefined {
  return readPath(pathOf(text), { input, context: () => ({ Execution: { Id: 'E' } }) });
}

const INPUT = { a: { b: [{ 'c d': 1 }, [2, 3]] }, 'x.y': 4, 'it\'s "': 5, Größe: 6, 'k-1': 7, nothing: null };

test.each([
  ['$', INPUT],
  ["$.a.b[0]['c d']", 1],
  ['$.a.b[0]["c d"]', 1],
  ['$.a.b[1][1]', 3],
  ["$['x.y']", 4],
  ['$.x\\.y', 4],
  ["$['it\\'s \"']", 5],
  ['$.Größe', 6],
  ['$.k-1', 7],
  ['$.nothing', null],
  ['$$.Execution.Id', 'E'],
  ['$.gone', undefined],
  ['$.a.b[2]', undefined],
  ['$.a.b.length', undefined],
  ['$.a[0]', undefined],
  ['$.constructor', undefined],
  ['$.a.b[0].__proto__', undefined],
] as [string, Json | undefined][])('%s is read', (text, expected) => {
  expect(read(text, INPUT)).toEqual(expected);
});

test.each([
  '',
  'a.b',
  '.a',
  '$.',
  '$..',
  '$...',
  '$a b',
  '$.a b',
  '$[',
  "$['a'",
  '$[a]',
  '$.a[]',
  '$$23',
  '()',
  '$.a.',
])('%j is no path', (text) => {
  const reading = parsePath(text);
  expect(reading).toHaveProperty('problem');
});

test.each(['$..a', '$.a[*]', '$.*', '$.a[1:2]', '$.a[-1]', '$.a[0,1]', '$.a[?(@.b==1)]', "$['a','b']"])(
  '%s may name more than one place, which is told where one is needed',
  (text) => {
    expect(parsePath(text)).toEqual({ problem: expect.stringContaining('may name more than one place') });
  },
);

test('a path of more than 1,000 characters is refused, however long it is', () => {
  expect(parsePath(`$.${'a'.repeat(998)}`)).toHaveProperty('path');
  for (const text of [`$.${'a'.repeat(999)}`, `$['${'a'.repeat(20_000_000)}']`, `$${'.a'.repeat(1_000_000)}`]) {
    expect(parsePath(text)).toEqual({ problem: 'a path has at most 1000 characters' });
  }
});

test('variables and calls are told apart from mistakes', () => {
  expect(parsePath('$count.by[0]')).toEqual({
    path: { text: '$count.by[0]', root: 'variable', steps: ['count', 'by', 0] },
  });
  expect(parsePath("States.Format('{}', $.a)")).toEqual({ problem: expect.stringContaining('calls a function') });
});

describe('writing', () => {
  test.each([
    ['$', { a: 1 }, 9],
    ['$.b', { a: 1 }, { a: 1, b: 9 }],
    ['$.a', { a: 1 }, { a: 9 }],
    ['$.b.c.d', { a: 1 }, { a: 1, b: { c: { d: 9 } } }],
    ['$.a[1]', { a: [1, 2] }, { a: [1, 9] }],
    ['$.a[1].b', { a: [1, {}] }, { a: [1, { b: 9 }] }],
  ] as [string, Json, Json][])('%s in %j', (path, input, expected) => {
    const before = JSON.stringify(input);
    expect(writePath(pathOf(path), input, 9)).toEqual(expected);
    expect(JSON.stringify(input)).toBe(before);
  });

  test.each([
    ['$.a.b', { a: 1 }],
    ['$.a.b', { a: null }],
    ['$.a', 'text'],
    ['$.a', [1]],
    ['$.a[2]', { a: [1, 2] }],
    ['$.a[0]', { a: {} }],
    ['$.b[0]', {}],
  ] as [string, Json][])('%s can not be put into %j: States.ResultPathMatchFailure', (path, input) => {
    expect(() => writePath(pathOf(path), input, 9)).toThrow(
      expect.objectContaining({ error: 'States.ResultPathMatchFailure' }),
    );
  });

  test('what was written at a path is read there, whatever the names are', () => {
    const names = fc.array(
      fc.string({ unit: 'grapheme' }).map((s) => s.replace(/['\\]/gu, '')),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(names, fc.jsonValue(), (steps, value) => {
        const text = `$${steps.map((step) => `['${step}']`).join('')}`;
        const written = writePath(pathOf(text), {}, value as Json);
        expect(JSON.stringify(read(text, written))).toBe(JSON.stringify(value));
      }),
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
