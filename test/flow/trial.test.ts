import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import type { Evaluation } from '../../src/flow/evaluation.ts';
import { readMocks } from '../../src/flow/mocks.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { tryFlow } from '../../src/flow/trial.ts';
import { answerEvaluation } from '../../src/jsonata/answer.ts';
import { flowOf, line, NOW } from './support.ts';

const task = (more: JsonObject = {}): JsonObject => ({ Type: 'Task', Resource: 'arn:aws:any', End: true, ...more });

const evaluate = (evaluation: Evaluation, now: number) =>
  answerEvaluation(evaluation, { now, draw: () => new Uint8Array(32) });

async function run(states: JsonObject, input: Json, mocks: Json = {}) {
  const flow = flowOf(states);
  return tryFlow(flow, input, { mocks: readMocks(mocks, [...flow.states.keys(), 'Work']).mocks, now: NOW });
}

test.each([
  [
    '{% $states.input.detail.customerName %}',
    'States.Runtime',
    'Error: what its expression made is personal, and no name of an error',
  ],
  ["{% 'two words' %}", 'States.Runtime', expect.stringContaining('is no name of an error (letters')],
  ["{% 'Late.' & 'Parcel' %}", 'Late.Parcel', 'Ada'],
])('in JSONata the Error of a Fail is a name that shows in clear: %s', async (written, error, cause) => {
  const Cause = '{% $states.input.detail.customerName %}';
  const flow = flowOf({ S: { Type: 'Fail', QueryLanguage: 'JSONata', Error: written, Cause } });
  const trial = await tryFlow(flow, { detail: { customerName: 'Ada' } }, { mocks: new Map(), now: NOW, evaluate });
  expect(trial).toMatchObject({ status: 'failed', error, cause });
  // Whoever draws the way sees where it ended.
  expect(trial.states.at(-1)).toMatchObject({ state: 'S', error, exitedAt: expect.any(String) });
});

test.each([
  ['lambda:invoke', { x: 7 }, 7],
  ['lambda:invoke', { ExecutedVersion: '$LATEST', Payload: { x: 7 }, StatusCode: 200 }, 7],
  ['lambda:invoke.waitForTaskToken', { Payload: { x: 7 } }, 7],
])('%s: a mock is what the function answered, or the whole as a history has it', async (invoke, result, output) => {
  const Parameters = { FunctionName: 'F', Payload: { 'token.$': '$$.Task.Token' } };
  const resource = `arn:aws:states:::${invoke}`;
  const given = invoke.endsWith('Token') ? Parameters : { FunctionName: 'F' };
  const state = task({
    Resource: resource,
    Parameters: given,
    ResultSelector: { 'x.$': '$.Payload.x' },
    OutputPath: '$.x',
  });
  expect(await run({ S: state }, {}, { S: [{ result }] })).toMatchObject({ status: 'succeeded', output });
});

test('a Map that is tried anew has the next answer of each mock, not the last once more', async () => {
  const Retry = [{ ErrorEquals: ['E'], MaxAttempts: 1 }];
  const M = { Type: 'Map', ItemProcessor: line(), Retry, End: true };
  const answers = [{ error: 'E' }, { result: 'ok' }];
  expect(await run({ M }, [1], { Work: answers })).toMatchObject({ status: 'succeeded', output: ['ok'] });
  // What another line was still owed when the first failed is not owed any more either.
  const P = { Type: 'Parallel', Branches: [line(), line({}, 'Slow')], Retry, End: true };
  const slow = [{ result: 'old', afterSeconds: 10 }, { result: 'new' }];
  const flow = flowOf({ P });
  const { mocks } = readMocks({ Work: answers, Slow: slow }, ['P', 'Work', 'Slow']);
  expect(await tryFlow(flow, {}, { mocks, now: NOW })).toMatchObject({ status: 'succeeded', output: ['ok', 'new'] });
});

test('tells the end, the way, and of every state what went in and out, what it set and when', async () => {
  const trial = await run(
    {
      A: task({ End: false, Next: 'W', Assign: { 'v.$': '$.r' } }),
      W: { Type: 'Wait', Seconds: 60, Next: 'Z' },
      Z: { Type: 'Pass', Parameters: { 'v.$': '$v' }, End: true },
    },
    { x: 1 },
    { A: [{ result: { r: 5 }, afterSeconds: 2 }] },
  );
  expect(trial).toEqual({
    status: 'succeeded',
    output: { v: 5 },
    path: ['A', 'W', 'Z'],
    states: [
      {
        state: 'A',
        entry: 1,
        input: { x: 1 },
        output: { r: 5 },
        assigned: { v: 5 },
        attempts: 1,
        enteredAt: '2026-04-23T14:30:00.000Z',
        exitedAt: '2026-04-23T14:30:02.000Z',
      },
      {
        state: 'W',
        entry: 1,
        input: { r: 5 },
        output: { r: 5 },
        enteredAt: '2026-04-23T14:30:02.000Z',
        exitedAt: '2026-04-23T14:31:02.000Z',
      },
      {
        state: 'Z',
        entry: 1,
        input: { r: 5 },
        output: { v: 5 },
        enteredAt: '2026-04-23T14:31:02.000Z',
        exitedAt: '2026-04-23T14:31:02.000Z',
      },
    ],
  });
});

test('an answer for each attempt, in order; the last one goes on answering', async () => {
  const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }];
  const once = await run({ A: task({ Retry }) }, {}, { A: [{ error: 'Busy' }, { error: 'Busy' }, { result: 'ok' }] });
  expect(once).toMatchObject({ output: 'ok', states: [{ attempts: 3, exitedAt: '2026-04-23T14:30:03.000Z' }] });
  const never = await run({ A: task({ Retry }) }, {}, { A: [{ error: 'Busy', cause: 'full' }] });
  expect(never).toMatchObject({
    status: 'failed',
    error: 'Busy',
    cause: 'full',
    states: [{ attempts: 4, error: 'Busy' }],
  });
});

test('thirty days pass at once', async () => {
  const trial = await run({ W: { Type: 'Wait', Seconds: 30 * 86_400, End: true } }, {});
  expect(trial.states[0]?.exitedAt).toBe('2026-05-23T14:30:00.000Z');
});

describe('within a Map', () => {
  const M = { Type: 'Map', ItemProcessor: line(), End: true };
  test('answers for one item, and for all', async () => {
    const mocks = { 'Work@1': [{ result: 'one' }], Work: [{ result: 'first' }, { result: 'next' }] };
    expect(await run({ M }, [1, 2, 3], mocks)).toMatchObject({
      output: ['first', 'one', 'next'],
      path: ['M', 'Work', 'Work', 'Work'],
    });
  });

  test('items wait beside each other', async () => {
    const mocks = { 'Work@0': [{ result: 0, afterSeconds: 10 }], 'Work@1': [{ result: 1, afterSeconds: 4 }] };
    const both = await run({ M }, [1, 2], mocks);
    expect(both.states[0]?.exitedAt).toBe('2026-04-23T14:30:10.000Z');
    const inTurn = await run({ M: { ...M, MaxConcurrency: 1 } }, [1, 2], mocks);
    expect(inTurn.states[0]?.exitedAt).toBe('2026-04-23T14:30:14.000Z');
  });
});

describe('time-outs', () => {
  test('of a Task and of its heartbeat', async () => {
    const slow = { A: [{ result: 1, afterSeconds: 61 }] };
    expect(await run({ A: task({ TimeoutSeconds: 60 }) }, {}, slow)).toMatchObject({
      error: 'States.Timeout',
      states: [{ exitedAt: '2026-04-23T14:31:00.000Z' }],
    });
    const beating = {
      A: task({ HeartbeatSeconds: 5, Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'C' }] }),
      C: { Type: 'Succeed' },
    };
    expect(await run(beating, {}, slow)).toMatchObject({ output: { Error: 'States.Timeout' } });
  });

  test('of the whole flow, which nothing catches', async () => {
    const flow = parseFlow(
      {
        StartAt: 'A',
        TimeoutSeconds: 60,
        States: { A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }), C: { Type: 'Succeed' } },
      },
      'test',
    );
    const { mocks } = readMocks({ A: [{ result: 1, afterSeconds: 61 }] }, ['A']);
    expect(await tryFlow(flow, {}, { mocks, now: NOW })).toMatchObject({ status: 'failed', error: 'States.Timeout' });
  });
});

test('a Task without an answer is named, with what to add', async () => {
  await expect(run({ A: task() }, {})).rejects.toThrow(
    'nothing answers for the Task A; add "A": [{"result": …}] to the mocks',
  );
});

test.each([
  [5, '$: mocks are an object'],
  [{ B: [{ result: 1 }] }, '$.B: there is no state B'],
  [{ A: [] }, '$.A: must be an array of answers'],
  [{ A: [5] }, '$.A[0]: an answer is'],
  [{ A: [{}] }, '$.A[0]: an answer has either a result or an error'],
  [{ A: [{ result: 1, error: 'E' }] }, '$.A[0]: an answer has either'],
  [{ A: [{ error: '' }] }, "$.A[0].error: must be an error's name"],
  [{ A: [{ error: 'E', cause: 5 }] }, '$.A[0].cause: must be a text'],
  [{ A: [{ reslt: 1 }] }, '$.A[0].reslt: unknown field'],
  [{ A: [{ result: 1, afterSeconds: -1 }] }, '$.A[0].afterSeconds: must be a number'],
] as [Json, string][])('mocks %j are refused', (value, message) => {
  const { problems } = readMocks(value, ['A']);
  expect(problems.map((p) => `${p.path}: ${p.message}`).join('\n')).toContain(message);
});
