import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { compareWays, type Rehearsed, rehearse } from '../../src/flow/rehearse.ts';
import { answerEvaluation } from '../../src/jsonata/answer.ts';
import { NOW } from './support.ts';

const evaluate = (evaluation: Parameters<typeof answerEvaluation>[0], now: number) =>
  answerEvaluation(evaluation, { now, draw: () => new Uint8Array(32) });
const run = (states: object, answers: Record<string, Json> = {}, more: object = {}) =>
  rehearse(
    parseFlow({ StartAt: Object.keys(states)[0], States: states, ...more } as never, 'f'),
    {},
    {
      answer: ({ state }) => answers[state],
      now: NOW,
      evaluate,
    },
  );
const task = (more: object) => ({ Type: 'Task', Resource: 'module:x', ...more });
const end = { Type: 'Succeed' };
const choice = (next: string, more: object = {}) => ({
  Type: 'Choice',
  Choices: [{ Variable: '$.n', NumericEquals: 1, Next: next }],
  Default: 'No',
  ...more,
});

describe('a rehearsal', () => {
  test('goes to the end where every answer is known, and waits for nothing', async () => {
    const states = { A: task({ Next: 'W' }), W: { Type: 'Wait', Seconds: 86_400, Next: 'C' }, C: choice('Yes') };
    const { decisions, end: how } = await run({ ...states, Yes: end, No: end }, { A: { n: 1 } });
    expect(how).toEqual({ kind: 'succeeded' });
    expect(decisions).toMatchObject([{ state: 'C', entry: 1, next: 'Yes' }]);
  });

  test('stops before a Task of which nothing is known, with what was decided until then', async () => {
    const states = { A: task({ Next: 'C' }), C: choice('B'), B: task({ End: true }), No: end };
    const { decisions, end: how } = await run(states, { A: { n: 1 } });
    expect(how).toEqual({ kind: 'unknown', state: 'B' });
    expect(decisions).toHaveLength(1);
  });

  test('of a Parallel takes what is known at once first, and stops where a branch is not known', async () => {
    const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: { ...state, End: true } } });
    const parallel = (known: string) => ({
      P: {
        Type: 'Parallel',
        Branches: [branch('Nap', { Type: 'Wait', Seconds: 60 }), branch(known, task({}))],
        ResultSelector: { 'n.$': '$[1].n' },
        Next: 'C',
      },
      C: choice('Yes'),
      Yes: end,
      No: end,
    });
    expect(await run(parallel('A'), { A: { n: 1 } })).toMatchObject({ end: { kind: 'succeeded' } });
    expect(await run(parallel('B'), { A: { n: 1 } })).toMatchObject({ end: { kind: 'unknown', state: 'B' } });
  });

  test('evaluates JSONata, and tells how a flow fails', async () => {
    const failing = { QueryLanguage: 'JSONata' };
    const states = { P: { Type: 'Pass', Output: '{% $states.input.gone.gone %}', End: true } };
    expect((await run(states, {}, failing)).end).toMatchObject({
      kind: 'failed',
      state: 'P',
      error: 'States.QueryEvaluationError',
    });
  });

  test("keeps to the flow's own time, and out of circles", async () => {
    const late = { W: { Type: 'Wait', Seconds: 60, Next: 'C' }, C: choice('Yes'), Yes: end, No: end };
    expect((await run(late, {}, { TimeoutSeconds: 5 })).end).toMatchObject({ kind: 'failed', error: 'States.Timeout' });
    const circle = { A: task({ Next: 'C' }), C: choice('A'), No: end };
    expect((await run(circle, { A: { n: 1 } })).end).toMatchObject({ kind: 'unknown' });
  });
});

describe('two ways are compared', () => {
  const way = (nexts: Record<string, string>, kind: 'succeeded' | 'unknown' = 'succeeded'): Rehearsed => ({
    decisions: Object.entries(nexts).map(([state, next]) => ({
      state,
      entry: 1,
      next,
      rule: 0,
      inputs: {},
      rejected: [],
      condition: `to ${next}`,
    })),
    end: kind === 'unknown' ? { kind, state: 'T' } : { kind },
  });
  test.each<[string, Rehearsed, Rehearsed, [string, string | null, string | null][]]>([
    ['the same', way({ A: 'x', B: 'y' }), way({ A: 'x', B: 'y' }), []],
    ['another rule', way({ A: 'x' }), way({ A: 'y' }), [['A', 'x', 'y']]],
    ['asked no more', way({ A: 'x' }), way({}), [['A', 'x', null]]],
    ['asked anew', way({}), way({ A: 'x' }), [['A', null, 'x']]],
    ['nobody knows whether it would be asked', way({ A: 'x' }), way({}, 'unknown'), []],
    ['nobody knows whether it was asked', way({}, 'unknown'), way({ A: 'x' }), []],
    [
      'known before the end of what is known',
      way({ A: 'x' }, 'unknown'),
      way({ A: 'y' }, 'unknown'),
      [['A', 'x', 'y']],
    ],
  ])('%s', (_, was, would, expected) => {
    expect(compareWays(was, would).map(({ state, was: old, would: now }) => [state, old, now])).toEqual(expected);
  });
});
