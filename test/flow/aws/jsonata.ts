/** Every field of every state in JSONata. */
import { type Case, fails, NOW, result } from './case.ts';

const LATER = new Date(NOW + 90_000).toISOString();
export const inner = (Output: string, name = 'Inner') => ({
  StartAt: name,
  States: { [name]: { Type: 'Pass', Output, End: true } },
});
const flow = { QueryLanguage: 'JSONata' };
const end = { Type: 'Succeed' };
const whole = { Type: 'Succeed', Output: { in: '{% $states.input %}', v: '{% $v %}' } };

export const JSONATA: readonly Case[] = [
  {
    of: [
      'Task.Type',
      'Task.Resource',
      'Task.Arguments',
      'Task.Output',
      'Task.Assign',
      'Task.Next',
      'Task.Comment',
      'Task.QueryLanguage',
    ],
    states: {
      S: {
        Type: 'Task',
        QueryLanguage: 'JSONata',
        Comment: 'any',
        Resource: 'module:m',
        Arguments: { n: '{% $states.input.a + 1 %}', fixed: 'a{%' },
        Output: '{% {"r": $states.result.r, "in": $states.input.a} %}',
        Assign: { v: '{% $states.result.r %}' },
        Next: 'T',
      },
      T: { QueryLanguage: 'JSONata', ...whole },
    },
    input: { a: 1 },
    mocks: { S: result({ r: 5 }) },
    output: { in: { r: 5, in: 1 }, v: 5 },
  },
  {
    of: ['Task.End', 'Task.Output'],
    flow,
    states: { S: { Type: 'Task', Resource: 'module:m', End: true } },
    mocks: { S: result(3) },
    output: 3,
  },
  {
    of: ['Task.TimeoutSeconds'],
    flow,
    states: { S: { Type: 'Task', Resource: 'module:m', TimeoutSeconds: '{% 2 + 3 %}', End: true } },
    mocks: { S: result(1, { afterSeconds: 6 }) },
    error: 'States.Timeout',
    seconds: 5,
  },
  {
    of: ['Task.HeartbeatSeconds'],
    flow,
    states: { S: { Type: 'Task', Resource: 'module:m', HeartbeatSeconds: '{% 2 + 3 %}', End: true } },
    mocks: { S: result(1, { afterSeconds: 6 }) },
    error: 'States.Timeout',
    seconds: 5,
  },
  {
    of: ['Task.Credentials'],
    flow,
    states: { S: { Type: 'Task', Resource: 'module:m', Credentials: {}, End: true } },
    says: 'ignored',
  },
  {
    of: [
      'Task.Retry',
      'Task.Catch',
      'catcher in JSONata.ErrorEquals',
      'catcher in JSONata.Next',
      'catcher in JSONata.Output',
      'catcher in JSONata.Assign',
      'catcher in JSONata.Comment',
    ],
    flow,
    states: {
      S: {
        Type: 'Task',
        Resource: 'module:m',
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
        Catch: [
          {
            ErrorEquals: ['E'],
            Comment: 'any',
            Output: '{% $states.errorOutput.Error %}',
            Assign: { v: '{% $states.errorOutput.Cause %}' },
            Next: 'T',
          },
        ],
        End: true,
      },
      T: whole,
    },
    mocks: { S: fails('E') },
    output: { in: 'E', v: 'because' },
    seconds: 1,
  },
  {
    of: ['Pass.Type', 'Pass.Output', 'Pass.Assign', 'Pass.Next', 'Pass.Comment', 'Pass.QueryLanguage'],
    states: {
      S: {
        Type: 'Pass',
        QueryLanguage: 'JSONata',
        Comment: 'any',
        Output: '{% $states.input.a %}',
        Assign: { v: '{% $states.context.State.Name %}' },
        Next: 'T',
      },
      T: { QueryLanguage: 'JSONata', ...whole },
    },
    input: { a: 1 },
    output: { in: 1, v: 'S' },
  },
  { of: ['Pass.End', 'Pass.Output'], flow, states: { S: { Type: 'Pass', End: true } }, input: 1, output: 1 },
  {
    of: [
      'Choice.Type',
      'Choice.Choices',
      'rule in JSONata.Condition',
      'rule in JSONata.Next',
      'rule in JSONata.Output',
      'rule in JSONata.Assign',
      'rule in JSONata.Comment',
    ],
    flow,
    states: {
      S: {
        Type: 'Choice',
        Choices: [
          { Comment: 'any', Condition: '{% $states.input > 1 %}', Output: 'rule', Assign: { v: 1 }, Next: 'T' },
        ],
      },
      T: whole,
    },
    input: 2,
    output: { in: 'rule', v: 1 },
  },
  {
    of: ['Choice.Default', 'Choice.Output', 'Choice.Assign', 'Choice.Comment', 'Choice.QueryLanguage'],
    states: {
      S: {
        Type: 'Choice',
        QueryLanguage: 'JSONata',
        Comment: 'any',
        Choices: [{ Condition: '{% false %}', Output: 'rule', Next: 'U' }],
        Output: 'default',
        Assign: { v: 2 },
        Default: 'T',
      },
      T: { QueryLanguage: 'JSONata', ...whole },
      U: end,
    },
    output: { in: 'default', v: 2 },
  },
  {
    of: ['Wait.Type', 'Wait.Seconds', 'Wait.Output', 'Wait.End'],
    flow,
    states: { S: { Type: 'Wait', Seconds: '{% $states.input.s %}', Output: 'x', End: true } },
    input: { s: 3 },
    output: 'x',
    seconds: 3,
  },
  {
    of: ['Wait.Timestamp', 'Wait.Next', 'Wait.Assign', 'Wait.Comment', 'Wait.QueryLanguage'],
    states: {
      S: {
        Type: 'Wait',
        QueryLanguage: 'JSONata',
        Comment: 'any',
        Timestamp: `{% '${LATER}' %}`,
        Assign: { v: 1 },
        Next: 'T',
      },
      T: { QueryLanguage: 'JSONata', ...whole },
    },
    input: 5,
    output: { in: 5, v: 1 },
    seconds: 90,
  },
  {
    of: ['Succeed.Type', 'Succeed.Output', 'Succeed.Comment', 'Succeed.QueryLanguage'],
    states: { S: { Type: 'Succeed', QueryLanguage: 'JSONata', Comment: 'any', Output: '{% 1 + 1 %}' } },
    output: 2,
  },
  {
    of: ['Fail.Type', 'Fail.Error', 'Fail.Cause', 'Fail.Comment', 'Fail.QueryLanguage'],
    states: {
      S: { Type: 'Fail', QueryLanguage: 'JSONata', Comment: 'any', Error: "{% 'E' & 1 %}", Cause: "{% 'c' & 2 %}" },
    },
    error: 'E1',
    cause: 'c2',
  },
  {
    of: [
      'Parallel.Type',
      'Parallel.Branches',
      'Parallel.Arguments',
      'Parallel.Output',
      'Parallel.Assign',
      'Parallel.Next',
      'Parallel.Comment',
      'Parallel.QueryLanguage',
    ],
    states: {
      S: {
        Type: 'Parallel',
        QueryLanguage: 'JSONata',
        Comment: 'any',
        Arguments: { n: '{% $states.input + 1 %}' },
        Branches: [
          {
            StartAt: 'One',
            States: {
              One: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input.n * 10 %}', End: true },
            },
          },
          {
            StartAt: 'Two',
            States: { Two: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input.n %}', End: true } },
          },
        ],
        Output: '{% $sum($states.result) %}',
        Assign: { v: '{% $states.result[1] %}' },
        Next: 'T',
      },
      T: { QueryLanguage: 'JSONata', ...whole },
    },
    input: 1,
    output: { in: 22, v: 2 },
  },
  {
    of: ['Parallel.Retry', 'Parallel.Catch', 'Parallel.End'],
    flow,
    states: {
      S: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E' } } }],
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['E'], Output: 'caught', Next: 'T' }],
        End: true,
      },
      T: end,
    },
    output: 'caught',
    path: ['S', 'F', 'F', 'T'],
  },
  {
    of: [
      'Map.Type',
      'Map.Items',
      'Map.ItemSelector',
      'Map.ItemProcessor',
      'Map.Output',
      'Map.Assign',
      'Map.Next',
      'Map.Comment',
      'Map.QueryLanguage',
    ],
    states: {
      S: {
        Type: 'Map',
        QueryLanguage: 'JSONata',
        Comment: 'any',
        Items: '{% $states.input.l %}',
        ItemSelector: {
          v: '{% $states.context.Map.Item.Value + $states.input.add %}',
          i: '{% $states.context.Map.Item.Index %}',
          s: '{% $states.context.Map.Item.Source %}',
        },
        ItemProcessor: {
          StartAt: 'I',
          States: {
            I: {
              Type: 'Pass',
              QueryLanguage: 'JSONata',
              Output: '{% $states.input.s = "STATE_DATA" ? $states.input.v * 10 + $states.input.i %}',
              End: true,
            },
          },
        },
        Output: '{% $states.result[1] %}',
        Assign: { v: '{% $states.result[0] %}' },
        Next: 'T',
      },
      T: { QueryLanguage: 'JSONata', ...whole },
    },
    input: { l: [1, 2], add: 1 },
    output: { in: 31, v: 20 },
  },
  {
    of: ['Map.Items', 'Map.Iterator', 'Map.End'],
    flow,
    states: { S: { Type: 'Map', Items: [1, '{% 1 + 1 %}'], Iterator: inner('{% $states.input %}'), End: true } },
    output: [1, 2],
  },
  {
    of: ['Map.MaxConcurrency'],
    flow,
    states: {
      S: {
        Type: 'Map',
        MaxConcurrency: '{% 2 %}',
        ItemProcessor: { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 2, End: true } } },
        End: true,
      },
    },
    input: [1, 2, 3],
    output: [1, 2, 3],
    seconds: 4,
  },
  ...(['ToleratedFailureCount', 'ToleratedFailurePercentage'] as const).flatMap((field): Case[] => {
    const most = field === 'ToleratedFailureCount' ? '{% 1 %}' : '{% 50 %}';
    const work = { StartAt: 'I', States: { I: { Type: 'Task', Resource: 'module:m', End: true } } };
    const states = { S: { Type: 'Map', [field]: most, ItemProcessor: work, End: true } };
    return [
      {
        of: [`Map.${field}`],
        flow,
        states,
        input: [1, 2],
        mocks: { 'I@0': fails('E'), 'I@1': result('ok') },
        output: ['ok'],
      },
      {
        of: [`Map.${field}`],
        flow,
        states,
        input: [1, 2],
        mocks: { I: fails('E') },
        error: 'States.ExceedToleratedFailureThreshold',
      },
    ];
  }),
  {
    of: ['Map.Retry', 'Map.Catch'],
    flow,
    states: {
      S: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E' } } },
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['E'], Output: 'caught', Next: 'T' }],
        End: true,
      },
      T: end,
    },
    input: [1],
    output: 'caught',
    path: ['S', 'F', 'F', 'T'],
  },
];
