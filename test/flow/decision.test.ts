import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { effect, flowOf, start } from './support.ts';

const REFERENCE = flowOf({
  Route: {
    Type: 'Choice',
    Choices: [
      { Variable: '$.priority', StringEquals: 'HIGH', Next: 'Agent' },
      { Variable: '$.customer.isNew', BooleanEquals: true, Next: 'Welcome' },
    ],
    Default: 'Bot',
  },
  Agent: { Type: 'Succeed' },
  Welcome: { Type: 'Succeed' },
  Bot: { Type: 'Succeed' },
});

test('the first rule that is met is taken, and later ones are not looked at', () => {
  const [decision] = start(REFERENCE, { priority: 'HIGH' }).decisions;
  expect(decision).toEqual({
    state: 'Route',
    entry: 1,
    next: 'Agent',
    rule: 0,
    inputs: { '$.priority': 'HIGH' },
    rejected: [],
    condition: '$.priority = "HIGH"',
  });
});

test('a decision names every rejected rule with what it met', () => {
  const [decision] = start(REFERENCE, { priority: 'MEDIUM', customer: { isNew: true } }).decisions;
  expect(decision).toMatchObject({
    next: 'Welcome',
    rule: 1,
    inputs: { '$.priority': 'MEDIUM', '$.customer.isNew': true },
    rejected: [{ rule: 0, condition: '$.priority = "HIGH"', actual: 'MEDIUM' }],
    condition: '$.customer.isNew = true',
  });
});

test('the Default is taken when no rule is met', () => {
  const [decision] = start(REFERENCE, { priority: null, customer: { isNew: false } }).decisions;
  expect(decision).toMatchObject({ next: 'Bot', rule: 'Default', condition: 'no rule was met' });
  expect(decision?.rejected.map((rule) => rule.actual)).toEqual([null, false]);
});

test('without a Default no match fails with States.NoChoiceMatched', () => {
  const flow = flowOf({
    Route: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 3, Next: 'End' }] },
    End: { Type: 'Succeed' },
  });
  const failed = effect(start(flow, { n: 1 }), 'failed');
  expect(failed).toMatchObject({ state: 'Route', entry: 1, error: 'States.NoChoiceMatched', input: { n: 1 } });
  expect(failed.cause).toContain('$.n > 3');
});

test('a decision holds nothing but what was compared: kinds for mere tests, sizes of objects', () => {
  const flow = flowOf({
    Route: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.message', IsPresent: false, Next: 'End' },
        { Variable: '$.message', IsNull: true, Next: 'End' },
        { Variable: '$.person', StringEquals: 'x', Next: 'End' },
        {
          And: [
            { Variable: '$.message', IsString: true },
            { Variable: '$.n', NumericEquals: 2 },
          ],
          Next: 'End',
        },
      ],
      Default: 'End',
    },
    End: { Type: 'Succeed' },
  });
  const input = { message: 'my card is 4111', person: { mail: 'ann@example.org' }, n: 1, other: 'secret' };
  const [decision] = start(flow, input).decisions;
  expect(decision?.inputs).toEqual({ '$.message': 'string', '$.person': 'object of 1 field', '$.n': 1 });
  expect(decision?.rejected.map((rule) => rule.actual)).toEqual([
    'string',
    'string',
    'object of 1 field',
    { '$.message': 'string', '$.n': 1 },
  ]);
  expect(JSON.stringify(decision)).not.toMatch(/4111|example|secret/);
});

test('a compared value is kept even where another rule only tests its kind', () => {
  const rule = (more: object) => ({ Variable: '$.a', Next: 'End', ...more });
  const flow = flowOf({
    Route: {
      Type: 'Choice',
      Choices: [rule({ StringEquals: 'x' }), rule({ IsNull: true }), rule({ IsPresent: true })],
    },
    End: { Type: 'Succeed' },
  });
  expect(start(flow, { a: 'why' }).decisions[0]).toMatchObject({ rule: 2, inputs: { '$.a': 'why' } });
});

test('rules are said in plain words', () => {
  const flow = flowOf({
    Route: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.a', StringMatches: 'log*', Next: 'End' },
        { Not: { Variable: '$.a', NumericLessThanEqualsPath: '$.b' }, Next: 'Other' },
      ],
      Default: 'End',
    },
    Other: { Type: 'Choice', Choices: [nested()], Default: 'End' },
    End: { Type: 'Succeed' },
  });
  const [first, second] = start(flow, { a: 2, b: 1 }).decisions;
  expect(first?.rejected[0]?.condition).toBe('$.a matches "log*"');
  expect(first?.condition).toBe('not $.a <= $.b as a number');
  expect(second?.rejected[0]?.condition).toBe('($.c is present and ($.c is not null or $.c = 2))');
});

/** The words of a rejected rule about `$.a`, and what it met. */
function rejected(rule: JsonObject, input: JsonObject) {
  const flow = flowOf({
    Route: { Type: 'Choice', Choices: [{ Variable: '$.a', ...rule, Next: 'End' }], Default: 'End' },
    End: { Type: 'Succeed' },
  });
  const [decision] = start(flow, input).decisions;
  return { words: decision?.rejected[0]?.condition, actual: decision?.rejected[0]?.actual };
}

test.each([
  ['StringLessThanPath', '$.a < $.b as text'],
  ['NumericLessThanPath', '$.a < $.b as a number'],
  ['TimestampLessThanPath', '$.a < $.b as a timestamp'],
  ['BooleanEqualsPath', '$.a = $.b as a boolean'],
])('%s says how two paths are compared, and records what both held', (operator, words) => {
  expect(rejected({ [operator]: '$.b' }, { a: null, b: 3 })).toEqual({ words, actual: { '$.a': null, '$.b': 3 } });
});

test('a comparison with a timestamp reads unlike one with the same text', () => {
  const [time, input] = ['2026-04-23T14:30:00Z', { a: '2026-04-23T16:30:00+02:00' }];
  const text = rejected({ StringEquals: time }, input);
  expect(text).toEqual({ words: `$.a = "${time}"`, actual: input.a });
  const timestamp = rejected({ TimestampLessThan: time }, input);
  expect(timestamp).toEqual({ words: `$.a < "${time}" as a timestamp`, actual: input.a });
});

function nested() {
  const inner = {
    Or: [
      { Variable: '$.c', IsNull: false },
      { Variable: '$.c', NumericEquals: 2 },
    ],
  };
  return { And: [{ Variable: '$.c', IsPresent: true }, inner], Next: 'End' };
}

test('InputPath and OutputPath hold for a Choice too', () => {
  const flow = flowOf({
    Route: {
      Type: 'Choice',
      InputPath: '$.detail',
      OutputPath: '$.kept',
      Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'End' }],
    },
    End: { Type: 'Succeed' },
  });
  expect(start(flow, { detail: { n: 1, kept: 'k' } }).effect).toEqual({ kind: 'succeeded', output: 'k' });
});
