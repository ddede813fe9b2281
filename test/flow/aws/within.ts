/** Every field of a Parallel and a Map in JSONPath, and of the flows within. */
import { type Case, fails, pass, result, task, within } from './case.ts';

const caught = { Type: 'Pass', End: true };

export const WITHIN: readonly Case[] = [
  // Parallel.
  {
    of: [
      'Parallel.Type',
      'Parallel.Branches',
      'Parallel.InputPath',
      'Parallel.Parameters',
      'Parallel.ResultSelector',
      'Parallel.ResultPath',
      'Parallel.OutputPath',
      'Parallel.End',
    ],
    states: {
      S: {
        Type: 'Parallel',
        InputPath: '$.a',
        Parameters: { 'p.$': '$.n' },
        Branches: [within({}, 'One'), within({ Parameters: { 'q.$': '$.p' } }, 'Two')],
        ResultSelector: { 'two.$': '$[1].q', 'one.$': '$[0]' },
        ResultPath: '$.r',
        OutputPath: '$.r',
        End: true,
      },
    },
    input: { a: { n: 1 } },
    output: { two: 1, one: { p: 1 } },
  },
  {
    of: [
      'Parallel.Retry',
      'Parallel.Catch',
      'Parallel.Comment',
      'Parallel.QueryLanguage',
      'branch.Comment',
      'branch.StartAt',
      'branch.States',
      'branch.QueryLanguage',
    ],
    states: {
      S: {
        Type: 'Parallel',
        Comment: 'any',
        QueryLanguage: 'JSONPath',
        Branches: [
          {
            StartAt: 'F',
            Comment: 'any',
            QueryLanguage: 'JSONPath',
            States: { G: pass(), F: { Type: 'Fail', Error: 'E' } },
          },
        ],
        Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 3, MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['E'], ResultPath: '$.e', Next: 'C' }],
        End: true,
      },
      C: caught,
    },
    input: { a: 1 },
    output: { a: 1, e: { Error: 'E', Cause: '' } },
    seconds: 3,
    path: ['S', 'F', 'F', 'C'],
  },
  {
    of: ['Parallel.Next', 'Parallel.Assign'],
    states: {
      S: { Type: 'Parallel', Branches: [within()], Assign: { 'v.$': '$[0]' }, Next: 'T' },
      T: pass({ Parameters: { 'v.$': '$v' } }),
    },
    input: 4,
    output: { v: 4 },
  },

  // Map.
  {
    of: [
      'Map.Type',
      'Map.ItemsPath',
      'Map.ItemSelector',
      'Map.ItemProcessor',
      'Map.InputPath',
      'Map.ResultSelector',
      'Map.ResultPath',
      'Map.OutputPath',
      'Map.End',
      'processor.StartAt',
      'processor.States',
      'processor.ProcessorConfig',
      'processor config.Mode',
      'processor.Comment',
      'processor.QueryLanguage',
    ],
    states: {
      S: {
        Type: 'Map',
        InputPath: '$.order',
        ItemsPath: '$.shipped',
        ItemSelector: { 'parcel.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', 'courier.$': '$.courier' },
        ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, Comment: 'any', QueryLanguage: 'JSONPath', ...within() },
        ResultSelector: { 'all.$': '$[*].parcel', 'first.$': '$[0]' },
        ResultPath: '$.r',
        OutputPath: '$.r',
        End: true,
      },
    },
    input: { order: { courier: 'UQS', shipped: ['a', 'b'] } },
    output: { all: ['a', 'b'], first: { parcel: 'a', at: 0, courier: 'UQS' } },
  },
  {
    of: ['Map.Iterator', 'Map.Parameters'],
    states: { S: { Type: 'Map', Iterator: within(), Parameters: { 'v.$': '$$.Map.Item.Value' }, End: true } },
    input: [1, 2],
    output: [{ v: 1 }, { v: 2 }],
  },
  {
    of: ['Map.MaxConcurrency', 'Map.Comment', 'Map.QueryLanguage'],
    states: {
      S: {
        Type: 'Map',
        Comment: 'any',
        QueryLanguage: 'JSONPath',
        MaxConcurrency: 1,
        ItemProcessor: { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 2, End: true } } },
        End: true,
      },
    },
    input: [1, 2, 3],
    output: [1, 2, 3],
    seconds: 6,
  },
  {
    of: ['Map.MaxConcurrencyPath'],
    states: {
      S: {
        Type: 'Map',
        MaxConcurrencyPath: '$.m',
        ItemsPath: '$.l',
        ItemProcessor: { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 2, End: true } } },
        End: true,
      },
    },
    input: { m: 2, l: [1, 2, 3] },
    output: [1, 2, 3],
    seconds: 4,
  },
  ...(
    [
      ['ToleratedFailureCount', { ToleratedFailureCount: 1 }],
      ['ToleratedFailurePercentage', { ToleratedFailurePercentage: 50 }],
      ['ToleratedFailureCountPath', { ToleratedFailureCountPath: '$.count' }],
      ['ToleratedFailurePercentagePath', { ToleratedFailurePercentagePath: '$.share' }],
    ] as const
  ).flatMap(([field, fields]): Case[] => {
    const work = { StartAt: 'T', States: { T: task() } };
    const states = { S: { Type: 'Map', ItemsPath: '$.l', ...fields, ItemProcessor: work, End: true } };
    const input = { count: 1, share: 50, l: [1, 2] };
    const [bad, good] = [fails('E'), result('ok')];
    return [
      { of: [`Map.${field}`], states, input, mocks: { 'T@0': bad, 'T@1': good }, output: ['ok'] },
      { of: [`Map.${field}`], states, input, mocks: { T: bad }, error: 'States.ExceedToleratedFailureThreshold' },
    ];
  }),
  {
    of: ['Map.Retry', 'Map.Catch'],
    states: {
      S: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'T', States: { T: task() } },
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['E'], Next: 'C' }],
        End: true,
      },
      C: caught,
    },
    input: [1],
    mocks: { T: fails('E') },
    output: { Error: 'E', Cause: 'because' },
    path: ['S', 'T', 'T', 'C'],
  },
  {
    of: ['Map.Next', 'Map.Assign'],
    states: {
      S: { Type: 'Map', ItemProcessor: within(), Assign: { 'n.$': 'States.ArrayLength($)' }, Next: 'T' },
      T: pass({ Parameters: { 'n.$': '$n' } }),
    },
    input: [1, 2],
    output: { n: 2 },
  },
  {
    of: ['Map.ItemsPath'],
    states: { S: { Type: 'Map', ItemProcessor: within({ Result: 1 }), End: true } },
    input: [],
    output: [],
  },
  ...['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'].map(
    (field): Case => ({
      of: [`distributed ${field}`],
      states: { S: { Type: 'Map', [field]: {}, ItemProcessor: within(), End: true } },
      says: `${field} is not supported`,
    }),
  ),
  {
    of: ['distributed Mode'],
    states: {
      S: {
        Type: 'Map',
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...within() },
        End: true,
      },
    },
    says: 'DISTRIBUTED is not supported',
  },
];
