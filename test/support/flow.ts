import { retrying, testFile } from './files.ts';

/**
 * A flow that goes the way its ticket's subject names: `Escalate` (also for any other subject), `Welcome`, `Bot`, `Caught`,
 * `GivenUp` (to a person once, else on to `Welcome`), `Hurried` (which has two seconds, and goes on to `Welcome`), `Unmatched`,
 * `Ask` (approved: `Welcome`, else `Escalate`), `AskShortly` (for a second; then it counts as approved), `AskNobody` (caught: `Welcome`).
 * Retries follow each other by 1 s, 2 s, 4 s for `Escalate`, by 1 s for the rest.
 */
export function flowBySubject(): string {
  const subject = (name: string) => ({ Variable: '$.detail.subject', StringEquals: name, Next: name });
  const task = (name: string, more: object = { End: true }) => ({
    Type: 'Task',
    Resource: `module:${name}`,
    ResultPath: '$.result',
    Retry: retrying(3),
    ...more,
  });
  const ask = (more: object) => ({
    Type: 'Task',
    Resource: 'module:askPeople',
    Parameters: { question: 'Refund it?', audience: ['ana', 'ben', 'clara'], form: ['approve', 'refuse'], ...more },
    ResultPath: '$.asked',
    Next: 'IsApproved',
  });
  return testFile('by-subject.asl.json', {
    StartAt: 'Way',
    States: {
      Way: {
        Type: 'Choice',
        Choices: WAYS.map(subject),
        Default: 'Escalate',
      },
      Escalate: task('escalateToAgent', { Retry: retrying(3, 1, 2), End: true }),
      Welcome: task('sendWelcomeEmail'),
      Bot: task('resolveWithBot'),
      Caught: task('sendWelcomeEmail', {
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.caught', Next: 'Escalate' }],
        End: true,
      }),
      GivenUp: task('escalateToAgent', {
        Retry: retrying(0),
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.caught', Next: 'Welcome' }],
        End: true,
      }),
      Hurried: task('escalateToAgent', {
        TimeoutSeconds: 2,
        Retry: retrying(0),
        Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.caught', Next: 'Welcome' }],
        End: true,
      }),
      Ask: ask({}),
      AskShortly: ask({ dueSeconds: 1, otherwise: 'approve' }),
      AskNobody: {
        ...ask({ audience: ['zoe'] }),
        Catch: [{ ErrorEquals: ['InvalidRequest'], ResultPath: '$.caught', Next: 'Welcome' }],
      },
      IsApproved: {
        Type: 'Choice',
        Choices: [{ Variable: '$.asked.decision', StringEquals: 'approve', Next: 'Welcome' }],
        Default: 'Escalate',
      },
      ...linesWay('Welcome', 'Escalate'),
      Unmatched: { Type: 'Choice', Choices: [{ Variable: '$.way', StringEquals: 'person', Next: 'Escalate' }] },
    },
  });
}

const WAYS = ['Welcome', 'Bot', 'Caught', 'GivenUp', 'Hurried', 'Unmatched', 'Ask', 'AskShortly', 'AskNobody', 'Lines'];

/**
 * Branches side by side, items of a Map, variables, a branch that fails and JSONata: all of it right goes to `right`, and else to `wrong`.
 * Begins with the state `Lines`.
 */
export function linesWay(right: string, wrong: string): Record<string, object> {
  const alone = (name: string, state: object) => ({ StartAt: name, States: { [name]: { End: true, ...state } } });
  return {
    Lines: {
      Type: 'Parallel',
      Branches: [
        alone('Analyze', { Type: 'Task', Resource: 'module:analyzeTicket', Retry: retrying(3) }),
        {
          StartAt: 'Nap',
          States: {
            Nap: { Type: 'Wait', Seconds: 1, Next: 'Rested' },
            Rested: { Type: 'Pass', Result: 'rested', End: true },
          },
        },
      ],
      Assign: { 'priority.$': '$[0].priority', 'nap.$': '$[1]' },
      ResultPath: '$.both',
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: "{% $split($states.input.detail.subject, ' ')[] %}",
      ItemSelector: { word: '{% $states.context.Map.Item.Value %}' },
      MaxConcurrency: 1,
      ItemProcessor: alone('Measure', {
        Type: 'Pass',
        QueryLanguage: 'JSONata',
        Output: '{% $length($states.input.word) %}',
      }),
      Output: { ok: "{% $sum($states.result) = $length($replace($states.input.detail.subject, ' ', '')) %}" },
      Next: 'Doomed',
    },
    Doomed: {
      Type: 'Parallel',
      Branches: [
        alone('Long', { Type: 'Wait', Seconds: 3600 }),
        {
          StartAt: 'Short',
          States: { Short: { Type: 'Wait', Seconds: 1, Next: 'No' }, No: { Type: 'Fail', Error: 'Doomed' } },
        },
      ],
      Catch: [{ ErrorEquals: ['Doomed'], ResultPath: '$.error', Next: 'Right' }],
      Next: wrong,
    },
    Right: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            { Variable: '$.ok', BooleanEquals: true },
            { Variable: '$.error.Error', StringEquals: 'Doomed' },
            { Variable: '$nap', StringEquals: 'rested' },
            { Variable: '$priority', IsString: true },
          ],
          Next: right,
        },
      ],
      Default: wrong,
    },
  };
}

/** One agent who takes everything and one admin, both on Slack. */
export function smallTeam(): string {
  return testFile('team.yaml', {
    agents: [
      { id: 'ana', name: 'Ana', email: 'ana@support.example', slack: 'U0ANA00001', capacity: 1000, onDuty: true },
    ],
    admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example', slack: 'C0OPERATE1' }],
    // Tests wait for each message of theirs.
    storm: { messages: 1000, within: '10 min' },
  });
}
