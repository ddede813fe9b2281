import { expect, test, vi } from 'vitest';
import { retrying } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, flowFiles, ran, runHandle, runId } from './flow-run-support.ts';
import { entry, PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

/** As Temporal counts them: whether a cancellation would come, one would have to wait for. */
const ABANDON = 2;
const ARN = 'arn:aws:states:::states:startExecution';
const call = (mode: string, Parameters: object, more: object = {}) => ({
  Type: 'Task',
  Resource: `${ARN}${mode}`,
  Parameters,
  ...more,
});
const doubled = { StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:double', 'Input.$': '$' };
const caught = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }];
const catching = (state: object) => ({
  StartAt: 'Start',
  States: { Start: { ...state, Catch: caught, End: true }, Caught: { Type: 'Pass', OutputPath: '$.error', End: true } },
});

const FLOWS = flowFiles({
  double: alone('Double', { Type: 'Pass', Parameters: { 'twice.$': 'States.MathAdd($.n, $.n)' } }),
  fails: { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Refused', Cause: 'not today' } } },
  sleeps: alone('Sleep', { Type: 'Wait', Seconds: 3600 }),
  sync: alone('Start', call('.sync', doubled)),
  sync2: alone('Start', call('.sync:2', doubled)),
  starts: alone('Start', call('', { StateMachineArn: 'sleeps', 'Name.$': '$.name' })),
  waits: alone('Start', call('.sync', { StateMachineArn: 'sleeps', 'Name.$': '$.name' })),
  failing: catching(call('.sync', { StateMachineArn: 'fails' })),
  nowhere: catching(call('', { StateMachineArn: 'nobody' })),
  named: catching(call('', { StateMachineArn: 'double', Input: { n: 1 }, 'Name.$': '$.name' })),
  hurried: {
    StartAt: 'Start',
    States: {
      Start: call(
        '.sync',
        { StateMachineArn: 'sleeps', 'Name.$': '$.name' },
        { TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Sleep' }], End: true },
      ),
      Sleep: { Type: 'Wait', Seconds: 3600, End: true },
    },
  },
  each: alone('Each', {
    Type: 'Map',
    ItemsPath: '$.items',
    ItemProcessor: alone('Start', call('.sync:2', doubled, { OutputPath: '$.Output.twice' })),
  }),
  doomed: {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          alone('Long', call('.sync', { StateMachineArn: 'sleeps', 'Name.$': '$.name' })),
          {
            StartAt: 'Short',
            States: {
              Short: { Type: 'Wait', Seconds: 1, Next: 'Doom' },
              Doom: { Type: 'Fail', Error: 'Doomed' },
            },
          },
        ],
        Catch: [{ ErrorEquals: ['Doomed'], Next: 'Sleep' }],
        End: true,
      },
      Sleep: { Type: 'Wait', Seconds: 3600, End: true },
    },
  },
  // Of a ticket.
  tickets: {
    StartAt: 'Start',
    States: {
      Start: call('.sync:2', { StateMachineArn: 'double', Input: { n: 21 } }, { ResultPath: '$.child', Next: 'Way' }),
      Way: {
        Type: 'Choice',
        Choices: [{ Variable: '$.child.Output.twice', NumericEquals: 42, Next: 'Free' }],
        Default: 'Escalate',
      },
      Free: call('', { StateMachineArn: 'double', Input: { n: 1 } }, { ResultPath: '$.free', Next: 'Welcome' }),
      Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
      Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', Retry: retrying(3), End: true },
    },
  },
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: FLOWS, STEWARD_TEAM: smallTeam() }) });

const statusOf = async (id: string) => (await runHandle(steward, id).describe()).status.name;
const isRunning = (id: string) => vi.waitFor(async () => expect(await statusOf(id)).toBe('RUNNING'), PATIENCE);

test('.sync waits and has the output as text, .sync:2 as JSON', async () => {
  const text = await ran(steward, 'sync', { n: 4 });
  expect(text).toMatchObject({
    status: 'succeeded',
    output: { Status: 'SUCCEEDED', Output: '{"twice":8}', Input: '{"n":4}', StateMachineArn: 'double' },
  });
  expect(await ran(steward, 'sync2', { n: 4 })).toMatchObject({ output: { Output: { twice: 8 }, Input: { n: 4 } } });
});

test('without .sync it is only started, and outlives who has started it', async () => {
  const [id, name] = [runId(), runId()];
  await steward.steward.flows.start(id, { flow: 'starts', input: { name } });
  expect(await steward.steward.flows.end(id)).toEqual({
    status: 'succeeded',
    output: { ExecutionArn: `flow-${name}`, StartDate: expect.any(Number) },
  });
  const { events } = await runHandle(steward, id).fetchHistory();
  const policies = events?.map((event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.parentClosePolicy);
  expect(policies?.filter((policy) => policy)).toEqual([ABANDON]);
  expect(await statusOf(name)).toBe('RUNNING');
  await runHandle(steward, name).terminate();
});

test('one that fails is States.TaskFailed, with what became of it as cause', async () => {
  const end = (await ran(steward, 'failing')) as unknown as { output: { Error: string; Cause: string } };
  expect(end.output.Error).toBe('States.TaskFailed');
  expect(JSON.parse(end.output.Cause)).toMatchObject({ Status: 'FAILED', Error: 'Refused', Cause: 'not today' });
});

test('one that can’t be started says why by AWS’s names', async () => {
  const name = runId();
  expect(await ran(steward, 'nowhere')).toMatchObject({
    output: { Error: 'StepFunctions.StateMachineDoesNotExistException', Cause: expect.stringContaining('no flow has') },
  });
  expect(await ran(steward, 'named', { name })).toMatchObject({ output: { ExecutionArn: `flow-${name}` } });
  expect(await ran(steward, 'named', { name })).toMatchObject({
    output: { Error: 'StepFunctions.ExecutionAlreadyExistsException' },
  });
  expect(await ran(steward, 'named', { name: 'mira@customer.example' })).toMatchObject({
    output: { Error: 'StepFunctions.InvalidNameException' },
  });
});

test('no run is named by what the customer is known by: its id stays when they are erased', async () => {
  const phone = '4917112345678';
  for (const input of [{ detail: { customerPhone: phone } }, { customerPhone: phone }]) {
    expect(await ran(steward, 'named', { name: phone, ...input })).toMatchObject({
      output: { Error: 'StepFunctions.InvalidNameException', Cause: expect.stringContaining('stays when') },
    });
  }
  const made = await ran(steward, 'named', { name: `delay-ada-${runId()}`, detail: { customerName: 'Ada Lovelace' } });
  expect(made).toMatchObject({ output: { Error: 'StepFunctions.InvalidNameException' } });
  expect(await ran(steward, 'named', { name: phone })).toMatchObject({ output: { ExecutionArn: `flow-${phone}` } });
});

test('who is cancelled cancels those for whom it waits', async () => {
  const [id, name] = [runId(), runId()];
  await steward.steward.flows.start(id, { flow: 'waits', input: { name } });
  await isRunning(name);
  await runHandle(steward, id).cancel();
  expect(await steward.steward.flows.end(id)).toMatchObject({ error: 'Cancelled' });
  expect(await statusOf(name)).toBe('CANCELLED');
});

test.each(['hurried', 'doomed'])('one that nobody waits for any more is cancelled (%s)', async (flow) => {
  const [id, name] = [runId(), runId()];
  await steward.steward.flows.start(id, { flow, input: { name } });
  await vi.waitFor(async () => expect(await statusOf(name)).toBe('CANCELLED'), PATIENCE);
  expect(await steward.steward.flows.describe(id)).toMatchObject({ at: 'Sleep#1' });
  await runHandle(steward, id).terminate();
});

test('items of a Map have one each', async () => {
  expect(await ran(steward, 'each', { items: [{ n: 1 }, { n: 2 }, { n: 3 }] })).toMatchObject({ output: [2, 4, 6] });
});

test('a ticket’s flow starts others, whose keys are its customer’s', async () => {
  const event = envelope();
  await steward.post(event);
  await entry(steward, event.detail.ticketId, 'welcomed');
  const rows = await steward.owner
    .selectFrom('data_keys')
    .select('name')
    .where('subject_id', '=', event.detail.customerId)
    .where('name', 'like', 'flow-%')
    .execute();
  expect(rows).toHaveLength(2);
});
