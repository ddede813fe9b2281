/** What JSONata comes to that is null: a value like any other, and not a field that was left out. */
import { type Case, result } from './case.ts';
import { inner } from './jsonata.ts';

const flow = { QueryLanguage: 'JSONata' };

export const NULLS: readonly Case[] = [
  ...(['Task', 'Pass', 'Succeed'] as const).map((Type) => ({
    of: [`${Type}.Output`],
    flow,
    states: {
      S: {
        Type,
        ...(Type === 'Task' ? { Resource: 'module:m' } : {}),
        Output: Type === 'Task' ? '{% $states.result.v %}' : null,
        ...(Type === 'Succeed' ? {} : { End: true }),
      },
    },
    input: { a: 1 },
    mocks: Type === 'Task' ? { S: result({ v: null, other: 1 }) } : {},
    output: null,
  })),
  {
    of: ['Parallel.Arguments'],
    flow,
    states: {
      S: {
        Type: 'Parallel',
        Arguments: '{% $states.input.v %}',
        Branches: [inner('{% [$states.input] %}')],
        End: true,
      },
    },
    input: { v: null },
    output: [[null]],
  },
  {
    of: ['Map.Items'],
    flow,
    states: { S: { Type: 'Map', Items: '{% $states.input.v %}', ItemProcessor: inner('{% 1 %}'), End: true } },
    input: { v: null },
    error: 'States.QueryEvaluationError',
  },
  {
    of: ['Task.Catch'],
    flow,
    states: {
      S: {
        Type: 'Task',
        Resource: 'module:m',
        Catch: [{ ErrorEquals: ['States.ALL'], Output: null, Next: 'T' }],
        End: true,
      },
      T: { Type: 'Succeed' },
    },
    mocks: { S: [{ error: 'E', cause: 'c' }] },
    output: null,
  },
  {
    of: ['Map.Items'],
    flow,
    states: {
      S: { Type: 'Map', Items: [1], ItemProcessor: inner('{% $states.context.Map.Item.Source %}'), End: true },
    },
    output: ['STATE_DATA'],
  },
];
