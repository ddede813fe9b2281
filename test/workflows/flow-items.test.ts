/** Maps that are too large for one history: their items run in workflows of their own. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { flowWorkflowId } from '../../src/contract-flow.ts';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { json, type StandIn, startStandIn } from '../support/stand-ins/server.ts';
import { envelope, type TestSteward, useSteward } from '../support/steward.ts';
import { alone, flowFiles, RIGHT_OR_PERSON, ran, runHandle, runId } from './flow-run-support.ts';
import { entry, expectNoFailedTask, PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 240_000 });

const MANY = 1_000;
const SOME = 230;
const numbered = (count: number) => ({ QueryLanguage: 'JSONata', Type: 'Map', Items: `{% [1..${count}] %}` });
const summed = { Output: '{% {"count": $count($states.result), "sum": $sum($states.result)} %}' };
const asking = (url: string, method: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'module:http',
  Parameters: { 'url.$': `States.Format('${url}/{}', $)`, method },
  ResultSelector: { 'n.$': '$.body.n' },
  OutputPath: '$.n',
  ...more,
});
/** The 150th waits for whoever has its token, and nobody else for long. */
const oneWaits = {
  StartAt: 'Which',
  States: {
    Which: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 150, Next: 'Answered' }], Default: 'Nap' },
    Nap: { Type: 'Wait', Seconds: 0, End: true },
    Answered: { Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken', End: true },
  },
};
const ticketFlow = (url: string) => ({
  StartAt: 'Way',
  States: {
    Way: {
      Type: 'Choice',
      Choices: [{ Variable: '$.detail.subject', StringEquals: 'States', Next: 'States' }],
      Default: 'Each',
    },
    Each: {
      ...numbered(SOME),
      ItemProcessor: {
        StartAt: 'Which',
        States: {
          Which: {
            Type: 'Choice',
            Choices: [{ Variable: '$', NumericGreaterThan: 220, Next: 'Ask' }],
            Default: 'Skip',
          },
          Skip: { Type: 'Pass', End: true },
          Ask: asking(url, 'POST', { End: true }),
        },
      },
      Output: `{% {"ok": $sum($states.result) = ${(SOME * (SOME + 1)) / 2}} %}`,
      Next: 'IsRight',
    },
    // Nothing of it leaves anything in a history.
    States: {
      ...numbered(MANY),
      ItemProcessor: {
        StartAt: 'A',
        States: Object.fromEntries(
          ['A', 'B', 'C', 'D', 'E'].map((name, i, all) => [
            name,
            {
              Type: 'Pass',
              Parameters: { 'n.$': i === 0 ? '$' : '$.n' },
              ...(i + 1 < all.length ? { Next: all[i + 1] } : { End: true }),
            },
          ]),
        ),
      },
      Output: `{% {"ok": $sum($states.result.n) = ${(MANY * (MANY + 1)) / 2}} %}`,
      Next: 'IsRight',
    },
    ...RIGHT_OR_PERSON,
  },
});

const held: { outside?: StandIn } = {};
beforeAll(async () => {
  held.outside = await startStandIn({
    action: ({ method }) => method,
    work: ({ path }) => json(200, { n: Number(path.slice(1)) }),
    refuse: (failure) => json(Number(failure), {}),
  });
});
afterAll(() => held.outside?.stop());
const outside = () => held.outside?.url ?? '';
const steward: TestSteward = useSteward({
  settings: () => ({
    STEWARD_TEAM: smallTeam(),
    STEWARD_HTTP: testFile('http.yaml', { hosts: [{ host: new URL(outside()).host }] }),
    STEWARD_FLOW: flowFiles({
      calls: alone('Each', { ...numbered(MANY), ItemProcessor: alone('Ask', asking(outside(), 'GET')), ...summed }),
      waits: alone('Each', { ...numbered(SOME), ItemProcessor: oneWaits, ...summed }),
      fails: {
        StartAt: 'Each',
        States: {
          Each: {
            ...numbered(SOME),
            ItemProcessor: {
              StartAt: 'Which',
              States: {
                Which: { ...oneWaits.States.Which, Choices: [{ Variable: '$', NumericEquals: 150, Next: 'No' }] },
                Nap: oneWaits.States.Nap,
                No: { Type: 'Fail', Error: 'Broken', Cause: 'the 150th' },
              },
            },
            Catch: [{ ErrorEquals: ['Broken'], Output: '{% $states.errorOutput %}', Next: 'Caught' }],
            End: true,
          },
          Caught: { Type: 'Pass', End: true },
        },
      },
      tickets: ticketFlow(outside()),
    }),
  }),
});

interface Event {
  readonly startChildWorkflowExecutionInitiatedEventAttributes?: { readonly workflowId?: string | null } | null;
}
/** The length of its history, and the workflows that it has started. */
async function historyOf(workflowId: string): Promise<{ length: number; children: string[] }> {
  const { events } = await steward.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const started = (events ?? []).map((event: Event) => event.startChildWorkflowExecutionInitiatedEventAttributes);
  return {
    length: events?.length ?? 0,
    children: started.flatMap((one) => (one?.workflowId ? [one.workflowId] : [])),
  };
}
const statusOf = async (id: string) => (await steward.temporal.client.workflow.getHandle(id).describe()).status.name;

test(`${MANY} items that each call another system: each is asked once, and the Map's own history stays short`, async () => {
  const id = runId();
  await steward.steward.flows.start(id, { flow: 'calls' });
  const output = { count: MANY, sum: (MANY * (MANY + 1)) / 2 };
  expect(await steward.steward.flows.end(id)).toEqual({ status: 'succeeded', output });
  const asked = held.outside?.asked.filter(({ method }) => method === 'GET').map(({ path }) => Number(path.slice(1)));
  expect(asked?.sort((one, other) => one - other)).toEqual(Array.from({ length: MANY }, (_, i) => i + 1));
  const { length, children } = await historyOf(flowWorkflowId(id));
  expect(children).toHaveLength(10);
  expect(length).toBeLessThan(200);
  const lengths = await Promise.all(children.map(async (child) => (await historyOf(child)).length));
  console.log('events of the Map and of its batches:', length, lengths);
  expect(Math.max(...lengths)).toBeLessThan(4_096);
});

test('who has the token of one item finds it by the run, and completes it', async () => {
  const id = runId();
  const { flows } = steward.steward;
  await flows.start(id, { flow: 'waits' });
  const task = await vi.waitFor(async () => {
    const [one, ...more] = await flows.tasks(flowWorkflowId(id));
    expect([one?.step, more]).toEqual(['Each#1[149]/Answered#1', []]);
    return one;
  }, PATIENCE);
  const way = await flows.way(flowWorkflowId(id));
  expect(way.standing.map(({ state }) => state)).toContain('Answered');
  expect(way.passings.map(({ state }) => state)).toEqual(expect.arrayContaining(['Each', 'Which', 'Nap', 'Answered']));
  await flows.answer('completeTask', { token: task?.token ?? '', output: 150 });
  expect(await flows.end(id)).toMatchObject({ output: { count: SOME, sum: (SOME * (SOME + 1)) / 2 } });
});

test('one that is cancelled cancels them; by hand nobody starts one', async () => {
  const id = runId();
  await steward.steward.flows.start(id, { flow: 'waits' });
  await vi.waitFor(async () => {
    expect(await steward.steward.flows.tasks(flowWorkflowId(id))).toHaveLength(1);
  }, PATIENCE);
  await runHandle(steward, id).cancel();
  expect(await steward.steward.flows.end(id)).toMatchObject({ error: 'Cancelled' });
  const { children } = await historyOf(flowWorkflowId(id));
  const ends = await Promise.all(children.map(statusOf));
  expect(ends).toContain('CANCELLED');
  expect(ends).not.toContain('RUNNING');
  const { client } = steward.temporal;
  const args = [{ flow: { name: 'x', version: 'y', definition: {} }, customerId: null, root: {}, map: 'Each' }];
  const byHand = { taskQueue: steward.taskQueue, workflowId: `flow-items-${id}`, args };
  const end = client.workflow.execute('runItems', byHand);
  await expect(end).rejects.toMatchObject({ cause: { type: 'InvalidRequest' } });
});

test('an item that fails fails the Map by its error, which Catch has, and the others are cancelled', async () => {
  expect(await ran(steward, 'fails')).toEqual({
    status: 'succeeded',
    output: { Error: 'Broken', Cause: 'the 150th' },
  });
});

test('one that an operator terminates fails the Map', async () => {
  const id = runId();
  await steward.steward.flows.start(id, { flow: 'waits' });
  const [task] = await vi.waitFor(async () => {
    const tasks = await steward.steward.flows.tasks(flowWorkflowId(id));
    expect(tasks).toHaveLength(1);
    return tasks;
  }, PATIENCE);
  expect(task?.step).toBeDefined();
  const { children } = await historyOf(flowWorkflowId(id));
  for (const child of children) {
    if ((await statusOf(child)) === 'RUNNING') await steward.temporal.client.workflow.getHandle(child).terminate();
  }
  expect(await steward.steward.flows.end(id)).toEqual({
    status: 'failed',
    error: 'States.TaskFailed',
    cause: 'the workflow of its items 100 to 199 was terminated',
  });
});

test("a ticket's are its customer's, and every Choice is on its timeline", async () => {
  const event = envelope({ subject: 'Items' });
  const { ticketId, customerId } = event.detail;
  await steward.post(event);
  await entry(steward, ticketId, 'welcomed');
  const { children } = await historyOf(ticketWorkflowId(ticketId));
  expect(children).toHaveLength(3);
  const keys = steward.owner.selectFrom('data_keys').select('name').where('subject_id', '=', customerId);
  const named = (await keys.execute()).map(({ name }) => name);
  expect(named).toEqual(expect.arrayContaining(children));
  const decided = (await steward.read.timeline(ticketId)).filter(({ kind }) => kind === 'decided');
  // Its own three, and the items'.
  expect(decided.map(({ facts }) => facts.state).sort()).toEqual(
    ['IsRight', 'Way', ...Array(SOME).fill('Which')].sort(),
  );
  // In the ticket's name, as if it had asked itself.
  const audited = await steward.owner
    .selectFrom('audit_entries')
    .select('object')
    .where('action', '=', 'http.intent')
    .where('object', '=', `ticket/${ticketId}`)
    .execute();
  expect(audited).toHaveLength(SOME - 220);
  await expectNoFailedTask(steward, ticketId);
});

test('several thousand states without any effect stay in the ticket', async () => {
  const event = envelope({ subject: 'States' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await entry(steward, ticketId, 'welcomed');
  const { children, length } = await historyOf(ticketWorkflowId(ticketId));
  expect(children).toEqual([]);
  expect(length).toBeLessThan(300);
  await expectNoFailedTask(steward, ticketId);
});
