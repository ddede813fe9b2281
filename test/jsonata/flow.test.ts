/** Flows in JSONata, run to their end: interpreter and evaluator together. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { readMocks } from '../../src/flow/mocks.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { type Trial, tryFlow } from '../../src/flow/trial.ts';
import { allStates } from '../../src/flow/walk.ts';
import { answerEvaluation, writtenProblem } from '../../src/jsonata/answer.ts';

const NOW = Date.UTC(2026, 3, 23, 14, 30);

async function run(states: JsonObject, input: Json, mocks: Json = {}): Promise<Trial> {
  const flow = parseFlow({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0] ?? '', States: states }, 'test');
  const names = allStates(flow).map((state) => state.name);
  return tryFlow(flow, input, {
    mocks: readMocks(mocks, names).mocks,
    now: NOW,
    evaluate: (evaluation, now) => answerEvaluation(evaluation, { now, draw: () => new Uint8Array(32) }),
  });
}
const task = (more: JsonObject = {}): JsonObject => ({ Type: 'Task', Resource: 'arn:any', End: true, ...more });
const given = (trial: Trial, name: string) => trial.states.find((one) => one.state === name)?.input;

test('a Task: Arguments, the result as output, Output and Assign of the result', async () => {
  const S = task({ Arguments: { n: '{% $states.input.n + 1 %}', plain: '$.x' } });
  expect(await run({ S }, { n: 1 }, { S: [{ result: { r: 5 } }] })).toMatchObject({ output: { r: 5 } });
  const trial = await run(
    {
      S: {
        ...S,
        Output: { r: '{% $states.result.r * 2 %}' },
        Assign: { v: '{% $states.result.r %}', w: 1 },
        End: false,
        Next: 'T',
      },
      T: { Type: 'Pass', Output: { v: '{% $v + $w %}', in: '{% $states.input %}' }, End: true },
    },
    { n: 1 },
    { S: [{ result: { r: 5 } }] },
  );
  expect(trial).toMatchObject({ status: 'succeeded', output: { v: 6, in: { r: 10 } } });
  expect(trial.states[0]).toMatchObject({ assigned: { v: 5, w: 1 } });
});

test('Assign and Output see the variables as they were', async () => {
  const states = {
    A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
    B: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
    C: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}', '{% $y %}'], End: true },
  };
  expect(await run(states, {})).toMatchObject({ output: [1, 2, 1] });
});

describe('a Choice', () => {
  const choice: JsonObject = {
    Type: 'Choice',
    Choices: [
      { Condition: false, Next: 'Bad' },
      { Condition: '{% $states.input.n > 5 %}', Output: 'big', Assign: { v: 'rule' }, Next: 'End' },
      { Condition: '{% $states.input.n > 3 %}', Next: 'End' },
    ],
    Output: 'otherwise',
    Assign: { v: 'default' },
    Default: 'End',
  };
  const states = {
    C: choice,
    End: { Type: 'Succeed', Output: { got: '{% $states.input %}', v: '{% $exists($v) ? $v : null %}' } },
    Bad: { Type: 'Fail' },
  };
  test.each([
    [6, { got: 'big', v: 'rule' }],
    [4, { got: { n: 4 }, v: null }],
    [1, { got: 'otherwise', v: 'default' }],
  ])('n = %i', async (n, output) => {
    expect(await run(states, { n })).toMatchObject({ output });
  });

  test('a Condition that is no boolean fails the flow', async () => {
    const wrong = { ...states, C: { ...choice, Choices: [{ Condition: '{% $states.input.n %}', Next: 'End' }] } };
    expect(await run(wrong, { n: 1 })).toMatchObject({ status: 'failed', error: 'States.QueryEvaluationError' });
  });

  test('no rule and no Default: States.NoChoiceMatched', async () => {
    const { Default: _, ...none } = { ...choice, Choices: [{ Condition: false, Next: 'End' }] } as JsonObject;
    expect(await run({ ...states, C: none }, { n: 1 })).toMatchObject({ error: 'States.NoChoiceMatched' });
  });
});

test('Wait: Seconds and Timestamp from expressions', async () => {
  const wait = (field: JsonObject) => run({ W: { Type: 'Wait', ...field, End: true } }, { s: 90 });
  expect((await wait({ Seconds: '{% $states.input.s %}' })).states[0]?.exitedAt).toBe('2026-04-23T14:31:30.000Z');
  const at = { Timestamp: "{% '2026-04-24T00:00:00Z' %}" };
  expect((await wait(at)).states[0]?.exitedAt).toBe('2026-04-24T00:00:00.000Z');
  for (const field of [{ Seconds: '{% -1 %}' }, { Seconds: '{% 1.5 %}' }, { Timestamp: "{% 'soon' %}" }]) {
    expect(await wait(field)).toMatchObject({ status: 'failed', error: 'States.QueryEvaluationError' });
  }
});

test('Fail: Error and Cause from expressions', async () => {
  const F = { Type: 'Fail', Error: "{% 'E' & $states.input.n %}", Cause: '{% $states.input.why %}' };
  expect(await run({ F }, { n: 1, why: 'because' })).toMatchObject({ error: 'E1', cause: 'because' });
});

test('Parallel: Arguments go to every branch, Output takes their outputs', async () => {
  const branch = (name: string): JsonObject => ({ StartAt: name, States: { [name]: task() } });
  const P = {
    Type: 'Parallel',
    Branches: [branch('A'), branch('B')],
    Arguments: { n: '{% $states.input.n %}' },
    Output: '{% $sum($states.result) %}',
    End: true,
  };
  const trial = await run({ P }, { n: 3, m: 4 }, { A: [{ result: 1 }], B: [{ result: 2 }] });
  expect(trial).toMatchObject({ output: 3 });
  expect([given(trial, 'A'), given(trial, 'B')]).toEqual([{ n: 3 }, { n: 3 }]);
});

describe('a Map', () => {
  const map = (more: JsonObject): JsonObject => ({
    Type: 'Map',
    ItemProcessor: { StartAt: 'Each', States: { Each: task() } },
    End: true,
    ...more,
  });

  test('Items, ItemSelector, and each item in $states.context', async () => {
    const M = map({
      Items: '{% $states.input.list[n > 1] %}',
      ItemSelector: {
        i: '{% $states.context.Map.Item.Index %}',
        n: '{% $states.context.Map.Item.Value.n * $states.input.by %}',
      },
      MaxConcurrency: '{% 1 %}',
    });
    const input = { list: [{ n: 1 }, { n: 2 }, { n: 3 }], by: 10 };
    const trial = await run({ M }, input, { 'Each@0': [{ result: 'a' }], 'Each@1': [{ result: 'b' }] });
    expect(trial).toMatchObject({ output: ['a', 'b'] });
    expect(trial.states.filter((one) => one.state === 'Each').map((one) => one.input)).toEqual([
      { i: 0, n: 20 },
      { i: 1, n: 30 },
    ]);
  });

  test('without Items the input is the list; else it is an error', async () => {
    expect(await run({ M: map({}) }, [1, 2], { Each: [{ result: 0 }] })).toMatchObject({ output: [0, 0] });
    const caught = {
      M: map({ Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C' }] }),
      C: { Type: 'Succeed' },
    };
    expect(await run(caught, { a: 1 })).toMatchObject({ output: { Error: 'States.QueryEvaluationError' } });
    expect(await run({ M: map({ Items: '{% 5 %}' }) }, {})).toMatchObject({ error: 'States.QueryEvaluationError' });
  });

  test('a tolerated share from an expression', async () => {
    const M = map({ Items: [1, 2, 3, 4], ToleratedFailurePercentage: '{% $states.input %}' });
    const mocks = { 'Each@2': [{ error: 'No' }], Each: [{ result: 1 }] };
    expect(await run({ M }, 25, mocks)).toMatchObject({ output: [1, 1, 1] });
    expect(await run({ M }, 24, mocks)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  });
});

describe('Retry and Catch', () => {
  const S = (more: JsonObject) => task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C', ...more }] });
  const C = { Type: 'Pass', Output: { in: '{% $states.input %}', v: '{% $exists($v) ? $v : null %}' }, End: true };

  test('the error is the output, or what Output makes of $states.errorOutput', async () => {
    const mocks = { S: [{ error: 'E', cause: 'c' }] };
    expect(await run({ S: S({}), C }, {}, mocks)).toMatchObject({
      output: { in: { Error: 'E', Cause: 'c' }, v: null },
    });
    const shaped = S({
      Output: '{% $states.errorOutput.Error & "!" %}',
      Assign: { v: '{% $states.errorOutput.Cause %}' },
    });
    expect(await run({ S: shaped, C }, {}, mocks)).toMatchObject({ output: { in: 'E!', v: 'c' } });
  });

  test('what can’t be evaluated is retried and caught by its name', async () => {
    const Retry = [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 2, IntervalSeconds: 4 }];
    const trial = await run({ S: { ...S({}), Arguments: '{% $states.input.gone %}', Retry }, C }, {});
    expect(trial).toMatchObject({ output: { in: { Error: 'States.QueryEvaluationError' } } });
    expect(trial.states[0]?.exitedAt).toBe('2026-04-23T14:30:12.000Z');
  });

  test('an Output that fails is caught, and the Task is not done again', async () => {
    const failing = { ...S({}), Output: '{% $states.result.gone %}', Retry: [{ ErrorEquals: ['States.ALL'] }] };
    const trial = await run({ S: failing, C }, {}, { S: [{ result: {} }] });
    expect(trial).toMatchObject({ output: { in: { Error: 'States.QueryEvaluationError' } } });
    expect(trial.states[0]?.attempts).toBe(1);
  });

  test('in a Pass it fails the flow', async () => {
    expect(await run({ P: { Type: 'Pass', Output: '{% $gone %}', End: true } }, {})).toMatchObject({
      status: 'failed',
      error: 'States.QueryEvaluationError',
    });
  });
});

test('one state in JSONata within a flow in JSONPath, and variables for both', async () => {
  const flow = parseFlow(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { v: '{% [1..3] %}' }, Output: 7, Next: 'B' },
        B: { Type: 'Pass', Parameters: { 'v.$': '$v[*]', 'in.$': '$' }, End: true },
      },
    },
    'test',
  );
  const evaluate = (evaluation: Parameters<typeof answerEvaluation>[0], now: number) =>
    answerEvaluation(evaluation, { now, draw: () => new Uint8Array(32) });
  expect(await tryFlow(flow, {}, { mocks: new Map(), now: NOW, evaluate })).toMatchObject({
    output: { v: [1, 2, 3], in: 7 },
  });
});

test('the checker reads every expression', () => {
  const problems = checkFlow(
    {
      QueryLanguage: 'JSONata',
      StartAt: 'S',
      States: {
        S: {
          ...task({
            Arguments: { a: ['{% 1 + %}'] },
            Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% ( %}', Next: 'C' }],
          }),
          End: false,
          Next: 'C',
        },
        C: { Type: 'Choice', Choices: [{ Condition: ' {% true %}', Next: 'D' }], Default: 'D' },
        D: { Type: 'Wait', Seconds: '{% 5', End: true },
      },
    },
    { modules: [], bound: 'warning', written: writtenProblem },
  );
  expect(problems.filter((p) => p.severity === 'error').map((p) => p.path)).toEqual([
    '$.States.C.Choices[0].Condition',
    '$.States.D.Seconds',
    '$.States.S.Arguments.a[0]',
    '$.States.S.Catch[0].Output',
    '$.States.C.Choices[0].Condition',
    '$.States.D.Seconds',
  ]);
});
