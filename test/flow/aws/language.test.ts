import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { RESERVED_ERRORS } from '../../../src/flow/failure.ts';
import { INTRINSICS } from '../../../src/flow/intrinsics.ts';
import { OPERATORS } from '../../../src/flow/readCondition.ts';
import { FIELDS, JSONATA_FIELDS, STATE_TYPES } from '../../../src/flow/vocabulary.ts';
import { FUNCTIONS } from '../../../src/jsonata/names.ts';
import { type Case, cameOf, pass, task, wanted } from './case.ts';
import { ERRORS } from './errors.ts';
import { CALLS, COMPARED, EXPRESSIONS, INPUT, TESTED } from './functions.ts';
import { JSONATA } from './jsonata.ts';
import { COMBINERS, COMPARISONS, CONTEXT, ERROR_NAMES, INTRINSIC_NAMES, JSONATA_FUNCTIONS } from './names.ts';
import { NULLS } from './nulls.ts';
import { STATES } from './states.ts';
import { WITHIN } from './within.ts';

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
const shown = (cases: readonly Case[]) => sorted(cases.flatMap(({ of }) => of));

const choice = (rule: object, x?: Json): Case => ({
  of: [],
  states: {
    S: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: pass({ Result: true }),
    No: pass({ Result: false }),
  },
  input: { ...(x === undefined ? {} : { x }), n: 1 },
});
const compared: Case[] = [...COMPARED, ...TESTED].flatMap(([operator, met, not, than]) => {
  const constant = { Variable: '$.x', [operator]: than };
  const byPath = { Variable: '$.x', [`${operator}Path`]: '$$.Execution.Input.than' };
  const pair = (of: string, rule: object): Case[] =>
    (
      [
        [met, true],
        [not, false],
      ] as const
    ).map(([x, output]) => {
      const made = choice(rule, x);
      return { ...made, of: [of], input: { ...(made.input as JsonObject), than }, output };
    });
  const hasPath = COMPARED.some(([name]) => name === operator);
  return [...pair(operator, constant), ...(hasPath ? pair(`${operator}Path`, byPath) : [])];
});
const one = { Variable: '$.n', NumericEquals: 1 };
const two = { Variable: '$.n', NumericEquals: 2 };
const combined: Case[] = [
  { ...choice({ And: [one, one] }), of: ['And'], output: true },
  { ...choice({ And: [one, two] }), of: ['And'], output: false },
  { ...choice({ Or: [two, one] }), of: ['Or'], output: true },
  { ...choice({ Or: [two, two] }), of: ['Or'], output: false },
  { ...choice({ Not: two }), of: ['Not'], output: true },
  { ...choice({ Not: one }), of: ['Not'], output: false },
];
const calls: Case[] = CALLS.map(([call, made]) => ({
  of: [...call.matchAll(/States\.(\w+)\(/gu)].map(([, name]) => name ?? ''),
  states: { S: pass({ Parameters: { 'made.$': call } }) },
  input: INPUT,
  ...(made === undefined ? { error: 'States.IntrinsicFailure' } : { output: { made } }),
}));
const expressions: Case[] = EXPRESSIONS.map(([name, expression, made]) => ({
  of: [name],
  states: { S: pass({ QueryLanguage: 'JSONata', Output: `{% ${expression} %}` }) },
  ...(made === undefined ? { error: 'States.QueryEvaluationError' } : { output: made }),
}));
const START = '2026-04-23T14:30:00.000Z';
const KNOWN: Readonly<Record<string, Json>> = {
  'Execution.Id': 'trial',
  'Execution.Input': 5,
  'Execution.Name': 'trial',
  'Execution.StartTime': START,
  'State.EnteredTime': START,
  'State.Name': 'S',
  'State.RetryCount': 0,
  'StateMachine.Id': 'case',
  'StateMachine.Name': 'case',
};
const context: Case[] = [
  ...Object.entries(KNOWN).flatMap(([place, output]): Case[] => [
    { of: [place], states: { S: pass({ InputPath: `$$.${place}` }) }, input: 5, output },
    {
      of: [place],
      states: { S: pass({ QueryLanguage: 'JSONata', Output: `{% $states.context.${place} %}` }) },
      input: 5,
      output,
    },
  ]),
  ...['Map.Item.Index', 'Map.Item.Value', 'Map.Item.Source'].map((place): Case => {
    const States = { I: pass({ InputPath: `$$.${place}` }) };
    const output = { Index: [0, 1], Value: ['a', 'b'] }[place.slice(9)] ?? ['STATE_DATA', 'STATE_DATA'];
    return {
      of: [place],
      states: { S: { Type: 'Map', ItemProcessor: { StartAt: 'I', States }, End: true } },
      input: ['a', 'b'],
      output,
    };
  }),
  {
    of: ['Task.Token'],
    states: { S: task({ Resource: 'module:m.waitForTaskToken', Parameters: { 't.$': '$$.Task.Token' } }) },
    mocks: { S: [{ result: 1 }] },
    given: { t: 'S#1.1' },
    output: 1,
  },
];

const parts: Readonly<Record<string, readonly Case[]>> = {
  'states in JSONPath': STATES,
  'Parallel and Map': WITHIN,
  'states in JSONata': JSONATA,
  'null in JSONata': NULLS,
  'errors, Retry and Catch': ERRORS,
  comparisons: [...compared, ...combined],
  'intrinsic functions': calls,
  'functions of JSONata': expressions,
  'the context object': context,
};

describe.each(Object.entries(parts))('%s', (_part, cases) => {
  test.each(cases.map((given) => [given.of.join(', '), given] as const))('%s', async (_of, given) => {
    const { cause: _, ...came } = await cameOf(given);
    const { cause, ...want } = wanted(given);
    expect(came).toEqual(want);
    if (cause !== undefined) expect((await cameOf(given)).cause).toBe(cause);
  });
});

describe('nothing of the language is without a case, and nothing is here that AWS does not document', () => {
  test('39 comparisons, and three that combine them', () => {
    expect(COMPARISONS).toHaveLength(39);
    expect(sorted(OPERATORS)).toEqual(sorted(COMPARISONS));
    expect(shown([...compared, ...combined])).toEqual(sorted([...COMPARISONS, ...COMBINERS]));
  });

  test('18 intrinsic functions', () => {
    expect(INTRINSIC_NAMES).toHaveLength(18);
    const ours = ['Format', ...Object.keys(INTRINSICS).map((name) => name.replace('States.', ''))];
    expect(sorted(ours)).toEqual(sorted(INTRINSIC_NAMES));
    expect(shown(calls)).toEqual(sorted(INTRINSIC_NAMES));
  });

  test('18 names of errors', () => {
    expect(ERROR_NAMES).toHaveLength(18);
    const names = ERROR_NAMES.map((name) => `States.${name}`);
    expect(sorted([...RESERVED_ERRORS, 'States.Http.StatusCode'])).toEqual(sorted(names));
    expect(shown(ERRORS).filter((name) => name.startsWith('States.'))).toEqual(sorted(names));
  });

  test('69 functions of JSONata', () => {
    expect(JSONATA_FUNCTIONS).toHaveLength(69);
    expect(sorted(FUNCTIONS)).toEqual(sorted(JSONATA_FUNCTIONS));
    expect(shown(expressions)).toEqual(sorted(JSONATA_FUNCTIONS));
  });

  test('the context object', () => {
    expect(shown(context)).toEqual(sorted(CONTEXT));
  });

  test('eight types of states, and every field of each part', () => {
    expect(STATE_TYPES).toHaveLength(8);
    const inJsonata = (part: string) => part.endsWith('in JSONata');
    const fields = Object.entries(FIELDS).flatMap(([part, names]) => names.map((name) => [part, name] as const));
    const jsonpath = fields.filter(([part]) => !inJsonata(part)).map(([part, name]) => `${part}.${name}`);
    const distributed = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label', 'Mode'].map(
      (name) => `distributed ${name}`,
    );
    const found = shown([...STATES, ...WITHIN, ...ERRORS]).filter((name) => !name.startsWith('States.'));
    expect(found).toEqual(sorted([...jsonpath, ...distributed]));
    const jsonata = [
      ...Object.entries(JSONATA_FIELDS).flatMap(([type, names]) => names.map((name) => `${type}.${name}`)),
      ...fields.filter(([part]) => inJsonata(part)).map(([part, name]) => `${part}.${name}`),
    ];
    expect(shown(JSONATA)).toEqual(sorted(jsonata));
  });
});
