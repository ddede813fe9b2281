/** Retry, Catch, and every error name of the language. */
import type { JsonObject } from '../../../src/domain/json.ts';
import { type Case, fails, pass, result, task, within } from './case.ts';

const caught = { Type: 'Pass', End: true };
const ALL = ['States.ALL'];
const retried = (retrier: JsonObject, more: JsonObject = {}) => ({ S: task({ Retry: [retrier], ...more }) });
const named = (ErrorEquals: string[], state: JsonObject) => ({
  S: { ...state, Catch: [{ ErrorEquals, Next: 'C' }] },
  C: { ...caught, OutputPath: '$.Error' },
});
/** The module reports it; who names it catches it. */
const reported = (name: string, as = name): Case => ({
  of: [name],
  states: named([as], task()),
  mocks: { S: fails(name) },
  output: name,
});

export const ERRORS: readonly Case[] = [
  // Retry. The figures of the guide's own example: 3 s, then 4.5 s.
  {
    of: [
      'retrier.ErrorEquals',
      'retrier.IntervalSeconds',
      'retrier.MaxAttempts',
      'retrier.BackoffRate',
      'retrier.Comment',
    ],
    states: retried({ ErrorEquals: ['E'], IntervalSeconds: 3, MaxAttempts: 2, BackoffRate: 1.5, Comment: 'any' }),
    mocks: { S: fails('E') },
    error: 'E',
    seconds: 7.5,
  },
  {
    of: ['retrier.MaxAttempts'],
    states: retried({ ErrorEquals: ALL, MaxAttempts: 0 }),
    mocks: { S: fails('E') },
    error: 'E',
    seconds: 0,
  },
  {
    of: ['retrier.IntervalSeconds', 'retrier.BackoffRate', 'retrier.MaxAttempts'],
    states: retried({ ErrorEquals: ['E'] }),
    mocks: { S: fails('E') },
    error: 'E',
    seconds: 1 + 2 + 4,
  },
  {
    of: ['retrier.BackoffRate'],
    states: retried({ ErrorEquals: ['E'], BackoffRate: 1 }),
    mocks: { S: fails('E') },
    error: 'E',
    seconds: 3,
  },
  {
    of: ['retrier.MaxDelaySeconds'],
    states: retried({ ErrorEquals: ['E'], MaxDelaySeconds: 2 }),
    mocks: { S: fails('E') },
    error: 'E',
    seconds: 1 + 2 + 2,
  },
  {
    of: ['retrier.JitterStrategy'],
    states: retried({ ErrorEquals: ['E'], JitterStrategy: 'FULL' }),
    mocks: { S: fails('E') },
    error: 'E',
    seconds: 3.5,
  },
  {
    of: ['retrier.JitterStrategy'],
    states: retried({ ErrorEquals: ['E'], JitterStrategy: 'NONE' }),
    mocks: { S: fails('E') },
    error: 'E',
    seconds: 7,
  },
  // The guide's longer example: A, B, C and B again, of which the last is one too many for its retrier.
  {
    of: ['retrier.ErrorEquals', 'catcher.ErrorEquals', 'catcher.Next', 'catcher.Comment'],
    states: {
      S: task({
        Retry: [
          { ErrorEquals: ['ErrorA', 'ErrorB'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
          { ErrorEquals: ['ErrorC'], IntervalSeconds: 5 },
        ],
        Catch: [{ ErrorEquals: ALL, Next: 'Z', Comment: 'any' }],
      }),
      Z: caught,
    },
    mocks: { S: fails('ErrorA', 'ErrorB', 'ErrorC', 'ErrorB') },
    output: { Error: 'ErrorB', Cause: 'because' },
    seconds: 1 + 2 + 5,
  },
  ...(
    [
      [{ BackoffRate: 0.5 }, 'BackoffRate must be a number of at least 1'],
      [{ IntervalSeconds: 0 }, 'IntervalSeconds must be a whole number from 1 to 99999999'],
      [{ MaxAttempts: -1 }, 'MaxAttempts must be a whole number from 0 to 99999999'],
      [{ MaxDelaySeconds: 31_622_400 }, 'MaxDelaySeconds must be a whole number from 1 to 31622399'],
      [{ JitterStrategy: 'SOME' }, 'JitterStrategy must be FULL or NONE'],
    ] as const
  ).map(
    ([field, says]): Case => ({
      of: [`retrier.${Object.keys(field)[0]}`],
      states: retried({ ErrorEquals: ['E'], ...field }),
      says,
    }),
  ),
  ...[
    { Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] },
    { Retry: [{ ErrorEquals: ALL }, { ErrorEquals: ['E'] }] },
    { Catch: [{ ErrorEquals: ['E', 'States.ALL'], Next: 'S' }] },
  ].map(
    (more, index): Case => ({
      of: ['States.ALL'],
      states: { S: task(more) },
      says: index === 1 ? 'States.ALL must come last' : 'States.ALL must stand alone',
    }),
  ),
  {
    of: ['catcher.ResultPath', 'catcher.Assign'],
    states: {
      S: task({ Catch: [{ ErrorEquals: ['E'], ResultPath: '$.info', Assign: { 'why.$': '$.Cause' }, Next: 'C' }] }),
      C: pass({ Parameters: { 'in.$': '$', 'why.$': '$why' } }),
    },
    input: { a: 1 },
    mocks: { S: fails('E') },
    output: { in: { a: 1, info: { Error: 'E', Cause: 'because' } }, why: 'because' },
  },

  // The names.
  { ...reported('Anything', 'States.ALL'), of: ['States.ALL'] },
  { ...reported('Anything', 'States.TaskFailed'), of: ['States.TaskFailed'] },
  {
    of: ['States.TaskFailed'],
    states: named(['States.TaskFailed'], task({ TimeoutSeconds: 1 })),
    mocks: { S: result(1, { afterSeconds: 2 }) },
    error: 'States.Timeout',
  },
  {
    of: ['States.Timeout'],
    states: named(['States.Timeout'], task({ TimeoutSeconds: 1 })),
    mocks: { S: result(1, { afterSeconds: 2 }) },
    output: 'States.Timeout',
  },
  {
    of: ['States.Timeout', 'States.HeartbeatTimeout'],
    states: named(['States.Timeout'], task({ HeartbeatSeconds: 1 })),
    mocks: { S: result(1, { afterSeconds: 2 }) },
    output: 'States.Timeout',
  },
  {
    of: ['States.HeartbeatTimeout'],
    states: named(['States.HeartbeatTimeout'], task({ HeartbeatSeconds: 1 })),
    mocks: { S: result(1, { afterSeconds: 2 }) },
    output: 'States.Timeout',
  },
  {
    of: ['States.HeartbeatTimeout'],
    states: named(['States.HeartbeatTimeout'], task({ TimeoutSeconds: 1 })),
    mocks: { S: result(1, { afterSeconds: 2 }) },
    error: 'States.Timeout',
  },
  reported('States.Permissions'),
  reported('States.Http.Socket'),
  { ...reported('States.Http.StatusCode.404'), of: ['States.Http.StatusCode'] },
  reported('States.BranchFailed'),
  // Of the distributed Map, which is refused; a flow may name them all the same.
  reported('States.ItemReaderFailed'),
  reported('States.ResultWriterFailed'),
  {
    of: ['States.ALL', 'States.Runtime'],
    states: named(ALL, task({ InputPath: '$.gone' })),
    mocks: { S: result(1) },
    error: 'States.Runtime',
  },
  {
    of: ['States.Runtime'],
    states: retried({ ErrorEquals: ALL }, { InputPath: '$.gone' }),
    mocks: { S: result(1) },
    error: 'States.Runtime',
    seconds: 0,
  },
  {
    of: ['States.TaskFailed', 'States.Runtime'],
    states: named(['States.TaskFailed'], task({ InputPath: '$.gone' })),
    mocks: { S: result(1) },
    error: 'States.Runtime',
  },
  {
    of: ['States.Runtime'],
    states: {
      S: { Type: 'Choice', Choices: [{ Variable: '$.gone', IsNull: true, Next: 'C' }], Default: 'C' },
      C: caught,
    },
    error: 'States.Runtime',
  },
  // 256 KiB of what a state is given, of what its module answers, and of what it hands on.
  ...[
    task({ Parameters: { 'a.$': '$', 'b.$': '$' } }),
    task({ ResultSelector: { 'a.$': '$', 'b.$': '$' } }),
    { Type: 'Parallel', Branches: [within({ Result: 1 })], Parameters: ['x'.repeat(262_144)], End: true },
    { Type: 'Parallel', Branches: [within({}, 'One'), within({}, 'Two')], End: true },
    {
      Type: 'Map',
      ItemsPath: '$$.Execution.Input',
      ItemSelector: { 'a.$': '$', 'b.$': '$' },
      ItemProcessor: within({ Result: 1 }),
      End: true,
    },
    task({ Assign: { 'a.$': '$', 'b.$': '$' } }),
    task({ TimeoutSeconds: 1, ResultSelector: { 'n.$': 'States.ArrayLength($)' } }),
  ].flatMap((state): Case[] => {
    const input = ['x'.repeat(200_000)];
    const mocks = state.Type === 'Task' ? { S: result('TimeoutSeconds' in state ? [...input, ...input] : input) } : {};
    const caughtBy = (name: string) => ({
      S: { ...state, Catch: [{ ErrorEquals: [name], Next: 'C' }] },
      C: { ...caught, OutputPath: '$.Error' },
    });
    return [
      {
        of: ['States.DataLimitExceeded'],
        states: caughtBy('States.DataLimitExceeded'),
        input,
        mocks,
        output: 'States.DataLimitExceeded',
      },
      {
        of: ['States.DataLimitExceeded', 'States.ALL'],
        states: caughtBy('States.ALL'),
        input,
        mocks,
        error: 'States.DataLimitExceeded',
      },
    ];
  }),
  {
    of: ['States.DataLimitExceeded'],
    states: { S: task() },
    mocks: { S: result('x'.repeat(262_142)) },
    output: 'x'.repeat(262_142),
  },
  {
    of: ['States.DataLimitExceeded'],
    states: { S: task() },
    mocks: { S: result('x'.repeat(262_143)) },
    error: 'States.DataLimitExceeded',
  },
  {
    of: ['States.DataLimitExceeded'],
    states: { S: pass({ Parameters: ['é'.repeat(131_072)] }) },
    error: 'States.DataLimitExceeded',
  },
  {
    of: ['States.NoChoiceMatched'],
    states: { S: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'C' }] }, C: caught },
    error: 'States.NoChoiceMatched',
  },
  {
    of: ['States.ParameterPathFailure'],
    states: named(['States.ParameterPathFailure'], task({ Parameters: { 'a.$': '$.gone' } })),
    mocks: { S: result(1) },
    output: 'States.ParameterPathFailure',
  },
  {
    of: ['States.ParameterPathFailure'],
    states: named(ALL, task({ ResultSelector: { 'a.$': '$.gone' } })),
    mocks: { S: result({}) },
    output: 'States.ParameterPathFailure',
  },
  {
    of: ['States.ResultPathMatchFailure'],
    states: named(ALL, task({ ResultPath: '$.a.b' })),
    input: { a: 1 },
    mocks: { S: result(1) },
    output: 'States.ResultPathMatchFailure',
  },
  {
    of: ['States.IntrinsicFailure'],
    states: named(ALL, task({ Parameters: { 'a.$': 'States.ArrayGetItem($.l, 1)' } })),
    input: { l: [] },
    mocks: { S: result(1) },
    output: 'States.IntrinsicFailure',
  },
  {
    of: ['States.QueryEvaluationError'],
    states: {
      S: task({
        QueryLanguage: 'JSONata',
        Arguments: '{% 1 + "a" %}',
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Output: '{% $states.errorOutput.Error %}', Next: 'C' }],
      }),
      C: caught,
    },
    mocks: { S: result(1) },
    output: 'States.QueryEvaluationError',
  },
  // A catcher is not asked about what its own Output did wrong: it would be asked for ever.
  {
    of: ['States.QueryEvaluationError'],
    states: {
      S: task({
        QueryLanguage: 'JSONata',
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% 1 + "a" %}', Next: 'C' }],
      }),
      C: caught,
    },
    mocks: { S: fails('E') },
    error: 'States.QueryEvaluationError',
  },
  {
    of: ['States.ExceedToleratedFailureThreshold'],
    states: named(ALL, {
      Type: 'Map',
      ToleratedFailureCount: 0,
      ItemProcessor: { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E' } } },
      End: true,
    }),
    input: [1],
    output: 'States.ExceedToleratedFailureThreshold',
  },
  {
    of: ['States.BranchFailed'],
    states: named(['E'], {
      Type: 'Parallel',
      Branches: [within({}, 'One'), { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E' } } }],
      End: true,
    }),
    output: 'E',
  },
];
