import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { backoffMs } from '../../src/flow/retry.ts';
import { proceed } from '../../src/flow/run.ts';
import type { Flow } from '../../src/flow/types.ts';
import { effect, elapsed, error, flowOf, NOW, output, play, result, start } from './support.ts';

const REFERENCE = { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 };

function task(fields: JsonObject): Flow {
  return flowOf({
    S: { Type: 'Task', Resource: 'module:x', End: true, ...fields },
    Caught: { Type: 'Pass', End: true },
    CaughtAll: { Type: 'Pass', End: true },
  });
}

/** Waits between attempts in s until the Task fails, with these errors one after the other, the last one again and again. */
function waits(flow: Flow, errors: readonly string[]): number[] {
  const found: number[] = [];
  let turn = start(flow);
  for (let n = 0; turn.effect.kind === 'task' && n < 100; n++) {
    turn = proceed(flow, turn.position, error(errors[Math.min(n, errors.length - 1)] ?? ''), { now: NOW });
    if (turn.effect.kind !== 'wait') break;
    found.push((turn.effect.until - NOW) / 1000);
    turn = proceed(flow, turn.position, elapsed, { now: NOW });
  }
  return found;
}

describe('Retry', () => {
  test('three MaxAttempts are three retries, four attempts: after 2, 4 and 8 s', () => {
    expect(waits(task({ Retry: [REFERENCE] }), ['E'])).toEqual([2, 4, 8]);
  });

  test('defaults are three retries after 1, 2 and 4 s', () => {
    expect(waits(task({ Retry: [{ ErrorEquals: ['E'] }] }), ['E'])).toEqual([1, 2, 4]);
  });

  test('MaxAttempts 0 never retries', () => {
    expect(waits(task({ Retry: [{ ...REFERENCE, MaxAttempts: 0 }] }), ['E'])).toEqual([]);
  });

  test('MaxDelaySeconds bounds the wait', () => {
    expect(waits(task({ Retry: [{ ...REFERENCE, MaxAttempts: 5, MaxDelaySeconds: 7 }] }), ['E'])).toEqual([
      2, 4, 7, 7, 7,
    ]);
  });

  test('each retrier counts for itself, and only the first that covers the error is asked', () => {
    const flow = task({
      Retry: [
        { ErrorEquals: ['A'], MaxAttempts: 1 },
        { ...REFERENCE, MaxAttempts: 2 },
      ],
    });
    expect(waits(flow, ['A', 'B', 'B', 'B'])).toEqual([1, 2, 4]);
    expect(waits(flow, ['A', 'A'])).toEqual([1]);
    expect(waits(flow, ['B', 'A', 'B', 'A'])).toEqual([2, 1, 4]);
  });

  test('an error that no retrier covers is not retried', () => {
    expect(waits(task({ Retry: [{ ErrorEquals: ['A'] }] }), ['B'])).toEqual([]);
    expect(waits(task({}), ['B'])).toEqual([]);
  });

  test.each([
    ['States.ALL', 'Anything', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.Runtime', false],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.TaskFailed', 'Anything', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.TaskFailed', 'States.Runtime', false],
    ['States.Timeout', 'States.Timeout', true],
    ['States.Runtime', 'States.Runtime', true],
    ['Exact', 'Exact', true],
    ['Exact', 'exact', false],
  ])('%s covers %s: %s, in Retry and in Catch', (name, reported, covered) => {
    expect(waits(task({ Retry: [{ ErrorEquals: [name], MaxAttempts: 1 }] }), [reported])).toHaveLength(covered ? 1 : 0);
    const caught = play(task({ Catch: [{ ErrorEquals: [name], Next: 'Caught' }] }), {}, [error(reported)]);
    expect(caught.effect.kind).toBe(covered ? 'succeeded' : 'failed');
  });

  test('the effects tell the attempt and how many there may be', () => {
    const flow = task({
      Retry: [
        { ErrorEquals: ['A'], MaxAttempts: 1 },
        { ...REFERENCE, MaxAttempts: 4 },
      ],
    });
    expect(effect(start(flow), 'task')).toMatchObject({ attempt: 1, maxAttempts: 5, entry: 1 });
    const waiting = { why: 'retry', attempt: 2, maxAttempts: 2, error: 'A' };
    expect(play(flow, {}, [error('A')]).effect).toMatchObject(waiting);
    expect(play(flow, {}, [error('A'), elapsed]).effect).toMatchObject({ attempt: 2, maxAttempts: 2, entry: 1 });
    const mixed = [error('A'), elapsed, error('B'), elapsed];
    expect(play(flow, {}, mixed).effect).toMatchObject({ attempt: 3, maxAttempts: 6 });
    expect(effect(start(task({})), 'task').maxAttempts).toBe(1);
  });

  test("a provider's Retry-After is waited for when it is longer than the backoff", () => {
    const flow = task({ Retry: [REFERENCE] });
    expect(effect(play(flow, {}, [error('E', { retryAfterMs: 30_000 })]), 'wait').until).toBe(NOW + 30_000);
    expect(effect(play(flow, {}, [error('E', { retryAfterMs: 500 })]), 'wait').until).toBe(NOW + 2_000);
  });

  test('an error that can not get better skips Retry and goes to Catch', () => {
    const flow = task({ Retry: [REFERENCE], Catch: [{ ErrorEquals: ['E'], Next: 'Caught' }] });
    expect(output(play(flow, {}, [error('E', { retryable: false })]))).toEqual({ Error: 'E', Cause: 'because' });
  });

  test('an attempt that does not count is made again as the same attempt, after Retry-After if there is one', () => {
    const flow = task({ Retry: [REFERENCE] });
    const first = start(flow);
    expect(play(flow, {}, [error('E', { counts: false })]).effect).toEqual(first.effect);
    const later = play(flow, {}, [error('E', { counts: false, retryAfterMs: 700 })]);
    expect(later.effect).toMatchObject({ kind: 'wait', until: NOW + 700, why: 'retry', attempt: 1 });
    expect(play(flow, {}, [error('E', { counts: false, retryAfterMs: 700 }), elapsed]).effect).toEqual(first.effect);
  });

  test('counters begin anew when the state is entered again', () => {
    const flow = flowOf({
      S: { Type: 'Task', Resource: 'module:x', Retry: [{ ...REFERENCE, MaxAttempts: 1 }], Next: 'Again' },
      Again: { Type: 'Choice', Choices: [{ Variable: '$.again', BooleanEquals: true, Next: 'S' }], Default: 'End' },
      End: { Type: 'Succeed' },
    });
    const events = [error('E'), elapsed, result({ again: true }), error('E')];
    expect(play(flow, {}, events).effect).toMatchObject({ kind: 'wait', entry: 2, attempt: 2, until: NOW + 2000 });
  });

  test('the n-th wait is IntervalSeconds * BackoffRate ^ n, bounded, and full jitter lies between 0 and that', () => {
    const retriers = fc.record({
      intervalSeconds: fc.integer({ min: 1, max: 1000 }),
      backoffRate: fc.double({ min: 1, max: 50, noNaN: true }),
      maxDelaySeconds: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(retriers, fc.nat(40), fc.double({ min: 0, max: 1, noNaN: true }), (some, n, chance) => {
        const retrier = { ...some, errorEquals: ['States.ALL'], maxAttempts: 99, fullJitter: false };
        const formula = some.intervalSeconds * some.backoffRate ** n * 1000;
        const bound = (some.maxDelaySeconds ?? 31_622_400) * 1000;
        const ms = backoffMs(retrier, n, () => chance);
        expect(ms).toBe(Math.round(Math.min(formula, bound)));
        const jittered = backoffMs({ ...retrier, fullJitter: true }, n, () => chance);
        expect(Math.abs(jittered - ms * chance)).toBeLessThanOrEqual(1);
        expect(backoffMs({ ...retrier, fullJitter: true }, n)).toBe(ms);
      }),
    );
  });

  test('JitterStrategy FULL takes its chance from the caller', () => {
    const flow = task({ Retry: [{ ...REFERENCE, JitterStrategy: 'FULL' }] });
    const turn = proceed(flow, start(flow).position, error('E'), { now: NOW, random: () => 0.25 });
    expect(effect(turn, 'wait').until).toBe(NOW + 500);
  });
});

test('very many retriers are no trouble', () => {
  const retry = Array.from({ length: 200_000 }, (_, i) => ({ ErrorEquals: [`E${i}`], MaxAttempts: i === 7 ? 9 : 1 }));
  expect(effect(start(task({ Retry: retry })), 'task').maxAttempts).toBe(10);
});

describe('Catch', () => {
  const flow = (more: JsonObject = {}) =>
    task({
      Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1 }],
      Catch: [
        { ErrorEquals: ['A', 'B'], Next: 'Caught', ...more },
        { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'CaughtAll' },
      ],
    });

  test('comes after Retry is used up', () => {
    const turn = play(flow(), { in: 1 }, [error('A'), elapsed, error('A')]);
    expect(output(turn)).toEqual({ Error: 'A', Cause: 'because' });
  });

  test('puts the error where its ResultPath says, onto the raw input', () => {
    expect(output(play(flow(), { in: 1 }, [error('Z')]))).toEqual({ in: 1, error: { Error: 'Z', Cause: 'because' } });
    expect(output(play(flow({ ResultPath: null }), { in: 1 }, [error('B')]))).toEqual({ in: 1 });
  });

  test('the first catcher that covers the error takes it', () => {
    expect(play(flow(), {}, [error('B')]).position.frame.state).toBe('Caught');
    expect(play(flow(), {}, [error('C')]).position.frame.state).toBe('CaughtAll');
  });

  test('catches what a path could not find, but States.ALL leaves States.Runtime alone', () => {
    const all = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const missing = task({ Parameters: { 'a.$': '$.gone' }, Retry: [REFERENCE], Catch: all });
    expect(output(start(missing))).toMatchObject({ Error: 'States.ParameterPathFailure' });
    expect(start(task({ InputPath: '$.gone', Catch: all })).effect.kind).toBe('failed');
  });

  test('that can not write its ResultPath fails the state', () => {
    expect(effect(play(flow({ ResultPath: '$.a.b' }), { a: 1 }, [error('B')]), 'failed')).toMatchObject({
      state: 'S',
      error: 'States.ResultPathMatchFailure',
      input: { a: 1 },
    });
  });
});
