import { describe, expect, test } from 'vitest';
import { errorsOf, say } from './support.ts';

const TASK = { Type: 'Task', Resource: 'module:analyzeTicket', End: true };
const RETRIER = { ErrorEquals: ['States.ALL'] };
const choice = (rule: object) => ({ Type: 'Choice', Choices: [{ ...rule, Next: 'End' }], Default: 'End' });

describe('a field that nobody knows is an error, and the one that was perhaps meant is named', () => {
  test.each([
    [{ ...TASK, retry: [RETRIER] }, 'retry', 'Retry'],
    [{ ...TASK, Catches: [] }, 'Catches', 'Catch'],
    [{ ...TASK, TimeoutSecond: 5 }, 'TimeoutSecond', 'TimeoutSeconds'],
    [{ ...TASK, Nxt: 'End' }, 'Nxt', 'Next'],
    [{ ...TASK, Retry: [{ ...RETRIER, MaxAttempt: 3 }] }, 'Retry[0].MaxAttempt', 'MaxAttempts'],
    [{ ...TASK, Catch: [{ ...RETRIER, Next: 'End', resultPath: null }] }, 'Catch[0].resultPath', 'ResultPath'],
    [choice({ Variable: '$.a', StringEqual: 'x' }), 'Choices[0].StringEqual', 'StringEquals'],
    [choice({ Variable: '$.a', isPresent: true }), 'Choices[0].isPresent', 'IsPresent'],
    [choice({ And: [{ variable: '$.a', IsNull: true }] }), 'Choices[0].And[0].variable', 'Variable'],
  ])('%j', (state, field, meant) => {
    expect(errorsOf(state)).toContain(`error $.States.S.${field}: unknown field; perhaps ${meant} is meant`);
  });

  test('in the flow itself too', () => {
    expect(say({ StartAt: 'S', States: { S: TASK }, version: '1.0' })).toEqual([
      'error $.version: unknown field; perhaps Version is meant',
    ]);
  });
});

test('a field that is near to nothing comes with those that there are', () => {
  expect(errorsOf({ ...TASK, Retry: [{ ...RETRIER, Colour: 'red' }] })).toEqual([
    'error $.States.S.Retry[0].Colour: unknown field; a retrier takes Comment, ErrorEquals, IntervalSeconds, MaxAttempts, ' +
      'BackoffRate, MaxDelaySeconds or JitterStrategy, and fields of your own that begin with x-',
  ]);
});

test('Comment, and whatever begins with x-, may stand everywhere', () => {
  const own = { Comment: 'why', 'x-owner': 'billing team', 'x-': [{ any: 'thing' }] };
  const flow = {
    ...own,
    StartAt: 'S',
    States: {
      S: { ...TASK, ...own, Retry: [{ ...RETRIER, ...own }], Catch: [{ ...RETRIER, ...own, Next: 'C' }] },
      C: {
        Type: 'Choice',
        ...own,
        Choices: [{ ...own, And: [{ ...own, Variable: '$.a', IsPresent: true }], Next: 'E' }],
        Default: 'E',
      },
      E: { Type: 'Succeed', ...own },
    },
  };
  expect(say(flow)).toEqual([]);
  expect(errorsOf({ ...TASK, X_Owner: 1 })).toHaveLength(1);
});
