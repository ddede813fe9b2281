import { afterEach, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { evaluate, failed, made } from './support.ts';

const OWN = Object.getOwnPropertyNames(Object.prototype).sort();

afterEach(() => {
  // A prototype that an expression wrote to would show in every object.
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(OWN);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** Data as it comes from outside: `__proto__` is a field of it. */
const DATA = JSON.parse(
  '{"__proto__": {"polluted": 1}, "constructor": {"name": "mine"}, "o": {"a": 1}, "list": [{"__proto__": {"b": 2}}]}',
) as Json;

test('fields named __proto__ and constructor are fields like any other', async () => {
  expect(await made('$states.input.`__proto__`.polluted', DATA)).toBe(1);
  expect(await made('$states.input.constructor.name', DATA)).toBe('mine');
  expect(await made('$lookup($states.input, "__proto__")', DATA)).toEqual({ polluted: 1 });
  expect(await made('$keys($states.input)', DATA)).toEqual(['__proto__', 'constructor', 'o', 'list']);
  expect(await made('$states.input.list.`__proto__`.b', DATA)).toBe(2);
  const copy = await made('$states.input', DATA);
  expect(JSON.stringify(copy)).toBe(JSON.stringify(DATA));
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
});

test.each([
  '$states.input.o.constructor',
  '$states.input.o.`__proto__`',
  '$states.input.o.toString',
  '$states.input.o.hasOwnProperty',
  '$states.input.list.length',
  '$states.input.list.map',
  '"text".length',
  '$string.implementation',
  '$string.constructor',
  '$lookup($states.input.o, "constructor")',
  '(function($x) { $x }).environment',
  '(function($x) { $x }).body',
  '$match("a", /a/).constructor',
  '/a/.constructor',
  '$constructor',
  '$__proto__',
  '$toString',
  '$hasOwnProperty',
])('%s is nothing', async (expression) => {
  const { cause } = await failed(expression, DATA);
  expect(cause).toMatch(/returned nothing|is not valid/);
});

test.each([
  ['{"__proto__": {"polluted": true}}', '{"__proto__":{"polluted":true}}'],
  ['$merge([$states.input.o, {"__proto__": {"polluted": true}}])', '{"a":1,"__proto__":{"polluted":true}}'],
  ['$states.input.o ~> |$|{"__proto__": {"polluted": true}}|', '{"a":1,"__proto__":{"polluted":true}}'],
  [
    '$states.input.o ~> |$|{"constructor": {"prototype": {"polluted": true}}}|',
    '{"a":1,"constructor":{"prototype":{"polluted":true}}}',
  ],
  ['$spread({"__proto__": 1})', '{"__proto__":1}'],
  ['$states.input.list{"__proto__": {"polluted": true}}', '{"__proto__":{"polluted":true}}'],
  ['$sift({"__proto__": 1}, function($v) { true })', '{"__proto__":1}'],
  ['$parse(\'{"__proto__": {"polluted": true}}\') ~> $clone()', '{"__proto__":{"polluted":true}}'],
])('%s writes to an object of its own', async (expression, expected) => {
  expect(JSON.stringify(await made(expression, DATA))).toBe(expected);
});

// CVE-2024-27307 wrote by the transform operator to what a path found behind an object.
test.each([
  '$states.input.o ~> |`__proto__`|{"polluted": true}|',
  '$states.input.o ~> |constructor.prototype|{"polluted": true}|',
  '$states.input.o ~> |$lookup($, "__proto__")|{"polluted": true}|',
  '{} ~> |$.constructor|{"polluted": true}|',
  '$states.input.list ~> |`__proto__`|{"polluted": true}, "b"|',
])('%s finds nothing to write to but fields', async (expression) => {
  const answer = await evaluate({ Output: `{% ${expression} %}` }, { states: { input: DATA } });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(answer.ok).toBe(true);
});

test.each(['_jsonata_function', '_jsonata_lambda', 'tupleStream', 'outerWrapper'])(
  'data with a field %s does not pass for something of the library',
  async (field) => {
    const input = { a: { [field]: true, implementation: 'x', body: { type: 'variable', value: 'x' }, thunk: true } };
    for (const expression of [
      '$states.input.a',
      '$states.input.a()',
      '$type($states.input.a)',
      `$parse('{"${field}": 1}')`,
    ])
      expect((await failed(expression, input)).cause).toContain(
        `a field ${field}, a name that JSONata keeps for itself`,
      );
    // What is not read does no harm.
    expect(await made('$states.context', input).catch(() => 'nothing')).toBe('nothing');
    expect(await made('1', input)).toBe(1);
  },
);

test('variables may have any name', async () => {
  const variables = JSON.parse('{"__proto__": 1, "constructor": 2, "string": 3}') as Record<string, Json>;
  const answer = await evaluate({ x: '{% $__proto__ + $constructor + $string %}' }, { states: {}, variables });
  expect(answer).toEqual({ ok: true, values: { x: 6 } });
});

test('a data field named then is no promise', async () => {
  const input = JSON.parse('{"list": [{"then": "x"}], "then": {"a": 1}}') as Json;
  expect(await made('$states.input', input)).toEqual(input);
  expect(JSON.stringify(await made('$states.input.list[0]', input))).toBe('{"then":"x"}');
});
