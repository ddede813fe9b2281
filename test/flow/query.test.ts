import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { effect, errorsOf, output, play, single } from './support.ts';

// The store of RFC 9535, section 1.5, with figures of our own.
const STORE: Json = {
  store: {
    book: [
      { category: 'reference', title: 'Sayings', price: 8.95 },
      { category: 'fiction', title: 'Sword', price: 12.99 },
      { category: 'fiction', title: 'Whale', isbn: '0-1', price: 8.99 },
      { category: 'fiction', title: 'Rings', isbn: '0-2', price: 22.99 },
    ],
    bicycle: { color: 'red', price: 399 },
  },
  most: 10,
};

function selected(path: string, input: Json = STORE): Json {
  return output(play(single({ Type: 'Pass', InputPath: path }), input));
}

test.each([
  ['$.store.book[*].title', ['Sayings', 'Sword', 'Whale', 'Rings']],
  ['$..price', [399, 8.95, 12.99, 8.99, 22.99]],
  ['$.store..color', ['red']],
  ['$.store.book[-1].title', 'Rings'],
  ['$.store.book[0,1].title', ['Sayings', 'Sword']],
  ['$.store.book[:2].title', ['Sayings', 'Sword']],
  ['$.store.book[1:4:2].title', ['Sword', 'Rings']],
  ['$.store.book[-2:].title', ['Whale', 'Rings']],
  ['$.store.book[::-1].price', [22.99, 8.99, 12.99, 8.95]],
  ['$.store.book[?(@.isbn)].title', ['Whale', 'Rings']],
  ['$.store.book[?(!@.isbn)].title', ['Sayings', 'Sword']],
  ['$.store.book[?(@.price < 10)].title', ['Sayings', 'Whale']],
  ['$.store.book[?(@.price < $.most)].title', ['Sayings', 'Whale']],
  ['$.store.book[?(@.category == \'fiction\' && @.price > 20 || @.title == "Sayings")].title', ['Sayings', 'Rings']],
  ['$.store.book[?length(@.title) == 7].title', ['Sayings']],
  ["$.store['book','bicycle'].price", [399]],
  ["$['store']['bicycle'].*", ['red', 399]],
  ['$.store.book[?(@.price > 100)]', []],
  ['$..gone', []],
] as [string, Json][])('InputPath %s', (path, expected) => {
  const found = selected(path);
  // Of an object's fields RFC 9535 leaves the order open.
  if (path.includes('..')) expect(new Set(found as Json[])).toEqual(new Set(expected as Json[]));
  else expect(found).toEqual(expected);
});

test('a name in quotes may hold any sign, and is one place', () => {
  const named = { 'a*b': 1, '@': { "x', 'y": 2 } };
  expect(selected("$['a*b']", named)).toBe(1);
  expect(selected(`$['@']["x', 'y"]`, named)).toBe(2);
  expect(errorsOf({ Type: 'Pass', ResultPath: "$['a*b']", End: true })).toEqual([]);
});

test('what is searched must be there, as on AWS: a list that is missing is no empty list', () => {
  for (const path of ['$.gone[*]', '$.store.gone[?(@.a)]', '$.store.book[9].x[*]', '$.store.book[-9]']) {
    const failed = effect(play(single({ Type: 'Pass', InputPath: path }), STORE), 'failed');
    expect(failed).toMatchObject({ error: 'States.Runtime', cause: `InputPath: there is nothing at ${path}` });
  }
  const template = effect(play(single({ Type: 'Pass', Parameters: { 'x.$': '$.gone[*]' } }), STORE), 'failed');
  expect(template.error).toBe('States.ParameterPathFailure');
});

test('the context object is searched, and a template and OutputPath search too', () => {
  const flow = single({
    Type: 'Pass',
    Parameters: { 'all.$': '$$.Execution.Input.store.book[*].price', 'first.$': '$.store.book[0:1].title' },
    OutputPath: '$[*][0]',
  });
  expect(output(play(flow, STORE))).toEqual([8.95, 'Sayings']);
});

test.each([
  ['$.a[?(@.b =~ /x/)]', 'is no JSONPath'],
  ['$.a[?match(@.b, "x*")]', 'is no JSONPath'],
  ['$.a[?search(@.b, "(a+)+")]', 'is no JSONPath'],
  ['$.a[?(@.b == FooBar)]', 'is no JSONPath'],
  ['$.a[?', 'is no JSONPath'],
  ['$..a..b', 'searches all levels (..) more than once'],
  ['$.a[?(@.b == 1 && $.c[*])]', 'searches the whole input for each item'],
  ['$.a[?count($..x) > 1]', 'searches the whole input for each item'],
  ['$$.Gone[*]', 'there is no $$.Gone'],
])('%s is refused by the checker', (path, message) => {
  expect(errorsOf({ Type: 'Pass', InputPath: path, End: true })).toEqual([expect.stringContaining(message)]);
});

test('a search takes no more than a moment in the largest input, whatever it asks for', () => {
  const nested = (depth: number): Json => (depth === 0 ? { a: 1 } : { a: nested(depth - 1) });
  const wide: Json = { list: Array.from({ length: 60_000 }, (_, index) => ({ a: index })) };
  const begun = performance.now();
  for (const path of [
    '$..a',
    '$..*',
    '$..[?(@.a)]',
    '$.list[?(@.a == $.list[0].a)]',
    '$.list[::-1]',
    "$.list[*]['a','a']",
  ]) {
    play(single({ Type: 'Pass', InputPath: path }), wide);
  }
  // Not a figure of speed: what grows with the square of the input would take hours.
  expect(performance.now() - begun).toBeLessThan(60_000);
  const deep = effect(play(single({ Type: 'Pass', InputPath: '$..a' }), nested(1_000)), 'failed');
  expect(deep).toMatchObject({ error: 'States.Runtime', cause: expect.stringContaining("can't be followed") });
});

test('whatever text stands in a path, the checker tells or the flow runs; neither throws', () => {
  const piece = fc.constantFrom(
    '$',
    '$$',
    '.',
    '..',
    'a',
    'b',
    '*',
    '[',
    ']',
    '?',
    '(',
    ')',
    '@',
    ':',
    ',',
    '1',
    '-1',
    "'",
    '"',
    '==',
    '&&',
    '!',
    ' ',
    '\\',
    '<',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 14 }).map((parts) => `$${parts.join('')}`),
      fc.jsonValue(),
      (path, input) => {
        const state = { Type: 'Pass', InputPath: path, End: true };
        if (errorsOf(state).length > 0) return;
        const turn = play(single(state), input as Json);
        expect(['succeeded', 'failed']).toContain(turn.effect.kind);
      },
    ),
    { numRuns: 3_000 },
  );
});

describe('lists of selectors that may name a place twice', () => {
  const nested = (deep: number): Json => (deep === 0 ? 1 : [nested(deep - 1)]);

  test.each(['[0,0]', '[*,*]', '[0,-1]', '[0:2,0]', "['a','a']", '[?@.a,0]'])(
    'once is enough: %s multiplies what is found each time',
    (list) => {
      expect(errorsOf({ Type: 'Pass', InputPath: `$${list}`, End: true })).toEqual([]);
      for (const path of [`$${list.repeat(2)}`, `$[?@${list.repeat(2)}]`, `$${list}[*].x${list}`])
        expect(errorsOf({ Type: 'Pass', InputPath: path, End: true })).toEqual([
          expect.stringContaining('more than one list in [] may name a place twice'),
        ]);
    },
  );

  test('what names different places may be said as often as anybody likes', () => {
    expect(selected(`$${'[0,1]'.repeat(40)}`, nested(40))).toEqual([1]);
    expect(errorsOf({ Type: 'Pass', InputPath: `$${"['a','b'][0,1][*]".repeat(20)}`, End: true })).toEqual([]);
  });
});
