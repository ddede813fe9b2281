import { describe, expect, test } from 'vitest';
import { effectOf, type FlowEvent, proceed } from '../../src/flow/run.ts';
import { effect, elapsed, error, flowOf, NOW, output, play, result, start } from './support.ts';

const FLOW = flowOf({
  Work: {
    Type: 'Task',
    Resource: 'module:work',
    ResultPath: '$.work',
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 1 }],
    Next: 'Route',
  },
  Route: {
    Type: 'Choice',
    Choices: [{ Variable: '$.work.again', BooleanEquals: true, Next: 'Work' }],
    Default: 'Done',
  },
  Done: { Type: 'Succeed' },
});
const FAIL: FlowEvent[] = [error('E'), elapsed, error('E')];
const INPUT = { ticket: 'T1' };

describe('a Task that failed', () => {
  test('tells its state, its entry, its error and its raw input', () => {
    const failed = { kind: 'failed', state: 'Work', entry: 1, error: 'E', cause: 'because', input: INPUT };
    expect(play(FLOW, INPUT, FAIL).effect).toEqual(failed);
  });

  test('retry: the same input and entry, the retries fresh', () => {
    const again = play(FLOW, INPUT, [...FAIL, { kind: 'retry' }]);
    expect(again.effect).toEqual(start(FLOW, INPUT).effect);
    expect(play(FLOW, INPUT, [...FAIL, { kind: 'retry' }, error('E')]).effect).toMatchObject({
      kind: 'wait',
      attempt: 2,
    });
  });

  test('fix: another raw input, the same entry', () => {
    const fixed = play(FLOW, INPUT, [...FAIL, { kind: 'fix', input: { ticket: 'T2' } }]);
    expect(effect(fixed, 'task')).toMatchObject({ entry: 1, attempt: 1, input: { ticket: 'T2' } });
    const done = play(FLOW, INPUT, [...FAIL, { kind: 'fix', input: { ticket: 'T2' } }, result({ again: false })]);
    expect(output(done)).toEqual({ ticket: 'T2', work: { again: false } });
  });

  test("skip: the operator's result goes the way of the Task's", () => {
    const skipped = play(FLOW, INPUT, [...FAIL, { kind: 'skip', result: { again: false } }]);
    expect(output(skipped)).toEqual({ ticket: 'T1', work: { again: false } });
    expect(skipped.decisions).toHaveLength(1);
  });

  test('a loop back into a state is another entry, an answer is not', () => {
    const events: FlowEvent[] = [...FAIL, { kind: 'retry' }, result({ again: true })];
    expect(effect(play(FLOW, INPUT, events), 'task').entry).toBe(2);
    const failedAgain: FlowEvent[] = [...events, ...FAIL];
    expect(effect(play(FLOW, INPUT, failedAgain), 'failed').entry).toBe(2);
    expect(effect(play(FLOW, INPUT, [...failedAgain, { kind: 'retry' }]), 'task').entry).toBe(2);
  });
});

describe('another state that failed', () => {
  const choice = (more: object) =>
    flowOf({
      Route: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'Done' }], ...more },
      Done: { Type: 'Pass', End: true },
      Else: { Type: 'Pass', Result: 'else', End: true },
    });

  test('retry meets the same end, fix may not', () => {
    expect(play(choice({}), { n: 2 }, [{ kind: 'retry' }]).effect).toEqual(start(choice({}), { n: 2 }).effect);
    expect(output(play(choice({}), { n: 2 }, [{ kind: 'fix', input: { n: 1 } }]))).toEqual({ n: 1 });
  });

  test('skip takes the result as output: a Choice goes to its Default, without one the flow ends', () => {
    const skip: FlowEvent = { kind: 'skip', result: 'given' };
    expect(output(play(choice({}), { n: 2 }, [skip]))).toBe('given');
    expect(output(play(choice({ Default: 'Else' }), {}, [skip]))).toBe('else');
    const pass = flowOf({ P: { Type: 'Pass', InputPath: '$.gone', Next: 'Done' }, Done: { Type: 'Succeed' } });
    expect(output(play(pass, {}, [skip]))).toBe('given');
    expect(output(play(flowOf({ F: { Type: 'Fail' } }), {}, [skip]))).toBe('given');
  });
});

test.each([
  ['tasking', [], [elapsed, { kind: 'retry' }, { kind: 'skip', result: 1 }]],
  ['backing off', [error('E')], [result(1), error('E'), { kind: 'fix', input: 1 }]],
  ['failed', FAIL, [result(1), error('E'), elapsed]],
  ['ended', [result({ again: false })], [result(1), elapsed, { kind: 'retry' }]],
] as [string, FlowEvent[], FlowEvent[]][])('%s: an event that nobody waits for is refused', (_name, events, wrong) => {
  const turn = play(FLOW, INPUT, events);
  for (const event of wrong) {
    expect(() => proceed(FLOW, turn.position, event, { now: NOW })).toThrow(
      expect.objectContaining({ code: 'UnlawfulTransition' }),
    );
  }
});

test('the effect of a position can be asked again', () => {
  for (const events of [[], [error('E')], FAIL, [result({ again: false })]]) {
    const turn = play(FLOW, INPUT, events);
    expect(effectOf(FLOW, JSON.parse(JSON.stringify(turn.position)))).toEqual(turn.effect);
  }
});

test('a position of another flow is refused by name', () => {
  const other = flowOf({ Other: { Type: 'Succeed' } });
  expect(() => proceed(other, start(FLOW).position, result(1), { now: NOW })).toThrow(/no state Work/u);
});
