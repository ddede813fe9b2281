/** Every field of states in JSONPath, and of the flow itself. */
import { type Case, fails, NOW, pass, result, task } from './case.ts';

const iso = (seconds: number) => new Date(NOW + 1000 * seconds).toISOString();
const LATER = iso(90);
const caught = { Type: 'Pass', End: true };

export const STATES: readonly Case[] = [
  {
    of: ['flow.Comment', 'flow.StartAt', 'flow.States', 'flow.Version', 'flow.QueryLanguage', 'Pass.Type', 'Pass.End'],
    states: { Never: pass({ Result: 1 }), First: pass({ Result: 2 }) },
    flow: { StartAt: 'First', Comment: 'any', Version: '1.0', QueryLanguage: 'JSONPath' },
    output: 2,
    path: ['First'],
  },
  {
    of: ['flow.TimeoutSeconds'],
    states: { S: { Type: 'Wait', Seconds: 60, End: true } },
    flow: { TimeoutSeconds: 30 },
    error: 'States.Timeout',
    seconds: 30,
  },
  // The order of the fields, after the walk through a state's input and output in the developer guide.
  {
    of: ['Task.Type', 'Task.Resource', 'Task.InputPath', 'Task.Parameters', 'Task.End'],
    states: { S: task({ InputPath: '$.library', Parameters: { 'n.$': '$.movies[0].year', fixed: ['x'] } }) },
    input: { library: { movies: [{ year: 1999 }] } },
    mocks: { S: result(1) },
    given: { n: 1999, fixed: ['x'] },
    output: 1,
  },
  {
    of: ['Task.ResultSelector', 'Task.ResultPath', 'Task.OutputPath'],
    states: { S: task({ ResultSelector: { 'r.$': '$.body' }, ResultPath: '$.data.lambda', OutputPath: '$.data' }) },
    input: { data: { a: 3 }, extra: 'gone' },
    mocks: { S: result({ body: 'hello', status: 200 }) },
    output: { a: 3, lambda: { r: 'hello' } },
  },
  { of: ['Task.ResultPath'], states: { S: task({ ResultPath: null }) }, input: 5, mocks: { S: result(1) }, output: 5 },
  {
    of: ['Task.InputPath'],
    states: { S: task({ InputPath: null }) },
    input: 5,
    mocks: { S: result(1) },
    given: {},
    output: 1,
  },
  { of: ['Task.OutputPath'], states: { S: task({ OutputPath: null }) }, mocks: { S: result(1) }, output: {} },
  {
    of: ['Task.Next', 'Task.Assign', 'Task.Comment', 'Task.QueryLanguage'],
    states: {
      S: {
        Type: 'Task',
        Resource: 'module:m',
        Comment: 'any',
        QueryLanguage: 'JSONPath',
        Assign: { 'v.$': '$.r' },
        Next: 'T',
      },
      T: pass({ Parameters: { 'v.$': '$v' } }),
    },
    mocks: { S: result({ r: 7 }) },
    output: { v: 7 },
  },
  {
    of: ['Task.TimeoutSeconds'],
    states: { S: task({ TimeoutSeconds: 5 }) },
    mocks: { S: result(1, { afterSeconds: 6 }) },
    error: 'States.Timeout',
    seconds: 5,
  },
  {
    of: ['Task.TimeoutSeconds'],
    states: { S: task({ TimeoutSeconds: 5 }) },
    mocks: { S: result(1, { afterSeconds: 5 }) },
    output: 1,
  },
  {
    of: ['Task.TimeoutSecondsPath'],
    states: { S: task({ TimeoutSecondsPath: '$.t' }) },
    input: { t: 5 },
    mocks: { S: result(1, { afterSeconds: 6 }) },
    error: 'States.Timeout',
    seconds: 5,
  },
  {
    of: ['Task.HeartbeatSeconds'],
    states: { S: task({ TimeoutSeconds: 9, HeartbeatSeconds: 5 }) },
    mocks: { S: result(1, { afterSeconds: 9 }) },
    error: 'States.Timeout',
    seconds: 5,
  },
  {
    of: ['Task.HeartbeatSecondsPath'],
    states: { S: task({ HeartbeatSecondsPath: '$.t' }) },
    input: { t: 5 },
    mocks: { S: result(1, { afterSeconds: 6 }) },
    error: 'States.Timeout',
    seconds: 5,
  },
  { of: ['Task.Credentials'], states: { S: task({ Credentials: { 'RoleArn.$': '$.r' } }) }, says: 'ignored' },
  {
    of: ['Task.Retry', 'Task.Catch'],
    states: {
      S: task({ Retry: [{ ErrorEquals: ['E'] }], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }),
      C: caught,
    },
    mocks: { S: fails('E') },
    output: { Error: 'E', Cause: 'because' },
    seconds: 7,
  },

  // Pass.
  {
    of: ['Pass.Result', 'Pass.ResultPath'],
    states: { S: pass({ Result: { x: 0.5 }, ResultPath: '$.coords' }) },
    input: { georef: 'Home' },
    output: { georef: 'Home', coords: { x: 0.5 } },
  },
  {
    of: ['Pass.InputPath', 'Pass.OutputPath'],
    states: { S: pass({ InputPath: '$.a', OutputPath: '$.b' }) },
    input: { a: { b: 1 } },
    output: 1,
  },
  {
    of: ['Pass.Parameters'],
    states: { S: pass({ Parameters: { 'b.$': '$.a', 'c.$': '$$.State.Name' } }) },
    input: { a: 1 },
    output: { b: 1, c: 'S' },
  },
  {
    of: ['Pass.Next', 'Pass.Assign', 'Pass.Comment', 'Pass.QueryLanguage'],
    states: {
      S: {
        Type: 'Pass',
        Comment: 'any',
        QueryLanguage: 'JSONPath',
        Assign: { product: 'p1', 'n.$': '$.n' },
        Next: 'T',
      },
      T: pass({ Parameters: { 'all.$': "States.Format('{}{}', $product, $n)" } }),
    },
    input: { n: 42 },
    output: { all: 'p142' },
  },

  // Choice.
  {
    of: [
      'Choice.Type',
      'Choice.Choices',
      'Choice.Default',
      'Choice.Assign',
      'Choice.OutputPath',
      'rule.Variable',
      'rule.Next',
    ],
    states: {
      S: {
        Type: 'Choice',
        OutputPath: '$.a',
        Choices: [{ Variable: '$.a.n', NumericEquals: 1, Next: 'One' }],
        Default: 'Else',
        Assign: { by: 'default' },
      },
      One: pass(),
      Else: pass({ Parameters: { 'in.$': '$', 'by.$': '$by' } }),
    },
    input: { a: { n: 2 } },
    output: { in: { n: 2 }, by: 'default' },
    path: ['S', 'Else'],
  },
  {
    of: [
      'Choice.InputPath',
      'Choice.Comment',
      'Choice.QueryLanguage',
      'rule.Comment',
      'rule.Assign',
      'nested rule.Variable',
      'nested rule.Comment',
    ],
    states: {
      S: {
        Type: 'Choice',
        Comment: 'any',
        QueryLanguage: 'JSONPath',
        InputPath: '$.a',
        Choices: [
          {
            Comment: 'any',
            Not: { Comment: 'any', Variable: '$.n', NumericEquals: 1 },
            Assign: { 'by.$': '$.n' },
            Next: 'Yes',
          },
        ],
        Default: 'Else',
        Assign: { by: 'default' },
      },
      Yes: pass({ Parameters: { 'by.$': '$by' } }),
      Else: pass(),
    },
    input: { a: { n: 2 } },
    output: { by: 2 },
  },

  // Wait.
  {
    of: ['Wait.Type', 'Wait.Seconds', 'Wait.End'],
    states: { S: { Type: 'Wait', Seconds: 10, End: true } },
    output: {},
    seconds: 10,
  },
  { of: ['Wait.Timestamp'], states: { S: { Type: 'Wait', Timestamp: LATER, End: true } }, output: {}, seconds: 90 },
  {
    of: ['Wait.SecondsPath', 'Wait.OutputPath'],
    states: { S: { Type: 'Wait', SecondsPath: '$.a.s', OutputPath: '$.a', End: true } },
    input: { a: { s: 3 } },
    output: { s: 3 },
    seconds: 3,
  },
  {
    of: ['Wait.TimestampPath', 'Wait.InputPath'],
    states: { S: { Type: 'Wait', InputPath: '$.a', TimestampPath: '$.t', End: true } },
    input: { a: { t: LATER } },
    output: { t: LATER },
    seconds: 90,
  },
  { of: ['Wait.Timestamp'], states: { S: { Type: 'Wait', Timestamp: iso(-5), End: true } }, output: {}, seconds: 0 },
  {
    of: ['Wait.Next', 'Wait.Assign', 'Wait.Comment', 'Wait.QueryLanguage'],
    states: {
      S: { Type: 'Wait', Comment: 'any', QueryLanguage: 'JSONPath', Seconds: 0, Assign: { 'v.$': '$.a' }, Next: 'T' },
      T: pass({ Parameters: { 'v.$': '$v' } }),
    },
    input: { a: 1 },
    output: { v: 1 },
  },

  // Succeed and Fail.
  {
    of: ['Succeed.Type', 'Succeed.InputPath', 'Succeed.OutputPath', 'Succeed.Comment', 'Succeed.QueryLanguage'],
    states: { S: { Type: 'Succeed', Comment: 'any', QueryLanguage: 'JSONPath', InputPath: '$.a', OutputPath: '$.b' } },
    input: { a: { b: 1 } },
    output: 1,
  },
  {
    of: ['Fail.Type', 'Fail.Error', 'Fail.Cause', 'Fail.Comment', 'Fail.QueryLanguage'],
    states: { S: { Type: 'Fail', Comment: 'any', QueryLanguage: 'JSONPath', Error: 'ErrorA', Cause: 'Kaiju attack' } },
    error: 'ErrorA',
    cause: 'Kaiju attack',
  },
  {
    of: ['Fail.ErrorPath', 'Fail.CausePath'],
    states: { S: { Type: 'Fail', ErrorPath: '$.e', CausePath: "States.Format('a {}', $.c)" } },
    input: { e: 'E1', c: 'b' },
    error: 'E1',
    cause: 'a b',
  },
];
