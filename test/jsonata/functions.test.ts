import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { LIBRARY, OWN } from '../../src/jsonata/names.ts';
import { evaluate, failed, made, NOW, options } from './support.ts';

// What AWS documents of the functions that Step Functions adds, and recordings of it; hashes by sha1sum and its like.
test.each([
  [
    '$partition([1,2,3,4], 2)',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['$partition([1..9], 4)', [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
  ['$partition([0], 1)', [[0]]],
  ['$partition([0], 5)', [[0]]],
  ['$partition([0,1], 3)', [[0, 1]]],
  ['$partition([1..3], 2.9)', [[1, 2], [3]]],
  ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
  ['$range(0, 9, 3)', [0, 3, 6, 9]],
  ['$range(0, 10, 3)', [0, 3, 6, 9]],
  ['$range(3, 1, -1)', [3, 2, 1]],
  ['$range(-1.7, 1, 1)', [-1, 0, 1]],
  ['$range(4, 4, 1)', 4],
  ["$hash('input data', 'SHA-1')", 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
  ["$hash('abc', 'MD5')", '900150983cd24fb0d6963f7d28e17f72'],
  ["$hash('abc', 'SHA-256')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ["$length($hash('abc', 'SHA-384'))", 96],
  ["$length($hash('é', 'SHA-512'))", 128],
  ['$parse(\'{"a": [1, null, "x"]}\')', { a: [1, null, 'x'] }],
  ["$parse('3.5') + 1", 4.5],
  ['$uuid()', '07070707-0707-4707-b707-070707070707'],
  ['$now()', '2026-04-23T10:00:00.000Z'],
  ["$now('[Y]/[M01]')", '2026/04'],
  ['$millis()', NOW],
  ['$random() < 1 and $random() >= 0', true],
  ['$random(5) = $random(5)', true],
  ['$random(5) = $random(6)', false],
  // A function given in part does not check its arguments; a list is searched as its text, as far as the library goes on in it.
  ['$count($match(?, /\\d/)([5, 1, 5, 3]))', 3],
] as [string, Json][])('%s', async (expression, expected) => {
  expect(await made(expression)).toEqual(expected);
});

test.each([
  '$partition([], 2)',
  '$partition([1], 0)',
  '$range(0, 5, 0)',
  '$range(0, 5, -1)',
  '$range(0, 5)',
  "$hash('abc')",
])('%s is nothing', async (expression) => {
  expect((await failed(expression)).cause).toContain('returned nothing (undefined)');
});

test.each([
  ["$hash('abc', 'sha-1')", 'must be MD5, SHA-1, SHA-256, SHA-384, SHA-512'],
  ["$parse('{')", 'is no JSON'],
  ["$eval('1')", '$eval is not supported; $parse reads JSON'],
  ["$partition('a', 'b')", 'T0410'],
])('%s is refused', async (expression, expected) => {
  expect((await failed(expression)).cause).toContain(expected);
});

test('chance and clock are those that were passed in', async () => {
  let drawn = 0;
  const draw = () => new Uint8Array(32).fill(++drawn);
  const fields = { ids: ['{% $uuid() %}', '{% $uuid() %}'], order: '{% $shuffle([1..50]) %}', at: '{% $millis() %}' };
  const [first, other] = [await evaluate(fields, { states: {} }, { now: 5, draw }), await evaluate(fields)];
  if (!first.ok || !other.ok) throw new Error('it failed');
  expect(drawn).toBe(3);
  expect(first.values.at).toBe(5);
  const [one, two] = first.values.ids as string[];
  expect(one).not.toBe(two);
  expect(first.values.order).not.toEqual(other.values.order);
  expect(new Set(first.values.order as number[]).size).toBe(50);
  expect(await evaluate(fields)).toEqual(other);
  expect(options.draw()).toHaveLength(32);
});

// The library's own sort, distinct, clone and shuffle are replaced: they must do what its documentation says.
test.each([
  ['$sort([3,1,2])', [1, 2, 3]],
  ["$sort(['b','a','B'])", ['B', 'a', 'b']],
  ['$sort($states.input.people, function($a, $b) { $a.age > $b.age }).name', ['Ann', 'Bob', 'Cid', 'Dee']],
  ['$states.input.people^(>age, name).name', ['Bob', 'Cid', 'Dee', 'Ann']],
  ['$sort([])', []],
  ['$sort([1])', [1]],
  ['$distinct([1,2,1,"1",{"a":1,"b":2},{"b":2,"a":1},[1],[1]])', [1, 2, '1', { a: 1, b: 2 }, [1]]],
  ['$distinct($states.input.people.age)', [41, 30]],
  ['$states.input.people[0] ~> |$|{"age": age + 1}, ["name"]|', { age: 42 }],
  ['$map([1,2], $power(?, 2))', [1, 4]],
  ["$map(['a','b'], $uppercase)", ['A', 'B']],
  ['$map([1, true], $string)', ['1', 'true']],
  ["$map(['1', 2], $number) ~> $sum", 3],
  ['$filter([10,20,30], function($v, $i) { $i = 1 })', 20],
  ["$substringBefore(?, '-')('a-b')", 'a'],
  ["$pad('5', -3, '0')", '005'],
  ["$join(['a','b'], '-')", 'a-b'],
  ["$split('a,b', ',')", ['a', 'b']],
  ["$replace('a.b.c', '.', '-')", 'a-b-c'],
  [
    '$zip([1,2],[3,4])',
    [
      [1, 3],
      [2, 4],
    ],
  ],
  ["$toMillis('2018-12-31 10:20', '[Y]-[M]-[D] [H]:[m]')", 1546251600000],
  ["$toMillis('20181231', '[Y0001][M01][D01]')", 1546214400000],
  ["$fromMillis(0, '[D1o] [MNn] [Y]')", '1st January 1970'],
] as [string, Json][])('%s', async (expression, expected) => {
  const people = [
    { name: 'Bob', age: 41 },
    { name: 'Ann', age: 30 },
    { name: 'Cid', age: 41 },
    { name: 'Dee', age: 41 },
  ];
  expect(await made(expression, { people })).toEqual(expected);
});

test('every function that the library has is either guarded or made here', () => {
  const source = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8');
  const bound = [...source.matchAll(/(?:staticFrame|environment)\.bind\('(\w+)'/g)].map(([, name]) => name);
  expect(bound.length).toBeGreaterThan(60);
  const own = [...OWN, 'eval'] as string[];
  expect(bound.filter((name) => !own.includes(name ?? '')).sort()).toEqual([...LIBRARY].sort());
});
