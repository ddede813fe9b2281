import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { effect, error, errorsOf, flowOf, line, output, play, result } from './support.ts';

/** Ends with the variables that `names` names. */
const told = (...names: string[]): JsonObject => ({
  Type: 'Pass',
  Parameters: Object.fromEntries(names.map((name) => [`${name}.$`, `$${name}`])),
  End: true,
});

describe('what $ is in Assign', () => {
  test.each<[string, JsonObject, unknown]>([
    ['a Pass: its result', { Type: 'Pass', Parameters: { 'b.$': '$.a' }, Assign: { 'v.$': '$' } }, { b: 1 }],
    ['a Pass with Result', { Type: 'Pass', Result: 5, Assign: { 'v.$': '$' } }, 5],
    ['a Wait: its input', { Type: 'Wait', Seconds: 0, InputPath: '$.a', Assign: { 'v.$': '$' } }, 1],
  ])('%s', (_, state, v) => {
    const flow = flowOf({ S: { ...state, Next: 'Tell' }, Tell: told('v') });
    const events = state.Type === 'Wait' ? [{ kind: 'elapsed' } as const] : [];
    expect(output(play(flow, { a: 1 }, events))).toEqual({ v });
  });

  test('a Task: its result before ResultSelector, whatever ResultPath does with it', () => {
    const flow = flowOf({
      S: {
        Type: 'Task',
        Resource: 'module:m',
        ResultSelector: { x: 0 },
        ResultPath: null,
        Assign: { 'v.$': '$.r', c: 1 },
        Next: 'Tell',
      },
      Tell: told('v', 'c'),
    });
    expect(output(play(flow, {}, [result({ r: 7 })]))).toEqual({ v: 7, c: 1 });
  });

  test('a Parallel: the list of its branches’ outputs', () => {
    const flow = flowOf({
      S: { Type: 'Parallel', Branches: [line()], Assign: { 'v.$': '$[0]' }, Next: 'Tell' },
      Tell: told('v'),
    });
    expect(output(play(flow, {}, [{ ...result('r'), line: [0] }]))).toEqual({ v: 'r' });
  });

  test('a catcher: the error, and the state’s own Assign is left out', () => {
    const flow = flowOf({
      S: {
        Type: 'Task',
        Resource: 'module:m',
        Assign: { own: true },
        Catch: [{ ErrorEquals: ['States.ALL'], Assign: { 'v.$': '$.Error' }, ResultPath: null, Next: 'Tell' }],
        End: true,
      },
      Tell: { ...told('v'), Parameters: { 'v.$': '$v', 'own.$': '$own' }, Next: 'N', End: false },
      N: { Type: 'Succeed' },
    });
    expect(effect(play(flow, {}, [error('E1')]), 'failed')).toMatchObject({
      state: 'Tell',
      error: 'States.ParameterPathFailure',
    });
  });

  const choice: JsonObject = {
    Type: 'Choice',
    Choices: [{ Variable: '$.a', NumericEquals: 1, Assign: { 'v.$': '$.a', by: 'rule' }, Next: 'Tell' }],
    Assign: { v: 0, by: 'default' },
    Default: 'Tell',
  };
  test.each([
    [1, { v: 1, by: 'rule' }],
    [2, { v: 0, by: 'default' }],
  ])('a Choice with %i: the rule’s Assign, or with the Default its own', (a, expected) => {
    expect(output(play(flowOf({ S: choice, Tell: told('v', 'by') }), { a }))).toEqual(expected);
  });
});

test('every field of a state sees the variables as they were when it was entered', () => {
  const flow = flowOf({
    One: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'Two' },
    Two: {
      Type: 'Pass',
      Assign: { 'x.$': '$y', 'y.$': '$x' },
      Parameters: { 'x.$': '$x' },
      Next: 'Tell',
    },
    Tell: { ...told('x', 'y'), ResultPath: '$.now' },
  });
  expect(output(play(flow, {}))).toEqual({ x: 1, now: { x: 2, y: 1 } });
});

test('a variable stands wherever a path may', () => {
  const flow = flowOf({
    One: { Type: 'Pass', Result: null, Assign: { order: { id: 7, items: [{ n: 1 }, { n: 2 }] }, s: 0 }, Next: 'Ask' },
    Ask: {
      Type: 'Choice',
      Choices: [{ Variable: '$order.id', NumericGreaterThanPath: '$s', Next: 'Nap' }],
      Default: 'Bad',
    },
    Nap: { Type: 'Wait', SecondsPath: '$s', Next: 'Each' },
    Each: {
      Type: 'Map',
      ItemsPath: '$order.items[*].n',
      ItemSelector: { 'n.$': '$$.Map.Item.Value', 'id.$': '$order.id' },
      ItemProcessor: {
        StartAt: 'In',
        States: {
          In: {
            Type: 'Pass',
            Parameters: { 'text.$': "States.Format('{}:{}', $.n, $order.id)" },
            OutputPath: '$.text',
            End: true,
          },
        },
      },
      Next: 'Whole',
    },
    Whole: { Type: 'Pass', InputPath: '$order.items[1]', ResultPath: '$', OutputPath: '$', End: true },
    Bad: { Type: 'Fail' },
  });
  const waited = play(flow, {}, [{ kind: 'elapsed' }]);
  expect(output(waited)).toEqual({ n: 2 });
});

test('what a branch or an item sets is its own, and it sees what was set before', () => {
  const own: JsonObject = {
    StartAt: 'Set',
    States: {
      Set: { Type: 'Pass', Assign: { 'mine.$': 'States.MathAdd($outer, $$.Map.Item.Index)' }, Next: 'Say' },
      Say: { Type: 'Pass', Parameters: { 'mine.$': '$mine', 'outer.$': '$outer' }, End: true },
    },
  };
  const flow = flowOf({
    One: { Type: 'Pass', Assign: { outer: 10 }, Next: 'M' },
    M: { Type: 'Map', ItemsPath: '$.list', ItemProcessor: own, Next: 'After' },
    After: { Type: 'Pass', Parameters: { 'lost.$': '$mine' }, End: true },
  });
  const turn = play(flow, { list: ['a', 'b'] });
  expect(effect(turn, 'failed')).toMatchObject({ state: 'After', error: 'States.ParameterPathFailure' });
  expect(turn.position.frame.input).toEqual([
    { mine: 10, outer: 10 },
    { mine: 11, outer: 10 },
  ]);
});

describe('the checker', () => {
  const pass = (Assign: unknown) => ({ Type: 'Pass', Assign, End: true });
  test.each([
    [pass([]), '.Assign', 'must be an object'],
    [pass({ states: 1 }), '.Assign.states', '$states'],
    [pass({ '1x': 1 }), '.Assign.1x', 'no digit first'],
    [pass({ 'a b': 1 }), ".Assign['a b']", 'letters, digits'],
    [pass({ ['x'.repeat(81)]: 1 }), `.Assign.${'x'.repeat(81)}`, '80 characters'],
    [pass({ 'v.$': 5 }), ".Assign['v.$']", 'must hold a path'],
    [{ Type: 'Succeed', Assign: {} }, '.Assign', 'a Succeed has no Assign'],
    [{ Type: 'Pass', ResultPath: '$v', End: true }, '.ResultPath', 'set by Assign'],
  ])('%j', (state, path, message) => {
    expect(errorsOf(state)).toEqual([expect.stringContaining(`error $.States.S${path}: `)]);
    expect(errorsOf(state)[0]).toContain(message);
  });

  test('letters of every script, and of the reserved names only that one', () => {
    expect(errorsOf(pass({ größe_1: 1, _x: 2, context: 3, constructor: 4 }))).toEqual([]);
  });
});

test('an error is not named by what the customer wrote, be it by a variable', () => {
  const flow = flowOf({
    One: { Type: 'Pass', Assign: { 'wrote.$': '$.detail.subject', own: 'Stuck' }, Next: 'Ask' },
    Ask: { Type: 'Choice', Choices: [{ Variable: '$.own', BooleanEquals: true, Next: 'Own' }], Default: 'Wrote' },
    Own: { Type: 'Fail', ErrorPath: '$own' },
    Wrote: { Type: 'Fail', ErrorPath: '$wrote' },
  });
  const failed = (own: boolean) => effect(play(flow, { own, detail: { subject: 'Smith' } }), 'failed').error;
  expect([failed(true), failed(false)]).toEqual(['Stuck', 'States.Runtime']);
});
