import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { INTRINSICS } from '../../src/flow/intrinsics.ts';
import { begin } from '../../src/flow/run.ts';
import { effect, elapsed, error, errorsOf, flowOf, NOW, output, play, result, single } from './support.ts';

/** What a Pass state makes of an expression. */
function made(expression: string, input: Json = {}): Json {
  const flow = single({ Type: 'Pass', Parameters: { 'x.$': expression } });
  return (output(play(flow, input)) as { x: Json }).x;
}

function failure(expression: string, input: Json = {}) {
  return effect(play(single({ Type: 'Pass', Parameters: { 'x.$': expression } }), input), 'failed');
}

const problemOf = (expression: string) => errorsOf({ Type: 'Pass', Parameters: { 'x.$': expression }, End: true });

// Examples and limits of AWS's page on intrinsic functions, and hashes by sha1sum and its like.
test.each([
  ["States.Format('Hello, my name is {}.', $.name)", 'Hello, my name is Arnav.'],
  ['States.Format($.template, $.name)', 'Hello, my name is Arnav.'],
  ["States.Format('{} {} {} {}', 1.5, true, null, 'x')", '1.5 true null x'],
  ["States.Format('\\{\\} \\\\ \\' {}', 1)", "{} \\ ' 1"],
  ["States.Format('')", ''],
  ['States.StringToJson($.json)', { foo: 'bar' }],
  ["States.StringToJson('')", null],
  ['States.JsonToString($.object)', '{"a":[1]}'],
  ["States.Array('Foo', 2020, $.object, null)", ['Foo', 2020, { a: [1] }, null]],
  ['States.Array()', []],
  ['States.Array( 1 ,2 ) ', [1, 2]],
  ['States.ArrayPartition($.nine, 4)', [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
  ['States.ArrayPartition($.none, 4)', []],
  ['States.ArrayContains($.nine, 5)', true],
  ["States.ArrayContains($.nine, '5')", false],
  ['States.ArrayContains($.objects, $.object)', true],
  ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
  ['States.ArrayRange(3, 1, -1)', [3, 2, 1]],
  ['States.ArrayRange(1.4, 3.5, 1)', [1, 2, 3, 4]],
  ['States.ArrayRange(2, 1, 1)', []],
  ['States.ArrayGetItem($.nine, 5)', 6],
  ['States.ArrayLength($.nine)', 9],
  ['States.ArrayUnique($.twice)', [1, 3, { b: 2, a: 1 }, '1']],
  ["States.Base64Encode('Data to encode')", 'RGF0YSB0byBlbmNvZGU='],
  ["States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", 'Data to encode'],
  ["States.Base64Decode('')", ''],
  ["States.Hash('input data', 'SHA-1')", 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
  ["States.Hash('abc', 'MD5')", '900150983cd24fb0d6963f7d28e17f72'],
  ["States.Hash('abc', 'SHA-256')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['States.JsonMerge($.one, $.two, false)', { a: { a3: 1 }, b: 2, c: 3 }],
  ['States.MathAdd(111, -1)', 110],
  ['States.MathAdd(1.5, 1.4)', 3],
  ["States.StringSplit('1,2,3,4,5', ',')", ['1', '2', '3', '4', '5']],
  ["States.StringSplit('This.is+a,test=string', '.+,=')", ['This', 'is', 'a', 'test', 'string']],
  ["States.StringSplit(',,a,,', ',')", ['a']],
  ["States.ArrayGetItem(States.StringSplit(States.Format('{}/{}', 'a', $.name), '/'), 1)", 'Arnav'],
  ["States.ArrayLength($.objects[?(@.b == 2 && @.a != ')')])", 1],
] as [string, Json][])('%s', (expression, expected) => {
  const input = {
    name: 'Arnav',
    template: 'Hello, my name is {}.',
    json: '{"foo": "bar"}',
    object: { a: [1] },
    objects: [{ a: [1] }, { b: 2, a: 1 }],
    nine: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    none: [],
    twice: [1, 3, 1, { b: 2, a: 1 }, { a: 1, b: 2 }, '1', 3],
    one: { a: { a1: 1, a2: 2 }, b: 2 },
    two: { a: { a3: 1 }, c: 3 },
  };
  expect(made(expression, input)).toEqual(expected);
});

test.each([
  ["States.Format('{}', $.object)", "States.Format: an object can't be put into a text; States.JsonToString can"],
  ['States.Format($.text, 1, 2)', 'States.Format: the template has 1 {} and there are 2 values for them'],
  ['States.Format($.number, 1)', 'States.Format: the template is no text but number'],
  ['States.Array($.gone)', 'States.Array: there is nothing at $.gone'],
  ['States.ArrayGetItem($.list, 3)', 'States.ArrayGetItem: there is no item 3 among 3'],
  ['States.ArrayGetItem($.list, -1)', 'States.ArrayGetItem: there is no item -1 among 3'],
  ['States.ArrayLength($.text)', 'States.ArrayLength: argument 1 must be of kind array; this is string'],
  ['States.ArrayPartition($.list, 0)', 'States.ArrayPartition: a part needs at least 1 item'],
  ['States.ArrayRange(1, 9, 0)', 'States.ArrayRange: the step is 0'],
  ['States.ArrayRange(1, 1001, 1)', 'States.ArrayRange: there would be 1001 numbers, more than 1000'],
  ["States.Hash('abc', 'SHA-3')", 'States.Hash: the algorithm must be MD5, SHA-1, SHA-256, SHA-384, SHA-512'],
  ["States.Hash('abc', 'constructor')", 'States.Hash: the algorithm must be MD5, SHA-1, SHA-256, SHA-384, SHA-512'],
  ["States.Hash($.long, 'MD5')", 'States.Hash: there are 10001 characters, more than 10000'],
  [
    'States.JsonMerge($.object, $.object, true)',
    'States.JsonMerge: only shallow merging is supported: the third argument must be false',
  ],
  ['States.MathAdd(2147483647, 1)', 'States.MathAdd: the sum is not within -2147483648 and 2147483647'],
  ['States.MathRandom(2, 2)', 'States.MathRandom: the end must be greater than the start'],
  ["States.StringToJson('{')", 'States.StringToJson: the text is no JSON'],
  ["States.Base64Decode('*')", 'States.Base64Decode: the text is no Base64'],
  ['States.Array(States.ArrayLength($.text))', 'States.ArrayLength: argument 1 must be of kind array; this is string'],
])('%s fails with States.IntrinsicFailure', (expression, cause) => {
  const input = { object: { a: 1 }, text: 'one {}', number: 1, list: [1, 2, 3], long: 'x'.repeat(10_001) };
  expect(failure(expression, input)).toMatchObject({ error: 'States.IntrinsicFailure', cause });
});

test('what a function makes has an end: data that holds itself many times over fails, and quickly', () => {
  const many = `States.Array(${Array(900).fill('$').join(',')})`;
  const grown = failure(many, { text: 'x'.repeat(10_000) });
  expect(grown).toMatchObject({ error: 'States.DataLimitExceeded' });
  const nested = Array(8)
    .fill(0)
    .reduce((inner: string) => `States.Array(${Array(3).fill(inner).join(',')})`, '$.a');
  expect(problemOf(nested).join()).toContain('an expression has at most 10000 characters');
});

test.each([
  ['States.Xyz($.a)', 'there is no function States.Xyz'],
  ['States.Fromat($.a)', 'perhaps States.Format is meant'],
  ["States.MathAdd(1,'-1')", 'argument 2 of States.MathAdd must be of kind number; this is string'],
  ['States.MathAdd(1)', 'States.MathAdd takes 2 arguments; these are 1'],
  ['States.UUID(1)', 'States.UUID takes 0 arguments; these are 1'],
  ['States.MathRandom(1)', 'States.MathRandom takes 2 to 3 arguments; these are 1'],
  ['States.Format()', 'States.Format takes at least 1 argument; these are 0'],
  ['States.Format(1)', 'argument 1 of States.Format must be of kind string; this is number'],
  ["States.Format('{} {}', 1)", 'the template has 2 {} and there are 1 values for them'],
  ["States.Format('a\\n')", 'a backslash stands before'],
  ["States.Format('a", "a text lacks its closing '"],
  ['States.Array(1', 'States.Array lacks its )'],
  ['States.Array(1 2)', "'2' stands where , or ) must"],
  ['States.Array(1,)', 'is no argument'],
  ['States.Array(foo)', "'foo)' is no argument"],
  ['States.Array(1) + 1', 'is too much'],
  ['States.Array($.a[)', 'is not a path'],
  ['States.Array($$.Execution.Nmae)', 'there is no $$.Execution.Nmae'],
  [`${'States.Array('.repeat(11)}1${')'.repeat(11)}`, 'more than 10 functions are nested'],
])('%s is refused by the checker', (expression, message) => {
  expect(problemOf(expression)).toEqual([expect.stringContaining(message)]);
});

test('functions stand in payload templates and in Fail, and nowhere else', () => {
  expect(errorsOf({ Type: 'Pass', InputPath: 'States.Array(1)', End: true })[0]).toContain('calls a function');
  expect(errorsOf({ Type: 'Pass', ResultPath: 'States.UUID()', End: true })[0]).toContain('calls a function');
  const failing = flowOf({
    S: { Type: 'Fail', ErrorPath: "States.Format('E{}', $.n)", CausePath: "States.Format('{}!', $.why)" },
  });
  expect(effect(play(failing, { n: 7, why: 'no' }), 'failed')).toMatchObject({ error: 'E7', cause: 'no!' });
});

describe('chance', () => {
  const drawing = { 'a.$': 'States.UUID()', 'b.$': 'States.UUID()', 'c.$': 'States.MathRandom(0, 1000000)' };
  const Retry = [{ ErrorEquals: ['Busy'] }];
  const task = single({
    Type: 'Task',
    Resource: 'module:x',
    Retry,
    Parameters: drawing,
    ResultSelector: { 'd.$': 'States.UUID()' },
  });

  test('every call draws another, of the form that RFC 9562 asks for', () => {
    const { input } = effect(play(task, {}), 'task');
    const { a, b } = input as { a: string; b: string };
    const { d } = output(play(task, {}, [result(1)])) as { d: string };
    expect(new Set([a, b, d]).size).toBe(3);
    for (const id of [a, b, d]) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  test('what a Task is given is the same when it is asked again, and another in its next entry or execution', () => {
    const once = effect(play(task, {}), 'task').input;
    expect(effect(play(task, {}), 'task').input).toEqual(once);
    const again = effect(play(task, {}, [error('Busy'), elapsed]), 'task');
    expect([again.attempt, again.input]).toEqual([2, once]);
    const looping = flowOf({
      S: { Type: 'Task', Resource: 'module:x', Parameters: drawing, Next: 'Again' },
      Again: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 1, Next: 'S' }], Default: 'End' },
      End: { Type: 'Succeed' },
    });
    expect(effect(play(looping, {}), 'task').input).toEqual(once);
    expect(effect(play(looping, {}, [result(1)]), 'task').input).not.toEqual(once);
    const other = begin(looping, {}, { now: NOW, executionId: 'ticket-T2' });
    expect(effect(other, 'task').input).not.toEqual(once);
  });

  test('a seed gives the same number each time, and numbers are within their range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer(),
        (start, size, seed) => {
          const call = `States.MathRandom(${start}, ${start + size}, ${seed})`;
          const drawn = made(call) as number;
          expect(drawn).toBe(made(call));
          expect(drawn).toBeGreaterThanOrEqual(start);
          expect(drawn).toBeLessThan(start + size);
        },
      ),
    );
  });
});

test('whatever values a function gets, it answers or fails with a name of the language', () => {
  const names = Object.keys(INTRINSICS);
  fc.assert(
    fc.property(
      fc.constantFrom('States.Format', ...names),
      fc.array(fc.jsonValue(), { maxLength: 4 }),
      (name, values) => {
        const args = values.map((_, index) => `$.v[${index}]`).join(', ');
        const state = { Type: 'Pass', Parameters: { 'x.$': `${name}(${args})` }, End: true };
        if (errorsOf(state).length > 0) return;
        const turn = play(single(state as never), { v: values } as Json);
        if (turn.effect.kind === 'failed') {
          expect(['States.IntrinsicFailure', 'States.DataLimitExceeded']).toContain(turn.effect.error);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
