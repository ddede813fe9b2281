import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { proceed } from '../../src/flow/run.ts';
import { effect, elapsed, error, errorsOf, flowOf, line, NOW, output, play, result, waiting } from './support.ts';

const parallel = (state: JsonObject = {}) =>
  flowOf({
    P: { Type: 'Parallel', Branches: [line({}, 'A'), line({}, 'B')], Next: 'After', ...state },
    After: { Type: 'Pass', End: true },
    Sorry: { Type: 'Pass', End: true },
  });
const at = (index: number, event: ReturnType<typeof result>) => ({ ...event, line: [index] });

test('all branches run at once, each with the state’s input, and their outputs come in the order of the branches', () => {
  const flow = parallel();
  const begun = play(flow, { x: 1 });
  expect(waiting(begun)).toEqual({ 'P#1[0]/A#1': { x: 1 }, 'P#1[1]/B#1': { x: 1 } });
  const half = play(flow, { x: 1 }, [at(1, result('b'))]);
  expect(waiting(half)).toEqual({ 'P#1[0]/A#1': { x: 1 } });
  expect(output(play(flow, { x: 1 }, [at(1, result('b')), at(0, result('a'))]))).toEqual(['a', 'b']);
});

test('InputPath and Parameters make the input of every branch; ResultSelector and ResultPath take the list', () => {
  const flow = parallel({
    InputPath: '$.in',
    Parameters: { 'v.$': '$.v' },
    ResultSelector: { 'first.$': '$[0]', 'all.$': '$[*]' },
    ResultPath: '$.out',
  });
  const input = { in: { v: 1, w: 2 } };
  expect(waiting(play(flow, input))).toEqual({ 'P#1[0]/A#1': { v: 1 }, 'P#1[1]/B#1': { v: 1 } });
  expect(output(play(flow, input, [at(0, result('a')), at(1, result('b'))]))).toEqual({
    ...input,
    out: { first: 'a', all: ['a', 'b'] },
  });
});

describe('a branch that fails', () => {
  test('fails the state with its own error, and the others are not waited for', () => {
    const failed = play(parallel(), {}, [at(0, error('Broken'))]);
    expect(effect(failed, 'failed')).toMatchObject({ state: 'P', error: 'Broken', cause: 'because' });
    expect(() => proceed(parallel(), failed.position, at(1, result('late')), { now: NOW })).toThrow(/can't take/);
  });

  test('is caught by name, and its output is what ResultPath makes of it', () => {
    const flow = parallel({ Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.error', Next: 'Sorry' }] });
    expect(output(play(flow, { x: 1 }, [at(1, error('Broken'))]))).toEqual({
      x: 1,
      error: { Error: 'Broken', Cause: 'because' },
    });
  });

  test('is retried as a whole: all branches again, in the same occasions', () => {
    const flow = parallel({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 1 }] });
    const backing = play(flow, {}, [at(1, result('b')), at(0, error('Broken'))]);
    expect(effect(backing, 'wait')).toMatchObject({ why: 'retry', state: 'P', attempt: 2, until: NOW + 2000 });
    const again = proceed(flow, backing.position, elapsed, { now: NOW });
    expect(waiting(again)).toEqual({ 'P#1[0]/A#1': {}, 'P#1[1]/B#1': {} });
    const last = proceed(flow, again.position, at(0, error('Broken')), { now: NOW });
    expect(effect(last, 'failed')).toMatchObject({ state: 'P', error: 'Broken' });
  });

  test('by a Fail state of its own, too', () => {
    const fail: JsonObject = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'No', Cause: 'never' } } };
    const flow = parallel({ Branches: [line(), fail] });
    expect(effect(play(flow, {}), 'failed')).toMatchObject({ state: 'P', error: 'No', cause: 'never' });
  });

  test('may try again and catch by itself', () => {
    const patient: JsonObject = {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Task',
          Resource: 'module:m',
          Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 1 }],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Instead' }],
          End: true,
        },
        Instead: { Type: 'Pass', Result: 'instead', End: true },
      },
    };
    const flow = parallel({ Branches: [patient, line({}, 'B')] });
    const backing = play(flow, {}, [at(0, error('Busy'))]);
    expect(waiting(backing)).toEqual({ 'P#1[0]/A#1': 'retry', 'P#1[1]/B#1': {} });
    const events = [at(0, error('Busy')), { ...elapsed, line: [0] }, at(0, error('Busy')), at(1, result('b'))];
    expect(output(play(flow, {}, events))).toEqual(['instead', 'b']);
  });
});

test('a state is entered once more within a branch: another occasion', () => {
  const loop: JsonObject = {
    StartAt: 'A',
    States: {
      A: { Type: 'Task', Resource: 'module:m', Next: 'More' },
      More: { Type: 'Choice', Choices: [{ Variable: '$', NumericLessThan: 2, Next: 'A' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
    },
  };
  const flow = parallel({ Branches: [loop] });
  const second = play(flow, {}, [at(0, result(1))]);
  expect(waiting(second)).toEqual({ 'P#1[0]/A#2': 1 });
  expect(second.decisions).toMatchObject([{ state: 'More', next: 'A', within: 'P#1[0]/' }]);
  expect(output(play(flow, {}, [at(0, result(1)), at(0, result(2))]))).toEqual([2]);
});

test('a Parallel within a Parallel: an event names its line from the outermost on', () => {
  const inner: JsonObject = {
    StartAt: 'Q',
    States: { Q: { Type: 'Parallel', Branches: [line({}, 'A'), line({}, 'B')], End: true } },
  };
  const flow = parallel({ Branches: [inner, line({}, 'C')] });
  expect(Object.keys(waiting(play(flow, {})))).toEqual(['P#1[0]/Q#1[0]/A#1', 'P#1[0]/Q#1[1]/B#1', 'P#1[1]/C#1']);
  const events = [
    { ...result('a'), line: [0, 0] },
    { ...result('c'), line: [1] },
    { ...result('b'), line: [0, 1] },
  ];
  expect(output(play(flow, {}, events))).toEqual([['a', 'b'], 'c']);
});

test.each([
  [{ Type: 'Parallel', End: true }, '.Branches', 'at least one branch'],
  [{ Type: 'Parallel', Branches: [], End: true }, '.Branches', 'at least one branch'],
  [{ Type: 'Parallel', Branches: [5], End: true }, '.Branches[0]', 'a branch must be an object'],
  [{ Type: 'Parallel', Branches: [{ StartAt: 'A' }], End: true }, '.Branches[0].States', 'States is missing'],
  [
    { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'End' } } }], End: true },
    '.Branches[0].States.A.Next',
    "there is no state 'End'",
  ],
  [
    { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: { Type: 'Pass' } } }], End: true },
    '.Branches[0].States.A',
    'neither Next nor End',
  ],
  [
    { Type: 'Parallel', Branches: [{ StartAt: 'S', States: { S: { Type: 'Succeed' } } }], End: true },
    '.Branches[0].States.S',
    "another 'S' at $.States.S",
  ],
  [
    { Type: 'Parallel', Branches: [line({ Resource: 'module:analyzeTicket' })], TimeoutSeconds: 5, End: true },
    '.TimeoutSeconds',
    'no TimeoutSeconds',
  ],
])('%j is refused', (state, path, message) => {
  expect(errorsOf(state)).toEqual([expect.stringContaining(`error $.States.S${path}: `)]);
  expect(errorsOf(state)[0]).toContain(message);
});

test('a Task within a branch must be bound like any other', () => {
  const [said] = errorsOf({ Type: 'Parallel', Branches: [line({ Resource: 'module:gone' })], End: true });
  expect(said).toContain('error $.States.S.Branches[0].States.Work.Resource: no module answers to module:gone');
});
