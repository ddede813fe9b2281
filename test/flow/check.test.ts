import { describe, expect, test } from 'vitest';
import { StewardError } from '../../src/domain/errors.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { errorsOf, MODULES, problems, say } from './support.ts';

const TASK = { Type: 'Task', Resource: 'module:analyzeTicket', End: true };
const RULE = { Variable: '$.a', StringEquals: 'x', Next: 'S' };

function check(definition: unknown) {
  return checkFlow(definition, { modules: MODULES, bound: 'error' });
}

const task = (more: object) => ({ ...TASK, ...more });
const choice = (...rules: object[]) => ({ Type: 'Choice', Choices: rules, Default: 'End' });
const retry = (...retriers: object[]) => task({ Retry: retriers });
const caught = (...catchers: object[]) => task({ Catch: catchers });
const ALL = { ErrorEquals: ['States.ALL'] };

test('a good flow has no problems', () => {
  expect(problems(task({ Retry: [{ ErrorEquals: ['A'] }, ALL], Catch: [{ ...ALL, Next: 'End' }] }))).toEqual([]);
  expect(problems(choice({ ...RULE, Next: 'End' }))).toEqual([]);
});

describe('errors name the place and what would be right', () => {
  test.each([
    [{ End: true }, '$.States.S.Type', 'Type is missing'],
    [
      { Type: 'Tusk' },
      '$.States.S.Type',
      "there is no 'Tusk'; a state is Task, Choice, Pass, Wait, Succeed, Fail, Parallel or Map",
    ],
    ['text', '$.States.S', 'must be an object'],
    [{ Type: 'Task', End: true }, '$.States.S.Resource', 'Resource is missing'],
    [task({ Resource: 5 }), '$.States.S.Resource', 'must be a string'],
    [task({ Resource: 'module:nobody' }), '$.States.S.Resource', 'no module answers to module:nobody'],
    [task({ Resource: 'arn:aws:lambda:r:1:function:f:' }), '$.States.S.Resource', 'after :function:'],
    [{ ...TASK, Next: 'End' }, '$.States.S.End', 'exclude each other'],
    [{ Type: 'Pass', Next: 'Nowhere' }, '$.States.S.Next', "there is no state 'Nowhere'; the states are S or End"],
    [{ Type: 'Pass', Next: 5 }, '$.States.S.Next', 'must be a string'],
    [{ Type: 'Pass', End: 'yes' }, '$.States.S.End', 'must be true or false'],
    [task({ InputPath: 'a.b' }), '$.States.S.InputPath', 'a path begins with $'],
    [task({ ResultPath: '$$.x' }), '$.States.S.ResultPath', 'can only be read'],
    [{ Type: 'Pass', End: false }, '$.States.S.End', '"End": false leads nowhere'],
    [task({ End: false }), '$.States.S.End', '"End": false leads nowhere'],
    [task({ Parameters: { a: { '.$': '$.a' } } }), "$.States.S.Parameters.a['.$']", 'needs a name before .$'],
    [task({ Parameters: { 'a.$': 5 } }), "$.States.S.Parameters['a.$']", 'must hold a path'],
    [task({ Parameters: { a: 1, 'a.$': '$.a' } }), "$.States.S.Parameters['a.$']", 'would both become a'],
    [task({ ResultSelector: { x: [{ 'y.$': 'z' }] } }), "$.States.S.ResultSelector.x[0]['y.$']", "'z' is not a path"],
    [task({ TimeoutSeconds: 0 }), '$.States.S.TimeoutSeconds', 'whole number from 1'],
    [task({ TimeoutSeconds: 1, TimeoutSecondsPath: '$.t' }), '$.States.S', 'exclude each other'],
    [task({ Credentials: 'me' }), '$.States.S.Credentials', 'must be an object'],
    [{ Type: 'Wait', End: true }, '$.States.S', 'one of Seconds, Timestamp, SecondsPath or TimestampPath is needed'],
    [{ Type: 'Wait', End: true, Seconds: 1, Timestamp: '2026-01-01T00:00:00Z' }, '$.States.S', 'exclude each other'],
    [{ Type: 'Wait', End: true, Seconds: -1 }, '$.States.S.Seconds', 'whole number from 0'],
    [{ Type: 'Wait', End: true, Timestamp: 'noon' }, '$.States.S.Timestamp', 'must be like 2026'],
    [{ Type: 'Fail', Error: 'E', ErrorPath: '$.e' }, '$.States.S', 'exclude each other'],
    [{ Type: 'Fail', Next: 'End' }, '$.States.S.Next', 'a Fail has no Next'],
    [{ Type: 'Succeed', ResultPath: '$.x' }, '$.States.S.ResultPath', 'a Succeed has no ResultPath'],
    [{ Type: 'Pass', End: true, Retry: [] }, '$.States.S.Retry', 'a Pass has no Retry'],
    [{ Type: 'Choice', Default: 'End' }, '$.States.S.Choices', 'Choices is missing'],
    [{ Type: 'Choice', Default: 'End', Choices: {} }, '$.States.S.Choices', 'must be an array'],
    [choice(), '$.States.S.Choices', 'at least one rule'],
    [{ ...choice(RULE), Default: 'Nowhere' }, '$.States.S.Default', "there is no state 'Nowhere'"],
    [{ ...choice(RULE), End: true }, '$.States.S.End', 'a Choice has no End'],
  ])('%j', (state, path, message) => {
    const errors = errorsOf(state as object);
    expect(errors).toEqual([expect.stringContaining(`error ${path}: `)]);
    expect(errors[0]).toContain(message);
  });
});

describe('rules of a Choice', () => {
  test.each([
    [{ ...RULE, Next: undefined }, '.Next', 'Next is missing'],
    [{ ...RULE, Next: 'Nowhere' }, '.Next', "there is no state 'Nowhere'"],
    [{ Variable: '$.a', Next: 'S' }, '', 'no operator'],
    [{ ...RULE, IsNull: true }, '', 'StringEquals and IsNull in one rule'],
    [{ ...RULE, Variable: 'a' }, '.Variable', 'a path begins with $'],
    [{ StringEquals: 'x', Next: 'S' }, '.Variable', 'needs a Variable'],
    [{ ...RULE, StringEquals: 5 }, '.StringEquals', 'compares with a string; this is number'],
    [{ Variable: '$.a', NumericEquals: '5', Next: 'S' }, '.NumericEquals', 'a number'],
    [{ Variable: '$.a', BooleanEquals: 'true', Next: 'S' }, '.BooleanEquals', 'true or false'],
    [{ Variable: '$.a', TimestampEquals: 'noon', Next: 'S' }, '.TimestampEquals', 'a timestamp like'],
    [{ Variable: '$.a', StringEqualsPath: 'b', Next: 'S' }, '.StringEqualsPath', 'a path begins with $'],
    [{ Variable: '$.a', IsNull: 'yes', Next: 'S' }, '.IsNull', 'true or false'],
    [{ Variable: '$.a', StringMatches: 'a\\b', Next: 'S' }, '.StringMatches', 'backslash'],
    [{ And: [], Next: 'S' }, '.And', 'at least one'],
    [{ And: RULE, Next: 'S' }, '.And', 'must be an array'],
    [{ Or: [RULE], Next: 'S' }, '.Or[0].Next', 'a nested rule has no Next'],
    [{ Not: { And: [{ Variable: '$.a' }] }, Next: 'S' }, '.Not.And[0]', 'no operator'],
    [{ Not: [], Next: 'S' }, '.Not', 'must be an object'],
  ])('%j', (rule, path, message) => {
    const clean = JSON.parse(JSON.stringify(rule)) as object;
    const errors = errorsOf(choice(clean));
    expect(errors).toEqual([expect.stringContaining(`error $.States.S.Choices[0]${path}: `)]);
    expect(errors[0]).toContain(message);
  });

  test('a misspelt operator is named', () => {
    const found = problems(choice({ Variable: '$.a', StringEqual: 'x', Next: 'End' }));
    expect(found).toContainEqual(
      expect.stringMatching(/^error .*there is no StringEqual; operators are StringEquals,/u),
    );
  });
});

describe('Retry and Catch', () => {
  test.each([
    [retry({}), '.Retry[0].ErrorEquals', 'at least one error name'],
    [retry({ ErrorEquals: [] }), '.Retry[0].ErrorEquals', 'at least one error name'],
    [retry({ ErrorEquals: 'States.ALL' }), '.Retry[0].ErrorEquals', 'must be an array'],
    [retry({ ErrorEquals: [true] }), '.Retry[0].ErrorEquals', 'must be a string'],
    [retry({ ErrorEquals: ['States.ALL', 'E'] }), '.Retry[0].ErrorEquals', 'must stand alone'],
    [retry(ALL, { ErrorEquals: ['E'] }), '.Retry[0].ErrorEquals', 'must come last'],
    [retry({ ...ALL, IntervalSeconds: 0 }), '.Retry[0].IntervalSeconds', 'whole number from 1'],
    [retry({ ...ALL, IntervalSeconds: 1.5 }), '.Retry[0].IntervalSeconds', 'whole number from 1'],
    [retry({ ...ALL, MaxAttempts: -1 }), '.Retry[0].MaxAttempts', 'whole number from 0'],
    [retry({ ...ALL, MaxAttempts: '3' }), '.Retry[0].MaxAttempts', 'this is string'],
    [retry({ ...ALL, BackoffRate: 0.5 }), '.Retry[0].BackoffRate', 'at least 1'],
    [retry({ ...ALL, MaxDelaySeconds: 0 }), '.Retry[0].MaxDelaySeconds', 'whole number from 1'],
    [retry({ ...ALL, JitterStrategy: 'SOME' }), '.Retry[0].JitterStrategy', 'FULL or NONE'],
    [task({ Retry: ALL }), '.Retry', 'must be an array'],
    [caught(ALL), '.Catch[0].Next', 'Next is missing'],
    [caught({ ...ALL, Next: 'Nowhere' }), '.Catch[0].Next', "there is no state 'Nowhere'"],
    [caught({ ...ALL, Next: 'End', ResultPath: 'x' }), '.Catch[0].ResultPath', 'a path begins with $'],
    [caught({ ...ALL, Next: 'End', ResultPath: '$$.x' }), '.Catch[0].ResultPath', 'can only be read'],
    [caught({ ...ALL, Next: 'End' }, { ErrorEquals: ['E'], Next: 'End' }), '.Catch[0].ErrorEquals', 'must come last'],
  ])('%j', (state, path, message) => {
    const errors = errorsOf(state);
    expect(errors).toEqual([expect.stringContaining(`error $.States.S${path}: `)]);
    expect(errors[0]).toContain(message);
  });

  test('a States. name that nothing reports is a warning', () => {
    expect(problems(retry({ ErrorEquals: ['States.All'] }))).toEqual([
      expect.stringMatching(/^warning \$\.States\.S\.Retry\[0\]\.ErrorEquals: nothing reports States\.All/u),
    ]);
  });
});

describe('warnings', () => {
  test.each([
    [{ Type: 'Pass' }, '$.States.S', 'neither Next nor End'],
    [{ Type: 'Choice', Choices: [{ ...RULE, Next: 'End' }] }, '$.States.S', 'no Default'],
    [task({ Credentials: {} }), '$.States.S.Credentials', 'ignored'],
  ])('%j', (state, path, message) => {
    expect(problems(state)).toEqual([expect.stringContaining(`warning ${path}: `)]);
    expect(problems(state)[0]).toContain(message);
  });

  test('a state that no way leads to', () => {
    expect(say({ StartAt: 'S', States: { S: TASK, 'Far away': { Type: 'Pass', Next: 'S' } } })).toEqual([
      "warning $.States['Far away']: no way leads here from S",
    ]);
  });

  test('a Task bound to nothing is as bad as the caller says', () => {
    const definition = { StartAt: 'S', States: { S: task({ Resource: 'arn:aws:ses:...' }) } };
    expect(checkFlow(definition, { modules: [], bound: 'warning' })).toMatchObject([{ severity: 'warning' }]);
    expect(checkFlow(definition, { modules: [], bound: 'error' })).toMatchObject([{ severity: 'error' }]);
    expect(checkFlow(definition, { modules: ['s'], bound: 'error' })).toEqual([]);
  });
});

describe('a Task that is bound by the name of its state', () => {
  const bound = (Resource: string, more: object = {}) =>
    say({
      StartAt: 'Escalate to agent',
      States: { 'Escalate to agent': { Type: 'Task', Resource, End: true, ...more } },
    });

  test.each([
    'arn:aws:states:::sqs:sendMessage',
    'arn:aws:states:::ecs:runTask.sync',
    'arn:aws-cn:states:us-east-1:123456789012:activity:HelloWorld',
    'arn:aws:lambda:us-east-1:123456789012:function:other',
    'arn:aws:states:::lambda:invoke',
  ])('though its Resource is %s is warned of, with the module and the reason', (resource) => {
    expect(bound(resource)).toEqual([
      `warning $.States['Escalate to agent'].Resource: no module answers to ${resource}; the state's name ` +
        `'Escalate to agent' binds it to escalateToAgent; write "module:escalateToAgent" if that is meant`,
    ]);
  });

  test('and whose function is another by lambda:invoke is warned of too', () => {
    const [warning] = bound('arn:aws:states:::lambda:invoke', { Parameters: { FunctionName: 'other' } });
    expect(warning).toContain('binds it to escalateToAgent');
  });

  test.each([
    'arn:aws:stepfunctions:...',
    'arn:aws:lambda:...',
    'arn:aws:states:us-east-1:...',
    'TBD',
    'module:escalateToAgent',
    'arn:aws:lambda:us-east-1:123456789012:function:escalateToAgent:7',
  ])('is let pass where %s claims nothing else', (resource) => {
    expect(bound(resource)).toEqual([]);
  });
});

describe('a field of the other query language', () => {
  test.each([
    [task({ Arguments: {} }), '.Arguments', 'belongs to JSONata'],
    [task({ Output: {} }), '.Output', 'belongs to JSONata'],
    [choice({ Condition: '{% $a %}', Next: 'End' }), '.Choices[0].Condition', 'belongs to JSONata'],
    [task({ QueryLanguage: 'JSONata', Parameters: {} }), '.Parameters', 'belongs to JSONPath'],
    [task({ QueryLanguage: 'JSONata', InputPath: '$' }), '.InputPath', 'belongs to JSONPath'],
    [
      { Type: 'Wait', QueryLanguage: 'JSONata', SecondsPath: '$.s', Seconds: 1, End: true },
      '.SecondsPath',
      'belongs to JSONPath',
    ],
    [task({ QueryLanguage: 'SQL' }), '.QueryLanguage', 'JSONPath or JSONata'],
  ])('%j', (state, path, message) => {
    expect(errorsOf(state)).toEqual([expect.stringContaining(`error $.States.S${path}: `)]);
    expect(errorsOf(state)[0]).toContain(message);
  });

  test('a flow in JSONata has no state in JSONPath', () => {
    const flow = { StartAt: 'S', QueryLanguage: 'JSONata', States: { S: { ...TASK, QueryLanguage: 'JSONPath' } } };
    expect(say(flow)).toEqual([
      expect.stringContaining("error $.States.S.QueryLanguage: a state can't be in JSONPath"),
    ]);
  });
});

describe('the flow as a whole', () => {
  test.each([
    [null, '$', 'must be an object; this is null'],
    [[], '$', 'must be an object; this is array'],
    [{ StartAt: 'S' }, '$.States', 'States is missing'],
    [{ StartAt: 'S', States: {} }, '$.States', 'at least one state'],
    [{ States: { S: TASK } }, '$.StartAt', 'StartAt is missing'],
    [{ StartAt: 'X', States: { S: TASK } }, '$.StartAt', "there is no state 'X'"],
    [{ StartAt: 'S', States: { S: TASK }, Version: '2.0' }, '$.Version', 'must be 1.0'],
    [{ StartAt: 'S', States: { S: { Type: 'Pass', Next: 'S' } } }, '$.States', 'can never end'],
    [{ StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: TASK } }, `$.States.${'x'.repeat(81)}`, '80 characters'],
    [{ StartAt: 'S', States: { S: { Type: 'Pass', End: true, Result: Number.NaN } } }, '$.States.S.Result', 'no JSON'],
    [{ StartAt: 'S', States: { S: { Type: 'Pass', End: true, Result: new Date(0) } } }, '$.States.S.Result', 'no JSON'],
    [{ StartAt: 'S', States: { S: { Type: 'Pass', End: true, Result: deep(200) } } }, '$.States.S.Result', 'deep'],
  ])('%#', (definition, path, message) => {
    const errors = check(definition).filter((problem) => problem.severity === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.path.startsWith(path)).toBe(true);
    expect(errors[0]?.message).toContain(message);
  });

  test('a state named like a part of every object is just a state', () => {
    const states = JSON.parse(
      '{"__proto__": {"Type": "Pass", "Next": "constructor"}, "constructor": {"Type": "Succeed"}}',
    );
    expect(say({ StartAt: '__proto__', States: states })).toEqual([]);
    expect(say({ StartAt: 'S', States: { S: { Type: 'Pass', Next: 'toString' } } })[0]).toContain(
      "no state 'toString'",
    );
  });

  test.each([
    ['', 'needs a name'],
    ['a\nb', 'control characters'],
    ['a\u0000', 'control characters'],
    ['\u001b[31mred', 'control characters'],
    ['a\u2028b', 'line breaks'],
    ['\ud83d', 'halves of characters'],
  ])('a state can not be named %j', (name, message) => {
    const errors = say({ StartAt: 'S', States: { S: { Type: 'Pass', Next: name }, [name]: { Type: 'Succeed' } } });
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(errors[0]).not.toMatch(/[\p{Cc}\p{Zl}\p{Cs}]/u);
  });

  test('no message shows a control character of the definition', () => {
    const evil = '\u001b[2J\n';
    const found = say({
      StartAt: evil,
      Version: evil,
      States: {
        [evil]: { Type: evil, [evil]: 1, Next: evil },
        A: { Type: 'Task', Resource: evil, InputPath: evil, Retry: [{ ErrorEquals: [`States.${evil}`], Next: 'A' }] },
        B: { Type: 'Task', Resource: evil, Parameters: { [`${evil}.$`]: evil, b: { [`${evil}.$`]: 1, [evil]: 2 } } },
        C: { Type: 'Choice', Choices: [{ Variable: `$['${evil}']`, [`Is${evil}`]: true, Next: evil }] },
        D: { Type: 'Pass', InputPath: `$['${evil}']`, End: true },
      },
    });
    expect(found.length).toBeGreaterThan(15);
    expect(found.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
    expect(found).toContainEqual(expect.stringMatching(/States\.D\.InputPath: .* holds control characters/u));
  });

  test('a name may hold any letters, signs and emoji', () => {
    for (const name of ['Antwort prüfen', '二つ', "it's", '🙂 ok']) {
      expect(say({ StartAt: name, States: { [name]: { Type: 'Succeed' } } })).toEqual([]);
    }
  });

  test('all problems come at once, errors first', () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Colour: 'red', Next: 'B' },
        C: { Type: 'Choice', Choices: [{ Variable: 'a', StringEquals: 1, Next: 'D' }, { Next: 'E' }] },
      },
    };
    expect(say(definition).map((line) => line.split(': ')[0])).toEqual([
      'error $.States.A.Next',
      'error $.States.C.Choices[0].Next',
      'error $.States.C.Choices[1].Next',
      'error $.States.A.Colour',
      'error $.States.C.Choices[0].Variable',
      'error $.States.C.Choices[0].StringEquals',
      'error $.States.C.Choices[1]',
      'warning $.States.C',
      'warning $.States.C',
    ]);
  });

  test('parseFlow throws InvalidFlow with every error and lets warnings pass', () => {
    const thrown = catchError(() => parseFlow({ StartAt: 'A', States: { S: { Type: 'Pass', Next: 'B' } } }, 'mine'));
    expect(thrown).toBeInstanceOf(StewardError);
    expect(thrown).toMatchObject({
      code: 'InvalidFlow',
      message: expect.stringContaining('flow mine: $.States.S.Next'),
    });
    expect((thrown as StewardError).problems.map((problem) => problem.field)).toEqual(['$.States.S.Next', '$.StartAt']);
    expect(parseFlow({ StartAt: 'S', States: { S: { Type: 'Pass' } } }, 'mine').startAt).toBe('S');
  });
});

test('a flow that was checked when it was pinned runs on under a checker that has become stricter', () => {
  const pinned = { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'S', HeartbeatSeconds: 5 } } };
  expect(check(pinned)).toContainEqual(expect.objectContaining({ severity: 'error' }));
  expect(parseFlow(pinned, 'mine', { checked: true }).states.get('S')).toMatchObject({ type: 'Pass', next: 'S' });
});

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}

function catchError(act: () => unknown): unknown {
  try {
    return act();
  } catch (thrown) {
    return thrown;
  }
}
