import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { say } from './support.ts';

const advice = (states: JsonObject): string[] =>
  say({ StartAt: Object.keys(states)[0], States: states }).filter((line) => !line.includes('no Default'));
const task = (more: JsonObject = {}): JsonObject => ({ Type: 'Task', Resource: 'module:analyzeTicket', ...more });
const is = (n: number, Next: string): JsonObject => ({ Variable: '$.n', NumericEquals: n, Next });

describe('a loop', () => {
  const loop = (between: JsonObject, more: JsonObject = {}) => ({
    Poll: task({ Next: 'Ready' }),
    Ready: { Type: 'Choice', Choices: [is(1, 'Done')], Default: 'Between' },
    Between: { ...between, Next: 'Poll' },
    Done: { Type: 'Succeed' },
    ...more,
  });

  test('without a Wait is told once, with its way', () => {
    expect(advice(loop({ Type: 'Pass' }))).toEqual([
      'warning $.States.Poll: a loop without a Wait: Poll -> Ready -> Between -> Poll; put a Wait into it, so that it does not run hot',
    ]);
  });

  test.each<JsonObject>([
    { Type: 'Wait', Seconds: 5 },
    task({ Resource: 'module:askPeople', Parameters: { question: 'Now?', audience: ['ana'], form: ['yes', 'no'] } }),
  ])('in which something waits is none: %j', (between) => {
    expect(advice(loop(between)).filter((line) => line.includes('loop'))).toEqual([]);
  });

  test('by a Catch, and within a branch, too', () => {
    const caught = { Work: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Work' }], End: true }) };
    expect(advice(caught)).toEqual([expect.stringContaining('Work -> Work')]);
    const branch = { StartAt: 'A', States: { A: task({ Catch: [{ ErrorEquals: ['E'], Next: 'A' }], End: true }) } };
    expect(advice({ P: { Type: 'Parallel', Branches: [branch], End: true } })).toEqual([
      expect.stringContaining('warning $.States.P.Branches[0].States.A: a loop'),
    ]);
  });
});

describe('a rule that an earlier one shadows', () => {
  const rules = (...conditions: JsonObject[]) =>
    advice({
      C: { Type: 'Choice', Choices: conditions.map((rule) => ({ ...rule, Next: 'End' })), Default: 'End' },
      End: { Type: 'Succeed' },
    });
  const n = (operator: string, value: unknown) => ({ Variable: '$.n', [operator]: value as number });

  test.each<[JsonObject, JsonObject]>([
    [n('NumericEquals', 1), n('NumericEquals', 1)],
    [n('NumericLessThan', 5), n('NumericLessThan', 3)],
    [n('NumericLessThanEquals', 5), n('NumericLessThan', 5)],
    [n('NumericGreaterThan', 5), n('NumericEquals', 6)],
    [n('NumericGreaterThanEquals', 5), n('NumericGreaterThan', 5)],
    [n('StringMatches', 'a*'), n('StringEquals', 'abc')],
    [n('TimestampLessThan', '2026-01-01T00:00:00Z'), n('TimestampLessThan', '2025-12-31T23:00:00-01:00')],
    [{ Or: [n('NumericEquals', 1), n('NumericEquals', 2)] }, n('NumericEquals', 2)],
    [n('NumericEquals', 1), { And: [n('IsNumeric', true), n('NumericEquals', 1)] }],
  ])('%j before %j', (earlier, later) => {
    expect(rules(earlier, later).map((line) => line.slice(0, 50))).toEqual([
      'warning $.States.C.Choices[1]: never met: whatever '.slice(0, 50),
    ]);
  });

  test.each<[JsonObject, JsonObject]>([
    [n('NumericEquals', 1), n('NumericEquals', 2)],
    [n('NumericLessThan', 3), n('NumericLessThan', 5)],
    [n('NumericLessThan', 5), n('NumericLessThanEquals', 5)],
    [n('NumericLessThan', 5), n('NumericGreaterThan', 1)],
    [n('NumericGreaterThan', 5), n('NumericEquals', 5)],
    [n('StringMatches', 'a*'), n('StringEquals', 'b')],
    [n('StringEquals', '1'), n('NumericEquals', 1)],
    [{ And: [n('NumericEquals', 1), n('IsPresent', true)] }, n('NumericEquals', 1)],
    [{ Not: n('NumericEquals', 1) }, n('NumericEquals', 1)],
  ])('%j does not shadow %j', (earlier, later) => {
    expect(rules(earlier, later)).toEqual([]);
  });
});

describe('variables', () => {
  const branch = (state: JsonObject): JsonObject => ({
    StartAt: 'In',
    States: { In: { Type: 'Pass', End: true, ...state } },
  });

  test('one that no state sets is told with those that there are', () => {
    expect(
      advice({
        A: { Type: 'Pass', Assign: { order: 1 }, Next: 'B' },
        B: { Type: 'Pass', Parameters: { 'x.$': '$oder.id' }, Next: 'C' },
        C: { Type: 'Wait', SecondsPath: '$gone', End: true },
      }),
    ).toEqual([
      'warning $.States.B.Parameters: no state sets the variable $oder; there are $order',
      'warning $.States.C.Seconds: no state sets the variable $gone; there are $order',
    ]);
  });

  test('a branch reads what is set around it; what it sets is not there outside', () => {
    const states = (after: string) => ({
      A: { Type: 'Pass', Assign: { outer: 1 }, Next: 'P' },
      P: { Type: 'Parallel', Branches: [branch({ Parameters: { 'o.$': '$outer' }, Assign: { inner: 1 } })], Next: 'Z' },
      Z: { Type: 'Pass', Parameters: { 'v.$': after }, End: true },
    });
    expect(advice(states('$outer'))).toEqual([]);
    expect(advice(states('$inner'))).toEqual([
      'warning $.States.Z.Parameters: no state sets the variable $inner; there are $outer',
    ]);
  });

  test('a branch can’t set what is set around it', () => {
    expect(
      advice({
        A: { Type: 'Pass', Assign: { outer: 1 }, Next: 'M' },
        M: { Type: 'Map', ItemProcessor: branch({ Assign: { outer: 2 } }), End: true },
      }),
    ).toEqual([expect.stringContaining("error $.States.M.ItemProcessor.States.In.Assign: 'outer' is set outside")]);
  });
});

test('a Task waits for a token where somebody is given it, and a module that lives by it has it', () => {
  const options = {
    modules: ['analyzeTicket', 'waitForSignal'],
    bound: 'error' as const,
    tokens: { canHave: ['waitForSignal'], must: ['waitForSignal'] },
  };
  const said = (Resource: string) => {
    const state = { ...task({ Resource, HeartbeatSeconds: 5, End: true }), Parameters: { StateMachineArn: 'a' } };
    return checkFlow({ StartAt: 'A', States: { A: state } }, options).map((p) => p.message);
  };
  const start = 'arn:aws:states:::states:startExecution';
  expect(said('module:waitForSignal.waitForTaskToken')).toEqual([]);
  expect(said(`${start}.waitForTaskToken`)).toEqual([]);
  expect(said('module:waitForSignal')).toEqual([
    expect.stringContaining('write module:waitForSignal.waitForTaskToken'),
  ]);
  expect(said('module:analyzeTicket.waitForTaskToken')).toEqual([expect.stringContaining('gives its token to nobody')]);
  expect(said(`${start}.sync.waitForTaskToken`)).toEqual([expect.stringContaining('not for both')]);
  expect(said('module:runFlow')).toEqual([]);
  expect(said('module:runFlow.waitForTaskToken')).toEqual([expect.stringContaining('not for both')]);
});

test('a Task that starts a flow says which, and nothing that startExecution does not take', () => {
  const said = (more: object) => {
    const state = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync', End: true, ...more };
    const flow = { StartAt: 'Analyze ticket', States: { 'Analyze ticket': state } };
    return checkFlow(flow, { modules: ['analyzeTicket'], bound: 'error' }).map((p) => `${p.path}: ${p.message}`);
  };
  expect(said({ Parameters: { StateMachineArn: 'a', Input: {}, Name: 'n' } })).toEqual([]);
  expect(said({ QueryLanguage: 'JSONata', Arguments: { StateMachineArn: 'a' } })).toEqual([]);
  expect(said({})).toEqual([expect.stringContaining('.Parameters: StateMachineArn is missing')]);
  expect(said({ Parameters: { 'StateMachineArn.$': '$.a', Inptu: {} } })).toEqual([
    expect.stringContaining('.Parameters.Inptu: unknown field'),
  ]);
});

test('HeartbeatSeconds of a module is told to have no effect', () => {
  expect(advice({ A: task({ HeartbeatSeconds: 5, End: true }) })).toEqual([
    expect.stringContaining('warning $.States.A.HeartbeatSeconds: has no effect'),
  ]);
});
