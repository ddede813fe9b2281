/** Paths that lead to nothing, as far as it is known what modules give. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkToRun } from '../../src/compose-flow.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { begin, type FlowEvent, proceed } from '../../src/flow/run.ts';
import { either, LEAF, type Shape, shapeOfValue } from '../../src/flow/shape.ts';
import { inputsOf } from '../../src/flow/unwritten.ts';
import { eventFor, runs } from './arbitrary.ts';
import { NOW } from './support.ts';

const closed = (properties: JsonObject): JsonObject => ({ type: 'object', properties, additionalProperties: false });
const RESULTS = {
  m: closed({ id: { type: 'string' }, customer: closed({ tier: { type: 'string' } }), more: {} }),
};
const INPUT = closed({
  detail: closed({ ticketId: { type: 'string' }, message: { type: 'string', 'x-personal': true } }),
});

function warnings(states: JsonObject, input?: JsonObject): string[] {
  const definition = { StartAt: Object.keys(states)[0], States: states };
  const problems = checkFlow(definition, {
    modules: ['m'],
    bound: 'error',
    results: RESULTS,
    ...(input ? { input } : {}),
  });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return problems.map(({ path, message }) => `${path}: ${message}`).filter((said) => !said.includes('Resource'));
}
const task = (more: JsonObject = {}): JsonObject => ({ Type: 'Task', Resource: 'module:m', ...more });
const choice = (Variable: string, more: JsonObject = {}): JsonObject => ({
  Type: 'Choice',
  Choices: [{ Variable, StringEquals: 'x', Next: 'End' }],
  Default: 'End',
  ...more,
});
const End = { Type: 'Succeed' };

test('in JSONata, where nobody can say what a path leads to, the name of an error made of the input is told', () => {
  const fail = (error: string) => ({ A: { Type: 'Fail', QueryLanguage: 'JSONata', Error: error } });
  for (const read of ['$states.input.detail.message', '$states.context.Execution.Input.n'])
    expect(warnings(fail(`{% ${read} %}`))).toEqual([expect.stringContaining('$.States.A.Error: what its expression')]);
  for (const said of ['Late', "{% 'Late.' & $states.context.State.Name %}"]) expect(warnings(fail(said))).toEqual([]);
});

test('a misspelled field is named, with those that may be there', () => {
  expect(warnings({ A: task({ Next: 'B' }), B: choice('$.customer.teir'), End })).toEqual([
    '$.States.B.Choices[0]: nothing can be at $.customer.teir: no state before it writes it; there may be $.customer.tier',
  ]);
  expect(warnings({ A: task({ Next: 'B' }), B: choice('$.id.of'), End })).toEqual([
    '$.States.B.Choices[0]: nothing can be at $.id.of: no state before it writes it; $.id has no fields',
  ]);
  expect(warnings({ A: task({ Next: 'B' }), B: choice('$.customer.tier'), End })).toEqual([]);
});

test('what a module does not tell may be anything, and so may what the flow begins with', () => {
  expect(warnings({ A: task({ Next: 'B' }), B: choice('$.more.of.it[3]'), End })).toEqual([]);
  expect(warnings({ A: choice('$.detail.customerTier'), End })).toEqual([]);
  expect(warnings({ A: choice('$.detail.customerTier'), End }, INPUT)).toHaveLength(1);
});

test('each field looks at what it looks at when it runs', () => {
  const read = (more: JsonObject) => warnings({ A: task({ Next: 'B' }), B: task({ End: true, ...more }) });
  expect(read({ InputPath: '$.customer', Parameters: { 't.$': '$.tier' } })).toEqual([]);
  expect(read({ InputPath: '$.customer', Parameters: { 't.$': '$.id' } })).toHaveLength(1);
  expect(read({ ResultSelector: { 't.$': '$.customer' } })).toEqual([]);
  expect(read({ ResultSelector: { 't.$': '$.result' } })).toHaveLength(1);
  expect(read({ ResultPath: '$.second', OutputPath: '$.second.id' })).toEqual([]);
  expect(read({ ResultPath: '$.second', OutputPath: '$.third' })).toHaveLength(1);
  expect(read({ Assign: { 't.$': '$.customer.tier' } })).toEqual([]);
  expect(read({ TimeoutSecondsPath: '$.customer.seconds' })).toHaveLength(1);
  expect(read({ Parameters: { 't.$': "States.Format('{} {}', $.id, $.name)" } })).toHaveLength(1);
});

test('by another way it may be there; a test for presence asks whether', () => {
  const caught = { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'B' };
  const ways = (variable: string) =>
    warnings({
      A: task({ Next: 'C' }),
      C: task({ ResultPath: '$.c', Catch: [caught], Next: 'B' }),
      B: choice(variable),
      End,
    });
  expect(ways('$.failure.Error')).toEqual([]);
  expect(ways('$.c.id')).toEqual([]);
  expect(ways('$.failure.Message')).toHaveLength(1);
  const guarded = {
    Type: 'Choice',
    Choices: [
      {
        And: [
          { Variable: '$.gone', IsPresent: true },
          { Variable: '$.gone.x', StringEquals: 'x' },
        ],
        Next: 'End',
      },
    ],
    Default: 'End',
  };
  expect(warnings({ A: task({ Next: 'B' }), B: guarded, End })).toEqual([]);
});

test('loops come to an end, also where a value grows with each round', () => {
  const wait = { Type: 'Wait', Seconds: 1, Next: 'A' };
  const grows = { Type: 'Pass', Parameters: { 'before.$': '$' }, Next: 'B' };
  expect(
    warnings({ First: task({ Next: 'A' }), A: grows, B: choice('$.before.id', { Default: 'W' }), W: wait, End }),
  ).toEqual([]);
  expect(
    warnings({ First: task({ Next: 'A' }), A: grows, B: choice('$.id', { Default: 'W' }), W: wait, End }),
  ).toHaveLength(1);
});

test('within a Parallel and a Map too', () => {
  const branch = (variable: string) => ({
    StartAt: 'In',
    States: {
      In: choice(variable, { Choices: [{ Variable: variable, StringEquals: 'x', Next: 'Out' }], Default: 'Out' }),
      Out: { Type: 'Succeed' },
    },
  });
  const parallel = (variable: string) =>
    warnings({ A: task({ Next: 'P' }), P: { Type: 'Parallel', Branches: [branch(variable)], End: true } });
  expect(parallel('$.id')).toEqual([]);
  expect(parallel('$.ids')).toHaveLength(1);
  const map = (variable: string) =>
    warnings({
      A: task({ Next: 'M' }),
      M: {
        Type: 'Map',
        ItemsPath: '$.more',
        ItemSelector: { 'id.$': '$.id', 'item.$': '$$.Map.Item.Value' },
        ItemProcessor: branch(variable),
        End: true,
      },
    });
  expect(map('$.item.anything')).toEqual([]);
  expect(map('$.ids')).toHaveLength(1);
});

test('what is personal is no name of an error', () => {
  const fail = (ErrorPath: string) => warnings({ A: { Type: 'Fail', ErrorPath } }, INPUT);
  expect(fail('$.detail.ticketId')).toEqual([]);
  expect(fail('$.detail.message')).toEqual([
    '$.States.A.ErrorPath: $.detail.message is personal, and the name of an error is shown in the Web UI and kept; name it by a label',
  ]);
});

test('nor the name of a run', () => {
  const start = (Name: string) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: { StateMachineArn: 'other', 'Name.$': Name },
    End: true,
  });
  const said = (Name: string) => checkToRun({ StartAt: 'A', States: { A: start(Name) } }).map(({ path }) => path);
  expect(said('$.detail.ticketId')).toEqual([]);
  expect(said("States.Format('for-{}', $.detail.customerName)")).toEqual(['$.States.A.Parameters.Name']);
  expect(said('$.anything.else')).toEqual([]);
  expect(said('$.detail.mail.messageId')).toEqual([]);
  const fail = { Type: 'Fail', ErrorPath: '$.detail.subject' };
  expect(checkToRun({ StartAt: 'A', States: { A: fail } }).map(({ path }) => path)).toEqual(['$.States.A.ErrorPath']);
});

test('the modules of Steward say what they give', () => {
  const states = {
    AnalyzeTicket: { Type: 'Task', Resource: 'module:analyzeTicket', Next: 'B' },
    B: choice('$.prioritty'),
    End,
  };
  expect(checkToRun({ StartAt: 'AnalyzeTicket', States: states }).map(({ path }) => path)).toEqual([
    '$.States.B.Choices[0]',
  ]);
});

test('whatever a state is entered with when a flow runs is what was expected', () => {
  let seen = 0;
  let narrow = 0;
  fc.assert(
    fc.property(runs, ([given, input, answers]) => {
      const flow = parseFlow(given, 'random');
      const entered: (readonly [string, Json])[] = [];
      let result: Shape = LEAF;
      let turn = begin(flow, input as Json, { now: NOW, executionId: 'X' });
      for (const next of answers) {
        entered.push([turn.position.frame.state, turn.position.frame.input]);
        // What operators give instead is theirs.
        const event: FlowEvent | undefined = turn.effect.kind === 'failed' ? undefined : eventFor(turn, next);
        if (!event) break;
        if (event.kind === 'result') result = either(result, shapeOfValue(event.output));
        turn = proceed(flow, turn.position, event, { now: NOW });
      }
      const expected = inputsOf(flow, { input: shapeOfValue(input as Json), resultOf: () => result });
      if (!expected) return;
      for (const [state, value] of entered) {
        const shape = expected.get(state);
        seen += 1;
        if (shape && shape.kind !== 'any') narrow += 1;
        expect(shape && fits(value, shape), `${state} with ${JSON.stringify(value)}`).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
  // Whoever expects anything is always right.
  expect(narrow).toBeGreaterThan(seen / 4);
});

function fits(value: Json, shape: Shape): boolean {
  if (shape.kind === 'any') return true;
  if (typeof value !== 'object' || value === null) return true;
  if (shape.kind === 'leaf' || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, field]) => {
    const known = shape.fields.get(name);
    return known !== undefined && fits(field as Json, known);
  });
}
