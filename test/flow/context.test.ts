import { describe, expect, test } from 'vitest';
import { begin } from '../../src/flow/run.ts';
import { errorsOf, NOW, output, single } from './support.ts';

const LISTED =
  '$$.Execution.Id, $$.Execution.Input, $$.Execution.Name, $$.Execution.RedriveCount, $$.Execution.StartTime, ' +
  '$$.State.EnteredTime, $$.State.Name, $$.State.RetryCount, $$.StateMachine.Id, $$.StateMachine.Name, $$.Task.Token or $$.Map.Item';
const PLACES = LISTED.split(/, | or /u);
/** Only within a Map, or in a Task that waits for a token. */
const SOMETIMES = ['$$.Task.Token', '$$.Map.Item'];

/** A Pass that gives what `path` finds. */
const pass = (path: string) => ({ Type: 'Pass', Parameters: { 'found.$': path }, End: true });

test.each([...PLACES, '$$', '$$.Execution', "$$['State']['Name']", '$$.Execution.Input.detail.any[3].thing'])(
  '%s is let pass by the checker',
  (path) => {
    expect(errorsOf(pass(path))).toEqual([]);
  },
);

test('every place that the checker knows is there when the flow runs', () => {
  for (const path of PLACES.filter((place) => !SOMETIMES.includes(place))) {
    const clock = { now: NOW, executionId: 'ticket-T1', executionName: 'T1' };
    expect(output(begin(single(pass(path)), {}, clock))).not.toEqual({ found: undefined });
  }
});

test('an execution may have a name beside its id, and the flow tells its own', () => {
  const all = single({ Type: 'Pass', InputPath: '$$', End: true });
  const clock = { now: NOW, executionId: 'ticket-T1', executionName: 'T1' };
  expect(output(begin(all, {}, clock))).toMatchObject({
    Execution: { Id: 'ticket-T1', Name: 'T1' },
    StateMachine: { Id: 'test', Name: 'test' },
  });
});

describe('a path into the context object that leads to nothing', () => {
  test.each([
    '$$.execution.Id',
    '$$.Executions',
    '$$.Execution.id',
    '$$.Execution.RoleArn',
    '$$.Execution.Id.x',
    '$$.State[0]',
    '$$.State.Name.length',
    '$$.constructor',
    '$$.Map.Item.Key',
    '$$[0]',
  ])('%s is refused, and what there is is listed', (path) => {
    const said = `there is no ${path}; the context object has ${LISTED}`;
    expect(errorsOf(pass(path))).toEqual([`error $.States.S.Parameters['found.$']: ${said}`]);
  });

  test.each([
    ['InputPath', { Type: 'Pass', InputPath: '$$.Nope', End: true }],
    ['OutputPath', { Type: 'Pass', OutputPath: '$$.Nope', End: true }],
    ['SecondsPath', { Type: 'Wait', SecondsPath: '$$.Nope', End: true }],
    [
      'Choices[0].Variable',
      { Type: 'Choice', Choices: [{ Variable: '$$.Nope', IsNull: true, Next: 'End' }], Default: 'End' },
    ],
    ['ErrorPath', { Type: 'Fail', ErrorPath: '$$.Nope' }],
  ])('is refused in %s', (field, state) => {
    expect(errorsOf(state)).toEqual([expect.stringContaining(`error $.States.S.${field}: there is no $$.Nope`)]);
  });
});
