import { expect, test } from 'vitest';
import { isCausePrivate } from '../../src/flow/cause.ts';
import { parseFlow } from '../../src/flow/parse.ts';

const fail = (more: object) => ({ Type: 'Fail', ...more });
const task = (Resource: string) => ({ Type: 'Task', Resource, Parameters: { StateMachineArn: 'a' }, End: true });
const within = (state: object) => ({
  Type: 'Parallel',
  Branches: [{ StartAt: 'Inner', States: { Inner: state } }],
  End: true,
});

function isPrivate(state: object): boolean {
  const Next = { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'It' }], Default: 'End' };
  const States = { Begin: Next, It: state, End: { Type: 'Succeed' } };
  return isCausePrivate(parseFlow({ StartAt: 'Begin', States }, 'test'), 'It');
}

test.each([
  ['a fixed one is the definition’s', false, fail({ Cause: 'fixed' })],
  ['one by a path is the data’s', true, fail({ CausePath: '$.message' })],
  ['one by an expression is the data’s', true, fail({ QueryLanguage: 'JSONata', Cause: '{% $states.input.m %}' })],
  ['a fixed one in JSONata is not', false, fail({ QueryLanguage: 'JSONata', Cause: 'fixed' })],
  ['another flow’s is that one’s', true, task('arn:aws:states:::states:startExecution.sync')],
  ['who has a token says it', true, task('module:waitForSignal.waitForTaskToken')],
  ['a module’s is ours', false, task('module:analyzeTicket')],
  ['a branch fails the Parallel with its own', true, within(fail({ CausePath: '$.message' }))],
  ['or does not', false, within(fail({ Cause: 'fixed' }))],
])('the cause of a failure: %s', (_, expected, state) => {
  expect(isPrivate(state)).toBe(expected);
});
