import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { OPERATORS } from '../../src/flow/readCondition.ts';
import { effect, errorsOf, flowOf, start } from './support.ts';

/** Does a Choice with this rule take it? Undefined when the Choice fails. */
function takes(rule: JsonObject, input: Json): boolean | undefined {
  const flow = flowOf({
    Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Succeed' },
    No: { Type: 'Succeed' },
  });
  const turn = start(flow, input);
  return turn.effect.kind === 'failed' ? undefined : turn.decisions[0]?.next === 'Yes';
}

const EARLY = '2026-04-23T14:30:00Z';
const LATE = '2026-04-23T16:30:00.5+01:00';
const SAME_AS_EARLY = '2026-04-23T16:30:00+02:00';

/** Operand by operand: what is less, equal, greater, and what is of another type. */
const ORDERED = {
  String: { low: 'abc', same: 'abc', middle: 'abc', high: 'abd', alien: 5 },
  Numeric: { low: -1, same: 2, middle: 2, high: 2.5, alien: '2' },
  Timestamp: { low: '2026-04-23T14:29:59.999Z', same: SAME_AS_EARLY, middle: EARLY, high: LATE, alien: 'yesterday' },
};
const STRINGS_LOW = 'abb';

const MEANING: Record<string, { low: boolean; same: boolean; high: boolean }> = {
  Equals: { low: false, same: true, high: false },
  LessThan: { low: true, same: false, high: false },
  GreaterThan: { low: false, same: false, high: true },
  LessThanEquals: { low: true, same: true, high: false },
  GreaterThanEquals: { low: false, same: true, high: true },
};

const rows = Object.entries(ORDERED).flatMap(([family, values]) =>
  Object.entries(MEANING).flatMap(([relation, meaning]) => {
    const low = family === 'String' ? STRINGS_LOW : values.low;
    return [
      [`${family}${relation}`, low, values.middle, meaning.low],
      [`${family}${relation}`, values.same, values.middle, meaning.same],
      [`${family}${relation}`, values.high, values.middle, meaning.high],
      [`${family}${relation}`, values.alien, values.middle, false],
      [`${family}${relation}`, null, values.middle, false],
      [`${family}${relation}`, [values.same], values.middle, false],
    ] as [string, Json, Json, boolean][];
  }),
);

describe('comparisons', () => {
  test.each(rows)('%s: %j against %j is %s, by constant and by path', (operator, left, right, expected) => {
    expect(takes({ Variable: '$.x', [operator]: right }, { x: left })).toBe(expected);
    expect(takes({ Variable: '$.x', [`${operator}Path`]: '$.y.z' }, { x: left, y: { z: right } })).toBe(expected);
  });

  test.each([
    [true, true, true],
    [false, false, true],
    [true, false, false],
    ['true', true, false],
    [1, true, false],
  ])('BooleanEquals: %j against %j is %s', (left, right, expected) => {
    expect(takes({ Variable: '$.x', BooleanEquals: right }, { x: left })).toBe(expected);
    expect(takes({ Variable: '$.x', BooleanEqualsPath: '$.y' }, { x: left, y: right })).toBe(expected);
  });

  test('a comparison with a path to a value of another type is not met', () => {
    expect(takes({ Variable: '$.x', NumericLessThanPath: '$.y' }, { x: 1, y: '2' })).toBe(false);
    expect(takes({ Variable: '$.x', TimestampEqualsPath: '$.y' }, { x: EARLY, y: 'noon' })).toBe(false);
  });

  test('the context object can be compared with', () => {
    expect(takes({ Variable: '$$.Execution.Id', StringEquals: 'ticket-T1' }, {})).toBe(true);
    expect(takes({ Variable: '$.x', TimestampEqualsPath: '$$.State.EnteredTime' }, { x: EARLY })).toBe(true);
  });
});

describe('StringMatches', () => {
  test.each([
    ['log-2026.txt', 'log-*.txt', true],
    ['log-.txt', 'log-*.txt', true],
    ['log.txt', 'log-*.txt', false],
    ['abc', 'abc', true],
    ['abc', 'ab', false],
    ['', '*', true],
    ['', '', true],
    ['zebra', '*b*', true],
    ['zebra', '*b*a*e*', false],
    ['aXbXc', 'a*b*c', true],
    ['aba', 'ab*ba', false],
    ['2*3', '2\\*3', true],
    ['243', '2\\*3', false],
    ['a\\b', 'a\\\\b', true],
    ['a\\zz', 'a\\\\*', true],
    ['a.c', 'a?c', false],
    ['line\nline', 'line*', true],
    ['🙂🙃', '🙂*', true],
    [5, '*', false],
  ])('%j against %j is %s', (text, pattern, expected) => {
    expect(takes({ Variable: '$.x', StringMatches: pattern }, { x: text })).toBe(expected);
  });

  test('a pattern of a million characters is read like any other', () => {
    const found = (pattern: string) =>
      errorsOf({ Type: 'Choice', Choices: [{ Variable: '$.x', StringMatches: pattern, Next: 'End' }], Default: 'End' });
    const long = 'a'.repeat(1_000_000);
    expect(found(`${long}*`)).toEqual([]);
    for (const wrong of [`${long}\\`, '\\\\\\a'])
      expect(found(wrong)).toEqual([expect.stringContaining('a backslash stands')]);
  });

  test('many wildcards against a long text end at once', () => {
    expect(takes({ Variable: '$.x', StringMatches: `${'*a'.repeat(50)}*b` }, { x: 'a'.repeat(100_000) })).toBe(false);
  });
});

describe('tests for a kind', () => {
  const kinds: [string, Json, string[]][] = [
    ['null', null, ['IsNull']],
    ['a number', 0, ['IsNumeric']],
    ['text', '', ['IsString']],
    ['a boolean', false, ['IsBoolean']],
    ['a timestamp', EARLY, ['IsString', 'IsTimestamp']],
    ['an object', {}, []],
    ['an array', [], []],
  ];
  test.each(kinds)('%s', (_name, value, yes) => {
    for (const operator of ['IsNull', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp', 'IsPresent']) {
      const is = operator === 'IsPresent' || yes.includes(operator);
      expect([operator, takes({ Variable: '$.x', [operator]: true }, { x: value })]).toEqual([operator, is]);
      expect([operator, takes({ Variable: '$.x', [operator]: false }, { x: value })]).toEqual([operator, !is]);
    }
  });

  test('IsPresent alone may look at what is not there', () => {
    expect(takes({ Variable: '$.x.y', IsPresent: true }, {})).toBe(false);
    expect(takes({ Variable: '$.x.y', IsPresent: false }, {})).toBe(true);
    expect(takes({ Variable: '$.x', IsNull: true }, {})).toBeUndefined();
  });

  test.each([
    ['2026-04-23T14:30:00Z', true],
    ['2024-02-29T00:00:00-05:00', true],
    ['2026-02-29T00:00:00Z', false],
    ['2026-04-31T00:00:00Z', false],
    ['2026-13-01T00:00:00Z', false],
    ['2026-04-23T24:00:00Z', false],
    ['2026-04-23T14:30:00', false],
    ['2026-04-23t14:30:00z', false],
    ['2026-04-23 14:30:00Z', false],
    ['2026-04-23', false],
    ['2016-12-31T23:59:60Z', true],
    ['2017-01-01T00:59:60.5+01:00', true],
    ['2016-12-31T18:29:60-05:30', true],
    ['2016-12-31T23:58:60Z', false],
    ['2026-04-23T14:30:60Z', false],
    ['2016-12-31T23:59:60+01:00', false],
    ['2016-12-31T23:59:61Z', false],
  ])('%s is a timestamp: %s', (text, expected) => {
    expect(takes({ Variable: '$.x', IsTimestamp: true }, { x: text })).toBe(expected);
  });
});

describe('timestamps are compared to the last digit', () => {
  test.each([
    ['14:30:00.1234567Z', '14:30:00.1234568Z', '<'],
    ['14:30:00.000000000000000001Z', '14:30:00Z', '>'],
    ['14:30:00.5Z', '14:30:00.50000000000Z', '='],
    ['14:30:00.49Z', '14:30:00.5Z', '<'],
    ['14:30:00.10Z', '14:30:00.1000000001Z', '<'],
    ['14:30:00.9999999999Z', '14:30:01Z', '<'],
    ['16:30:00.1234567+02:00', '14:30:00.1234567Z', '='],
    ['23:59:60Z', '23:59:59.999999999Z', '>'],
  ])('%s %s %s', (left, right, sign) => {
    const at = (operator: string) => {
      const day = '2026-04-23T';
      return takes({ Variable: '$.x', [`Timestamp${operator}`]: `${day}${right}` }, { x: `${day}${left}` });
    };
    const found = { '<': at('LessThan'), '=': at('Equals'), '>': at('GreaterThan') };
    expect(found).toEqual({ '<': sign === '<', '=': sign === '=', '>': sign === '>' });
    expect([at('LessThanEquals'), at('GreaterThanEquals')]).toEqual([sign !== '>', sign !== '<']);
  });
});

describe('And, Or, Not', () => {
  const is = (value: number): JsonObject => ({ Variable: '$.x', NumericEquals: value });
  const above = (value: number): JsonObject => ({ Variable: '$.x', NumericGreaterThan: value });
  test.each([
    [{ And: [above(1), above(2)] }, 3, true],
    [{ And: [above(1), above(2)] }, 2, false],
    [{ Or: [is(1), is(2)] }, 2, true],
    [{ Or: [is(1), is(2)] }, 3, false],
    [{ Not: is(1) }, 1, false],
    [{ Not: is(1) }, 2, true],
    [{ And: [{ Not: { Or: [is(1), is(2)] } }, { Not: { And: [above(5), above(6)] } }] }, 3, true],
    [{ And: [{ Not: { Or: [is(1), is(2)] } }, { Not: { And: [above(5), above(6)] } }] }, 7, false],
  ] as [JsonObject, number, boolean][])('%j with %d is %s', (rule, x, expected) => {
    expect(takes(rule, { x })).toBe(expected);
  });

  test('stop at the first answer, so that a test for presence guards the next rule', () => {
    const guarded = { And: [{ Variable: '$.x', IsPresent: true }, is(1)] };
    expect(takes(guarded, {})).toBe(false);
    expect(takes({ And: [...guarded.And].reverse() }, {})).toBeUndefined();
    expect(takes({ Or: [{ Variable: '$.x', IsPresent: false }, is(1)] }, {})).toBe(true);
  });
});

test('a missing variable, or a missing path to compare with, fails the Choice with States.Runtime', () => {
  for (const operator of OPERATORS.filter((name) => name !== 'IsPresent')) {
    const byPath = operator.endsWith('Path');
    const constant =
      operator.startsWith('Is') || operator === 'BooleanEquals' ? true : operator.startsWith('N') ? 1 : EARLY;
    const rule = { Variable: '$.gone', [operator]: byPath ? '$.here' : constant, Next: 'Yes' };
    const flow = flowOf({ Choose: { Type: 'Choice', Choices: [rule], Default: 'Yes' }, Yes: { Type: 'Succeed' } });
    expect(effect(start(flow, { here: 1 }), 'failed')).toMatchObject({ error: 'States.Runtime', state: 'Choose' });
    if (!byPath) continue;
    const other = { ...rule, Variable: '$.here', [operator]: '$.gone' };
    const reversed = flowOf({ Choose: { Type: 'Choice', Choices: [other], Default: 'Yes' }, Yes: { Type: 'Succeed' } });
    expect(effect(start(reversed, { here: 1 }), 'failed').error).toBe('States.Runtime');
  }
});

test('the tables above cover every operator', () => {
  const tried = new Set(rows.flatMap(([operator]) => [operator, `${operator}Path`]));
  const others = [
    'BooleanEquals',
    'BooleanEqualsPath',
    'StringMatches',
    'IsNull',
    'IsPresent',
    'IsNumeric',
    'IsString',
  ];
  expect([...tried, ...others, 'IsBoolean', 'IsTimestamp'].sort()).toEqual([...OPERATORS].sort());
});
