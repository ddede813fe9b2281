import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { chooseByCondition, evaluateForItems } from '../../src/jsonata/evaluate.ts';
import { evaluate, failed, made, options } from './support.ts';

const INPUT = { input_value: 'string literal', input_values: [1, 2, 3] };

// A recording of AWS: what looks like a path, an intrinsic function or an expression with blanks around it is a text.
test('only a string from {% to %} is an expression', async () => {
  const literals: JsonObject = {
    null: null,
    number: 0.1,
    boolean: true,
    text: 'constant string',
    blanks: ' {% states.input %} ',
    path: '$states.input',
    'jsonpath.$': '$',
    intrinsic: "States.Format('Format:{}', 101)",
    list: [null, 0, [], { constant: 0 }, ' {% states.input %} ', '$no.such.var.path'],
    object: { '{% 1 %}': {} },
  };
  expect(await evaluate({ Output: literals })).toEqual({ ok: true, values: { Output: literals } });
});

test('expressions are replaced wherever they stand', async () => {
  const fields = {
    Output: { all: '{% $states.input %}', deep: [{ text: "{%$greeting & ' ' & $states.input.input_value%}" }, 1] },
    Arguments: '{% $sum($states.input.input_values) + $one %}',
    TimeoutSeconds: '{%\n  $one * 60\n%}',
  };
  const answer = await evaluate(fields, { states: { input: INPUT }, variables: { greeting: 'a', one: 1 } });
  expect(answer).toEqual({
    ok: true,
    values: { Output: { all: INPUT, deep: [{ text: 'a string literal' }, 1] }, Arguments: 7, TimeoutSeconds: 60 },
  });
});

test.each([
  ['$states.result.Payload', { result: { Payload: 5 } }, 5],
  ['$states.errorOutput.Error', { errorOutput: { Error: 'E', Cause: 'c' } }, 'E'],
  ['$states.context.Execution.Name', { context: { Execution: { Name: 'x' } } }, 'x'],
  ['$states', { input: 1 }, { input: 1 }],
] as [string, JsonObject, Json][])('%s', async (expression, states, expected) => {
  expect(await evaluate({ Output: `{% ${expression} %}` }, { states })).toEqual({
    ok: true,
    values: { Output: expected },
  });
});

// AWS's own examples.
test('AWS: input and output', async () => {
  const input = { customer: { firstName: 'Martha', lastName: 'Rivera' }, order: { items: 7, total: 27.91 } };
  const Output = {
    lastName: "{% 'Last=>' & $states.input.customer.lastName %}",
    value: '{% $states.input.order.total %}',
  };
  const answer = await evaluate({ Output }, { states: { input } });
  expect(answer).toEqual({ ok: true, values: { Output: { lastName: 'Last=>Rivera', value: 27.91 } } });
});

test('AWS: all of an Assign sees the variables as they were', async () => {
  const answer = await evaluate(
    { Assign: { x: '{% $a %}', nextX: '{% $x %}' } },
    { states: {}, variables: { x: 3, a: 6 } },
  );
  expect(answer).toEqual({ ok: true, values: { Assign: { x: 6, nextX: 3 } } });
});

test('a list of one is its item, as JSONata has it, unless it is asked to stay a list', async () => {
  const products = [{ calories: 0 }, { calories: 10 }];
  expect(await made('$states.input[calories = 0]', products)).toEqual({ calories: 0 });
  expect(await made('$states.input[calories = 0][]', products)).toEqual([{ calories: 0 }]);
  expect(await made('[$states.input[calories = 5]]', products)).toEqual([]);
});

test('null is a value, and minus zero is zero', async () => {
  expect(await made('$states.input.a', { a: null })).toBeNull();
  expect(await made('[null, {"a": null}]')).toEqual([null, { a: null }]);
  expect(Object.is(await made('-$states.input', 0), 0)).toBe(true);
});

test('an expression that returns nothing fails, and so does its state', async () => {
  const answer = await evaluate(
    { Arguments: { Input: [{ place: '{% $states.input.gone %}' }] } },
    { states: { input: INPUT } },
  );
  expect(answer).toEqual({
    ok: false,
    error: 'States.QueryEvaluationError',
    field: 'Arguments/Input[0]/place',
    cause:
      "The JSONata expression '$states.input.gone' specified for the field 'Arguments/Input[0]/place' returned nothing (undefined).",
  });
});

test.each([
  ['$states.input.secret + 1', 'T2001: the left side of the operator must be a number, at character 22'],
  ['$number($states.input.secret)', 'D3030: it can not be cast to a number ($number)'],
  ['$states.input.secret > 1', 'T2009: both sides of the operator must be of the same kind'],
  ["$error('Order ' & $states.input.secret)", 'D3137: an error of its own making, whose text is made of data ($error)'],
  ["$error('no order')", 'D3137: no order ($error)'],
  ["$assert(false, 'too late')", 'D3141: too late ($assert)'],
  ['$toMillis($states.input.secret)', 'D3110: it is no ISO 8601 timestamp'],
  ['$parse($states.input.secret)', 'the text that $parse was given is no JSON'],
  ['{ $states.input.secret: 1, "s3cret": 2 }', 'D1009: two fields of an object have the same key'],
  ['$states.input.secret()', 'T1006'],
  ['1/0', 'a number is out of range'],
  ['$formatInteger(1/0, "A")', 'a number is out of range'],
  ['$sum', 'it returned a function, and JSON has none'],
  ['[1, function($x) { $x }]', 'it returned a function'],
])('%s fails without a word of the data', async (expression, reason) => {
  const input = { secret: 's3cret' };
  const { error, cause, field } = await failed(expression, input);
  expect({ error, field }).toEqual({ error: 'States.QueryEvaluationError', field: 'Output' });
  expect(cause).toContain(reason);
  expect(cause.replace(expression, '')).not.toContain('s3cret');
});

test('what the checker refuses fails when it is evaluated all the same', async () => {
  expect((await failed('$states.input.a +')).cause).toContain(
    'is not valid: S0207: the expression ends too early, at character 17',
  );
  expect((await failed('phone')).cause).toContain("Reference to 'phone' at the top level is not supported");
  const open = await evaluate({ Output: ['{% 1 %} '] });
  expect(open).toMatchObject({ ok: false, field: 'Output[0]' });
});

test('a long expression is cut in its cause', async () => {
  const { cause } = await failed(`${'1 + '.repeat(1_000)}"a"`);
  expect(cause.length).toBeLessThan(800);
});

test('a field of more than 256 KiB is States.DataLimitExceeded', async () => {
  const fits = await evaluate({ Output: `{% $pad('', ${256 * 1024 - 2}) %}` });
  expect(fits.ok).toBe(true);
  const answer = await evaluate({ Output: { a: `{% $pad('', ${200 * 1024}) %}`, b: `{% $pad('', ${60 * 1024}) %}` } });
  expect(answer).toMatchObject({ ok: false, error: 'States.DataLimitExceeded', field: 'Output' });
});

test('an expression leaves the data as it was, for itself and for those behind it', async () => {
  const states = { input: { empty: [], o: { a: 1 } } };
  const fields = {
    A: '{% $states.input.empty{"a": 1} %}',
    B: '{% $count($states.input.empty) %}',
    C: '{% $states.input.o ~> |$|{"a": 2}| %}',
  };
  expect(await evaluate(fields, { states })).toEqual({ ok: true, values: { A: { a: 1 }, B: 0, C: { a: 2 } } });
  expect(states).toEqual({ input: { empty: [], o: { a: 1 } } });
});

test('variables of the flow come before functions of the same name', async () => {
  expect(await made('$count + 1', {}, { count: 41 })).toBe(42);
});

test('the first condition that is true is chosen, and none behind it is evaluated', async () => {
  const choose = (conditions: readonly Json[]) =>
    chooseByCondition({ conditions, states: { input: { n: 5 } } }, options);
  expect(await choose(['{% $states.input.n > 9 %}', '{% $states.input.n = 5 %}', '{% $gone %}'])).toEqual({
    ok: true,
    chosen: 1,
  });
  expect(await choose([false, true])).toEqual({ ok: true, chosen: 1 });
  expect(await choose(['{% false %}'])).toEqual({ ok: true, chosen: undefined });
});

test.each([
  [
    '{% $states.input.n %}',
    "The JSONata expression '$states.input.n' specified for the field 'Choices[0]/Condition' must be true or false",
  ],
  ['{% $states.input.gone %}', 'returned nothing (undefined)'],
  ['yes', 'must be true or false'],
  [1, 'must be true or false'],
] as [Json, string][])('a condition %s is no boolean', async (condition, expected) => {
  const answer = await chooseByCondition({ conditions: [condition, true], states: { input: { n: 5 } } }, options);
  expect(answer).toMatchObject({ ok: false, error: 'States.QueryEvaluationError', field: 'Choices[0]/Condition' });
  expect(answer.ok || answer.cause).toContain(expected);
});

test("a Map's ItemSelector is filled for each item", async () => {
  const ItemSelector = {
    at: '{% $states.context.Map.Item.Index %}',
    what: '{% $states.context.Map.Item.Value.id & $suffix %}',
    in: '{% $states.context.State.Name %}',
  };
  const items = ['a', 'b'].map((id, Index) => ({ Index, Value: { id } }));
  const states = { input: {}, context: { State: { Name: 'Each' } } };
  const answer = await evaluateForItems(
    { fields: { ItemSelector }, items, states, variables: { suffix: '!' } },
    options,
  );
  expect(answer).toEqual({
    ok: true,
    values: [{ ItemSelector: { at: 0, what: 'a!', in: 'Each' } }, { ItemSelector: { at: 1, what: 'b!', in: 'Each' } }],
  });
});

test('a thousand items of a Map are filled with one reading of the expression', async () => {
  const items = Array.from({ length: 1_000 }, (_, Index) => ({ Index, Value: Index * 2 }));
  const fields = { ItemSelector: { sum: '{% $states.context.Map.Item.Value + $states.context.Map.Item.Index %}' } };
  const answer = await evaluateForItems({ fields, items, states: {} }, options);
  expect(answer.ok && answer.values.at(-1)).toEqual({ ItemSelector: { sum: 2_997 } });
});
