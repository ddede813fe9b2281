/** Time-outs, heartbeats, tokens: what the interpreter hands to its driver, and what it makes of what comes back. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { begin, proceed } from '../../src/flow/run.ts';
import { effect, error, errorsOf, flowOf, line, NOW, output, play, result, single } from './support.ts';

const task = (more: JsonObject) => single({ Type: 'Task', Resource: 'module:m', ...more });

describe('HeartbeatSeconds', () => {
  test('goes to the driver, from a number or from a path', () => {
    expect(effect(play(task({ HeartbeatSeconds: 5 }), {}), 'task').heartbeatSeconds).toBe(5);
    expect(effect(play(task({ HeartbeatSecondsPath: '$.h' }), { h: 7 }), 'task').heartbeatSeconds).toBe(7);
    expect(effect(play(task({}), {}), 'task')).not.toHaveProperty('heartbeatSeconds');
  });

  test.each([0, -1, 1.5, 'x'])('a path that finds %j is States.Runtime', (h) => {
    expect(effect(play(task({ HeartbeatSecondsPath: '$.h' }), { h }), 'failed').error).toBe('States.Runtime');
  });

  test.each([
    [['States.HeartbeatTimeout'], 'States.HeartbeatTimeout', true],
    [['States.Timeout'], 'States.HeartbeatTimeout', true],
    [['States.ALL'], 'States.HeartbeatTimeout', true],
    [['States.TaskFailed'], 'States.HeartbeatTimeout', false],
    [['States.HeartbeatTimeout'], 'States.Timeout', false],
  ])('%j covers %s: %s', (ErrorEquals, name, covered) => {
    const flow = flowOf({
      S: { Type: 'Task', Resource: 'm', Catch: [{ ErrorEquals, Next: 'C' }], End: true },
      C: { Type: 'Succeed' },
    });
    expect(play(flow, {}, [error(name)]).effect.kind).toBe(covered ? 'succeeded' : 'failed');
  });

  test('must be less than TimeoutSeconds', () => {
    const state = { Type: 'Task', Resource: 'module:analyzeTicket', HeartbeatSeconds: 9, TimeoutSeconds: 9, End: true };
    expect(errorsOf(state)).toEqual([expect.stringContaining('must be less than TimeoutSeconds, which is 9')]);
  });
});

describe('a Task that waits for a token', () => {
  const waits = (more: JsonObject = {}) =>
    task({ Resource: 'module:m.waitForTaskToken', Parameters: { 'token.$': '$$.Task.Token', 'a.$': '$.a' }, ...more });

  test('has a token in $$ and in its effect; the result is what comes back', () => {
    let made = 0;
    const clock = { now: NOW, executionId: 'e', token: () => `secret-${++made}` };
    const turn = begin(waits(), { a: 1 }, clock);
    expect(effect(turn, 'task')).toMatchObject({
      resource: 'module:m',
      token: 'secret-1',
      input: { token: 'secret-1', a: 1 },
    });
    expect(output(proceed(waits(), turn.position, result('done'), clock))).toBe('done');
  });

  test('a retry has another token', () => {
    let made = 0;
    const clock = { now: NOW, executionId: 'e', token: () => `secret-${++made}` };
    const flow = waits({ Retry: [{ ErrorEquals: ['States.ALL'] }] });
    const failed = proceed(flow, begin(flow, { a: 1 }, clock).position, error('No'), clock);
    expect(effect(proceed(flow, failed.position, { kind: 'elapsed' }, clock), 'task').token).toBe('secret-2');
  });

  test('a Task without has none', () => {
    const flow = task({ Parameters: { 'token.$': '$$.Task.Token' } });
    expect(effect(play(flow, {}), 'failed').error).toBe('States.ParameterPathFailure');
  });
});

describe('TimeoutSeconds of the whole flow', () => {
  const flow = (more: JsonObject = {}) =>
    parseFlow(
      {
        StartAt: 'S',
        TimeoutSeconds: 60,
        States: {
          S: { Type: 'Task', Resource: 'm', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], End: true, ...more },
          C: { Type: 'Succeed' },
        },
      },
      'test',
    );

  test('is told with the position, and when it is over nothing catches it', () => {
    const turn = play(flow(), {});
    expect(turn.position.execution.until).toBe(NOW + 60_000);
    const over = proceed(flow(), turn.position, { kind: 'timedOut' }, { now: NOW + 60_000 });
    expect(effect(over, 'failed')).toMatchObject({ state: 'S', error: 'States.Timeout' });
  });

  test('cuts off branches under way', () => {
    const whole = parseFlow(
      { StartAt: 'P', TimeoutSeconds: 60, States: { P: { Type: 'Parallel', Branches: [line()], End: true } } },
      'test',
    );
    const over = proceed(whole, play(whole, {}).position, { kind: 'timedOut' }, { now: NOW + 60_000 });
    expect(effect(over, 'failed')).toMatchObject({ state: 'P', error: 'States.Timeout' });
  });

  test('begins anew when an operator takes the flow in hand', () => {
    const over = proceed(flow(), play(flow(), {}).position, { kind: 'timedOut' }, { now: NOW + 60_000 });
    const again = proceed(flow(), over.position, { kind: 'retry' }, { now: NOW + 100_000 });
    expect(again.position.execution.until).toBe(NOW + 160_000);
    expect(effect(again, 'task').state).toBe('S');
  });

  test.each([0, -1, 1.5, '60'])('%j is refused', (TimeoutSeconds) => {
    expect(() => parseFlow({ StartAt: 'S', TimeoutSeconds, States: { S: { Type: 'Succeed' } } }, 'test')).toThrow(
      /TimeoutSeconds must be a whole number/,
    );
  });
});
