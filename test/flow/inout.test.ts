import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { effect, elapsed, flowOf, NOW, output, play, result, single, start } from './support.ts';

const TASK = { Type: 'Task', Resource: 'module:x' };
const INPUT = { detail: { id: 'T1', n: 3 }, kept: 'k' };

describe('a Task', () => {
  test.each([
    ['nothing', {}, INPUT],
    ['InputPath', { InputPath: '$.detail' }, INPUT.detail],
    ['InputPath null', { InputPath: null }, {}],
    [
      'Parameters',
      { Parameters: { 'id.$': '$.detail.id', fixed: [1, { 'k.$': '$.kept' }] } },
      { id: 'T1', fixed: [1, { k: 'k' }] },
    ],
    [
      'InputPath, then Parameters',
      { InputPath: '$.detail', Parameters: { 'id.$': '$.id', 'all.$': '$' } },
      { id: 'T1', all: INPUT.detail },
    ],
    ['Parameters that are no object', { Parameters: 'text' }, 'text'],
    ['the context object', { Parameters: { 'a.$': '$$' } }, { a: context('S', 0) }],
    [
      'Lambda invoke',
      { Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f', 'Payload.$': '$.detail' } },
      INPUT.detail,
    ],
  ])('gets its input by %s', (_name, fields, expected) => {
    expect(effect(start(single({ ...TASK, ...fields }), INPUT), 'task').input).toEqual(expected);
  });

  test.each([
    ['nothing', {}, { r: 1 }],
    ['ResultPath', { ResultPath: '$.detail.result' }, { detail: { id: 'T1', n: 3, result: { r: 1 } }, kept: 'k' }],
    ['ResultPath null', { ResultPath: null }, INPUT],
    [
      'ResultSelector',
      { ResultSelector: { 'one.$': '$.r', 'who.$': '$$.Execution.Id' } },
      { one: 1, who: 'ticket-T1' },
    ],
    ['OutputPath', { ResultPath: '$.x', OutputPath: '$.x.r' }, 1],
    ['OutputPath null', { OutputPath: null }, {}],
    [
      'ResultPath onto the raw input, not the filtered one',
      { InputPath: '$.detail', ResultPath: '$.x' },
      { ...INPUT, x: { r: 1 } },
    ],
    ['Lambda invoke', { Resource: 'arn:aws:states:::lambda:invoke', OutputPath: '$.Payload' }, { r: 1 }],
  ] as [string, JsonObject, unknown][])('gives its output by %s', (_name, fields, expected) => {
    expect(output(play(single({ ...TASK, ...fields }), INPUT, [result({ r: 1 })]))).toEqual(expected);
  });

  test.each([
    ['InputPath', { InputPath: '$.gone' }, 'States.Runtime'],
    ['Parameters', { Parameters: { 'a.$': '$.gone' } }, 'States.ParameterPathFailure'],
    ['TimeoutSecondsPath', { TimeoutSecondsPath: '$.kept' }, 'States.Runtime'],
  ])('fails when its %s finds nothing', (field, fields, name) => {
    const failed = effect(start(single({ ...TASK, ...fields }), INPUT), 'failed');
    expect(failed).toMatchObject({ error: name, input: INPUT, entry: 1 });
    expect(failed.cause.includes('T1')).toBe(false);
    expect(field).not.toBe('');
  });

  test.each([
    ['ResultSelector', { ResultSelector: { 'a.$': '$.gone' } }, 'States.ParameterPathFailure'],
    ['ResultPath', { ResultPath: '$.kept.x' }, 'States.ResultPathMatchFailure'],
    ['OutputPath', { OutputPath: '$.gone' }, 'States.Runtime'],
  ])('fails when its %s can not be followed, without asking the module again', (_field, fields, name) => {
    const retry = { Retry: [{ ErrorEquals: ['States.ALL'] }] };
    const failed = effect(play(single({ ...TASK, ...fields, ...retry }), INPUT, [result({ r: 1 })]), 'failed');
    expect(failed.error).toBe(name);
  });

  test('hands its time-out to the driver', () => {
    expect(effect(start(single({ ...TASK, TimeoutSeconds: 30 })), 'task').timeoutSeconds).toBe(30);
    expect(effect(start(single({ ...TASK, TimeoutSecondsPath: '$.s' }), { s: 7 }), 'task').timeoutSeconds).toBe(7);
    expect(effect(start(single(TASK)), 'task')).not.toHaveProperty('timeoutSeconds');
  });
});

describe('a Pass', () => {
  test.each([
    ['nothing', {}, INPUT],
    ['Result', { Result: [1] }, [1]],
    ['a Result of null', { Result: null }, null],
    ['Parameters', { Parameters: { 'n.$': '$.detail.n' } }, { n: 3 }],
    [
      'Result and ResultPath',
      { Result: 'r', ResultPath: '$.detail.r' },
      { detail: { id: 'T1', n: 3, r: 'r' }, kept: 'k' },
    ],
    ['InputPath and ResultPath', { InputPath: '$.detail.n', ResultPath: '$.n' }, { ...INPUT, n: 3 }],
    ['OutputPath', { OutputPath: '$.detail.n' }, 3],
    ['null paths', { InputPath: null }, {}],
  ])('with %s', (_name, fields, expected) => {
    expect(output(start(single({ Type: 'Pass', ...fields }), INPUT))).toEqual(expected);
  });
});

describe('a Wait', () => {
  const inAnHour = { Timestamp: '2026-04-23T15:30:00Z' };
  test.each([
    ['Seconds', { Seconds: 90 }, 90_000],
    ['no Seconds at all', { Seconds: 0 }, 0],
    ['Timestamp', inAnHour, 3_600_000],
    ['a Timestamp with decimals', { Timestamp: '2026-04-23T15:30:00.25Z' }, 3_600_250],
    ['a Timestamp in a leap second', { Timestamp: '2026-04-23T23:59:60Z' }, 34_200_000],
    ['SecondsPath', { SecondsPath: '$.wait.s' }, 5_000],
    ['TimestampPath', { InputPath: '$.wait', TimestampPath: '$.t' }, -1_800_000],
  ])('waits by %s', (_name, fields, ms) => {
    const input = { wait: { s: 5, t: '2026-04-23T14:00:00Z' } };
    const flow = single({ Type: 'Wait', ...fields });
    const waiting = start(flow, input);
    expect(waiting.effect).toEqual({ kind: 'wait', state: 'S', entry: 1, until: NOW + ms, why: 'wait' });
    expect(output(play(flow, input, [elapsed]))).toEqual('InputPath' in fields ? input.wait : input);
  });

  test.each([
    [{ SecondsPath: '$.w' }, -1],
    [{ SecondsPath: '$.w' }, 1.5],
    [{ SecondsPath: '$.w' }, '5'],
    [{ SecondsPath: '$.w' }, 1e300],
    [{ TimestampPath: '$.w' }, 'tomorrow'],
    [{ TimestampPath: '$.w' }, 5],
  ])('%j with %j fails with States.Runtime', (fields, w) => {
    expect(effect(start(single({ Type: 'Wait', ...fields }), { w }), 'failed').error).toBe('States.Runtime');
  });
});

describe('an end', () => {
  test('a Succeed ends the flow with its filtered input', () => {
    expect(output(start(flowOf({ S: { Type: 'Succeed', InputPath: '$.detail', OutputPath: '$.n' } }), INPUT))).toBe(3);
  });

  test('a state with neither Next nor End ends the flow', () => {
    expect(output(start(flowOf({ S: { Type: 'Pass' } }), INPUT))).toEqual(INPUT);
  });

  test.each([
    [{ Error: 'E', Cause: 'because' }, 'E', 'because'],
    [{ ErrorPath: '$.detail.id', CausePath: '$.kept' }, 'T1', 'k'],
    [{}, 'Failed', ''],
    [{ ErrorPath: '$.gone' }, 'States.Runtime', 'ErrorPath: there is nothing at $.gone'],
    [{ ErrorPath: '$.kept', CausePath: '$.detail.id' }, 'k', 'T1'],
    [{ CausePath: '$.detail.n' }, 'States.Runtime', 'CausePath: $.detail.n is no string'],
  ])('a Fail with %j fails with %s', (fields, name, cause) => {
    const failed = start(flowOf({ S: { Type: 'Fail', ...fields } }), INPUT).effect;
    expect(failed).toEqual({ kind: 'failed', state: 'S', entry: 1, error: name, cause, input: INPUT });
  });
});

test.each(['', "I can't log in", 'ann@example.org', 'E\n', 'x'.repeat(101), 'Größe'])(
  'what ErrorPath finds is an error name, never free text: %j fails with States.Runtime',
  (text) => {
    const failed = effect(
      start(flowOf({ S: { Type: 'Fail', ErrorPath: '$.e', CausePath: '$.e' } }), { e: text }),
      'failed',
    );
    expect(failed.error).toBe('States.Runtime');
    expect(failed.cause).toMatch(/^ErrorPath: what stands at \$\.e is no name of an error/u);
    expect(text === '' || !failed.cause.includes(text)).toBe(true);
  },
);

test('a personal field is never an error name, though a name looks like one', () => {
  const flow = flowOf({ S: { Type: 'Fail', ErrorPath: '$.detail.customerName' } });
  const failed = effect(start(flow, { detail: { customerName: 'Ann' } }), 'failed');
  expect(failed.error).toBe('States.Runtime');
  expect(failed.cause).toBe('ErrorPath: what stands at $.detail.customerName is personal, and no name of an error');
});

test.each(['States.Timeout', 'ProviderFailed', 'a-b:c_d.1', 'x'.repeat(100)])('ErrorPath may find %s', (text) => {
  expect(effect(start(flowOf({ S: { Type: 'Fail', ErrorPath: '$.e' } }), { e: text }), 'failed').error).toBe(text);
});

test('the context object tells the execution and the state, with retries so far', () => {
  const flow = flowOf({
    First: { Type: 'Pass', Next: 'S' },
    S: { ...TASK, Parameters: { 'c.$': '$$' }, Retry: [{ ErrorEquals: ['States.ALL'] }], End: true },
  });
  expect(effect(start(flow, INPUT), 'task').input).toEqual({ c: context('S', 0) });
  const second = play(flow, INPUT, [{ kind: 'error', error: 'E', cause: '' }, elapsed]);
  expect(effect(second, 'task').input).toEqual({ c: context('S', 1) });
});

function context(state: string, retries: number) {
  const time = new Date(NOW).toISOString();
  return {
    Execution: { Id: 'ticket-T1', Name: 'ticket-T1', Input: INPUT, RedriveCount: 0, StartTime: time },
    State: { Name: state, EnteredTime: time, RetryCount: retries },
    StateMachine: { Id: 'test', Name: 'test' },
  };
}
