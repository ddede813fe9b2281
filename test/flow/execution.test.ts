import { expect, test } from 'vitest';
import { endedExecution, failedExecution, readCall, startedExecution } from '../../src/flow/execution.ts';

const call = readCall({
  StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:double',
  Input: { n: 1 },
});
if ('error' in call) throw new Error(call.cause);
const execution = { id: 'flow-e1', name: 'e1', call, startedAt: 1_000 };

// As an execution on AWS was seen to give it, but for ids.
const DESCRIBED = {
  ExecutionArn: 'flow-e1',
  Input: { n: 1 },
  InputDetails: { Included: true },
  Name: 'e1',
  Output: { twice: 2 },
  OutputDetails: { Included: true },
  RedriveCount: 0,
  RedriveStatus: 'NOT_REDRIVABLE',
  RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
  StartDate: 1_000,
  StateMachineArn: 'double',
  Status: 'SUCCEEDED',
  StopDate: 2_000,
};

test('an execution that ended is described by the fields of DescribeExecution, in the order of their names', () => {
  const output = endedExecution(execution, 'sync:2', { twice: 2 }, 2_000);
  expect(JSON.stringify(output)).toBe(JSON.stringify(DESCRIBED));
  expect(endedExecution(execution, 'sync', { twice: 2 }, 2_000)).toEqual({
    ...DESCRIBED,
    Input: '{"n":1}',
    Output: '{"twice":2}',
  });
});

test('one that was only started has its id and when that was', () => {
  expect(JSON.stringify(startedExecution(execution))).toBe('{"ExecutionArn":"flow-e1","StartDate":1000}');
});

test('the Cause of one that failed is the same, says how it failed, and holds no input', () => {
  const cause = failedExecution(execution, 'FAILED', { error: 'Refused', cause: 'not today' }, 2_000);
  expect(cause).toBe(
    '{"Cause":"not today","Error":"Refused","ExecutionArn":"flow-e1","InputDetails":{"Included":false},"Name":"e1","RedriveCount":0,' +
      '"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is FAILED and cannot be redriven","StartDate":1000,' +
      '"StateMachineArn":"double","Status":"FAILED","StopDate":2000}',
  );
  expect(JSON.parse(failedExecution(execution, 'ABORTED', undefined, 2_000))).not.toHaveProperty('Error');
});
