import { setImmediate as othersTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { evaluate, failed, made, options } from './support.ts';

const BIG = 'x'.repeat(200_000);
const ITEMS = Array.from({ length: 1_000 }, (_, at) => ({ id: `i${at}`, n: (at * 7_919) % 1_000 }));
const INPUT = { big: BIG, items: ITEMS, aaa: `${'a'.repeat(50_000)}b`, empty: [] };

const TIME = 'Expression evaluation timeout';
const MEMORY = 'Expression evaluation memory limit exceeded';
const DEPTH = 'Stack overflow error';

/** Of what a bomb would take, this is nothing; of what a loaded machine takes meanwhile, it is plenty. */
const MOST_MILLISECONDS = 30_000;
const MOST_BYTES = 600e6;

describe('ends in an error, in bounded time and memory:', () => {
  test.each([
    ['recursion without end', '($f := function($n) { 1 + $f($n + 1) }; $f(0))', DEPTH],
    ['a tail call without end', '($f := function($n) { $f($n + 1) }; $f(0))', TIME],
    ['two functions that call each other', '($f := function() { $g() }; $g := function() { $f() }; $f())', TIME],
    [
      'a function that is built up by applying it',
      '($f := function($x) { $x }; $g := function($h) { $g($h ~> $f) }; $g($f))',
      undefined,
    ],
    ['a range', '[1..1000000000]', MEMORY],
    ['a range beyond the whole numbers', '[1..1e300]', undefined],
    ['a range of ranges', '[1..1000].[1..1000]', undefined],
    ['$range', '$range(1, 1e12, 1)', MEMORY],
    ['$pad', "$pad('', 1e9)", MEMORY],
    ['$pad to the left', "$pad('', -1e9, 'ab')", MEMORY],
    ['a text that doubles', '($f := function($s) { $f($s & $s) }; $f("ab"))', MEMORY],
    ['a text that doubles by $join', '($f := function($s) { $f($join([$s, $s])) }; $f("ab"))', MEMORY],
    ['$join with a long separator', '$join([1..5000] ~> $map($string), $states.input.big)', MEMORY],
    ['a list that doubles', '$reduce([1..99], function($a) { $append($a, $a) }, [1])', undefined],
    ['a list that holds itself twice', '$reduce([1..99], function($a, $v) { [[$a, $a]] }, [1])', MEMORY],
    ['an object that holds itself twice', '$reduce([1..99], function($a, $v) { {"l": $a, "r": $a} }, {})', MEMORY],
    [
      'a text of what holds itself twice',
      '($a := $reduce([1..16], function($a, $v) { {"l": $a, "r": $a} }, {}); [1..99].$string($a))',
      undefined,
    ],
    [
      'two such compared',
      '($d := function() { $reduce([1..99], function($a, $v) { [[$a, $a]] }, [1]) }; $d() = $d())',
      MEMORY,
    ],
    ['a list in a list in a list', '$reduce([1..9999], function($a, $v) { {"in": $a} }, {})', MEMORY],
    ['an object within itself', '($o := {"a": 1}; $o ~> |$|{"self": $}|)', undefined],
    ['$append without end', '$reduce([1..99999], function($a, $v) { $append($a, $v) })', TIME],
    ['$replace by a long text', '$replace($states.input.big, "x", $states.input.big)', MEMORY],
    ['$replace of matches by a long text', '$replace($states.input.big, /x/, $states.input.big)', TIME],
    ['$replace by a function', '$replace($states.input.big, /x/, function() { $states.input.big })', undefined],
    ['$split into letters', '$map([1..100], function() { $split($states.input.big, "") })', undefined],
    ['$distinct', '$map([1..100], function() { $distinct([1..50000]) })', TIME],
    ['$sort by a function', '$sort([1..99999], function($a, $b) { $a < $b })', TIME],
    ['order by', '[1..99999]^(>$)', TIME],
    ['$zip', '$zip([1..90000], [1..90000])', MEMORY],
    ['a list filtered by a list', '($all := [1..9999]; $all[$all])', TIME],
    ['everything with everything', '$states.input.items@$a.$states.input.items@$b.{ "a": $a, "b": $b }', undefined],
    ['what is not in a list', '[1..9999][$not($ in [1..9999])]', TIME],
    ['deep data', `$parse('${'['.repeat(9_000)}${']'.repeat(9_000)}')`, MEMORY],
    ['much data', '$map([1..1000], function() { $parse($string($states.input.items)) })', undefined],
    ['letters of a number', "$formatInteger(1e300, 'I')", undefined],
    ['words of a number', "$formatInteger(1e300, 'w')", undefined],
    ['a long picture', "$formatNumber(1, $pad('', 100000, '0'))", 'a picture'],
    ['the picture of a time', `$toMillis('${'1'.repeat(60)}x', '${'[f]'.repeat(12)}')`, 'the parts must be apart'],
    ['names in the picture of a time', `$toMillis('${'a'.repeat(60)}1', '${'[MNn] [FNn] '.repeat(9)}')`, undefined],
    ['a promise that is never kept', '(function($f) { {"then": $f} })(function($keep) { 1 })', TIME],
    ['an empty match', '$match("aaa", /a*?/)', 'D1004'],
    ['very many matches', '$match($states.input.big, /x/)', TIME],
    ['matches that look ahead', '$match($states.input.big, /(x.*y)|x/)', TIME],
    ['a large regular expression on a long text', '$contains($states.input.big, /(x|xx|xxx){50}y/)', TIME],
    [
      'a regular expression that repeats repetitions',
      '$contains($states.input.big, /((x{1,30}){1,30}){1,30}/)',
      'is not valid',
    ],
    ['a regular expression with many states', '$contains($states.input.big, /[a-x][^u-w]{40}y/)', undefined],
  ])('%s', async (_, expression, expected) => {
    const began = performance.now();
    const { rss } = process.memoryUsage();
    const answer = await evaluate({ Output: `{% ${expression} %}` }, { states: { input: INPUT } });
    expect(performance.now() - began).toBeLessThan(MOST_MILLISECONDS);
    expect(process.memoryUsage().rss - rss).toBeLessThan(MOST_BYTES);
    if (expected === undefined) return;
    expect(answer).toMatchObject({ ok: false, error: 'States.QueryEvaluationError' });
    expect(answer.ok || answer.cause).toContain(expected);
  });

  // The usual engine takes for ever for each of these.
  test.each(['/^(a+)+$/', '/^(a|aa)+$/', '/(a*)*c/', '/^(([a-z])+.)+[A-Z]([a-z])+$/', '/(.*a){20}c/'])(
    'no match of %s',
    async (pattern) => {
      const began = performance.now();
      expect(await made(`$contains($states.input.aaa, ${pattern})`, INPUT)).toBe(false);
      expect(performance.now() - began).toBeLessThan(MOST_MILLISECONDS);
    },
  );
});

test.each([
  [
    'a list of a thousand sorted by a function',
    '$count($sort($states.input.items, function($a, $b) { $a.n > $b.n }))',
    1_000,
  ],
  ['a list of a thousand in order', '$states.input.items^(n)[0].n', 0],
  ['a thousand objects made', '$count($states.input.items.{"id": id, "twice": n * 2, "text": $string(n)})', 1_000],
  ['a thousand groups', '$count($keys($states.input.items{id: n}))', 1_000],
  ['ten thousand numbers', '$sum([1..10000].($ * 2))', 100_010_000],
  ['a recursion of a thousand', '($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(1000))', 1_000],
  ['a loop of ten thousand', '($f := function($n) { $n = 0 ? 7 : $f($n - 1) }; $f(10000))', 7],
  ['a text of a megabyte', "$length($pad('', 1000000))", 1_000_000],
  ['a thousand matches', '$count($match($substring($states.input.big, 0, 1000), /x/))', 1_000],
  ['a hundred thousand numbers in order', '$sort([1..100000] ~> $reverse())[0]', 1],
])('%s fit', async (_, expression, expected) => {
  expect(await made(expression, INPUT)).toBe(expected);
});

test('others have their turn while an expression is evaluated', async () => {
  let turns = 0;
  let longest = 0;
  const work = failed('($f := function($n) { $f($n + 1) }; $f(0))');
  let done = false;
  void work.finally(() => {
    done = true;
  });
  for (let last = performance.now(); !done; last = performance.now()) {
    await othersTurn();
    turns++;
    longest = Math.max(longest, performance.now() - last);
  }
  expect(turns).toBeGreaterThan(10);
  // Of a second and more of work.
  expect(longest).toBeLessThan(700);
});

test('two evaluations beside each other each have their own budget', async () => {
  const fits = '($f := function($n) { $n = 0 ? "done" : $f($n - 1) }; $f(20000))';
  const answers = await Promise.all([made(fits), failed('($f := function() { $f() }; $f())'), made(fits)]);
  expect([answers[0], answers[1].ok, answers[2]]).toEqual(['done', false, 'done']);
});

test('the same expression takes the same number of steps, whatever the machine does meanwhile', async () => {
  const least = async () => {
    for (let work = 100; ; work += 50) {
      const answer = await evaluate(
        { x: '{% $sort([9,3,7,1]) ~> $map(function($v) { $v & "" }) ~> $join("-") %}' },
        { states: {} },
        { ...options, limits: { work } },
      );
      if (answer.ok) return work;
    }
  };
  expect(await least()).toBe(await least());
});

test('what nobody waits for any more ends at once', async () => {
  const waiting = new AbortController();
  const work = failed(
    '($f := function($n) { $f($n + 1) }; $f(0))',
    {},
    {
      ...options,
      limits: { work: 1e12, milliseconds: 1e9 },
      signal: waiting.signal,
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  waiting.abort();
  expect((await work).cause).toContain('nobody waits for it any more');
});

test('limits can be set', async () => {
  const few = { ...options, limits: { work: 20 } };
  expect((await failed('$sum([1..10].($ * 2))', {}, few)).cause).toContain('it takes more than 20 steps');
  const short = { ...options, limits: { milliseconds: 0, work: 1e9 } };
  expect((await failed('($f := function($n) { $f($n + 1) }; $f(0))', {}, short)).cause).toContain(
    'it does not end within 0 milliseconds',
  );
});
