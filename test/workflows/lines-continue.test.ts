/** A ticket whose history gets long while branches or items of its flow are under way. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { useDatabase } from '../support/database.ts';
import { testFile } from '../support/files.ts';
import { type OwnTemporal, startOwnTemporal } from '../support/own-servers.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { json, type StandIn, startStandIn } from '../support/stand-ins/server.ts';
import { envelope, startTestSteward, type TestSteward } from '../support/steward.ts';
import { alone } from './flow-run-support.ts';
import { entry, expectNoFailedTask, handleOf, kinds, PATIENCE, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

// The server's own limit is 4,096 events: a few dozen show the same in seconds.
const LIMIT = 60;
const WAIT_S = 8;
const ITEMS = 100;

function ticketsFlow(url: string): string {
  const way = (name: string) => ({ Variable: '$.detail.subject', StringEquals: name, Next: name });
  return testFile('lines-continue.asl.json', {
    StartAt: 'Way',
    States: {
      Way: { Type: 'Choice', Choices: [way('Items'), way('Branches')], Default: 'Escalate' },
      Items: {
        Type: 'Map',
        QueryLanguage: 'JSONata',
        Items: `{% [1..${ITEMS}] %}`,
        MaxConcurrency: 5,
        ItemProcessor: alone('Call', {
          Type: 'Task',
          Resource: 'module:http',
          Parameters: { url, method: 'POST', 'body.$': '$' },
          ResultSelector: { 'n.$': '$.body.n' },
        }),
        Output: `{% {"ok": $sum($states.result.n) = ${(ITEMS * (ITEMS + 1)) / 2} and $states.result[0].n = 1} %}`,
        Next: 'IsRight',
      },
      Branches: {
        Type: 'Parallel',
        Branches: [
          alone('Answered', { Type: 'Task', Resource: 'module:waitForSignal.waitForTaskToken' }),
          alone('Nap', { Type: 'Wait', Seconds: WAIT_S }),
          alone('Ask', {
            Type: 'Task',
            Resource: 'module:askPeople',
            Parameters: { question: 'Refund it?', audience: ['ana', 'ben'], form: ['approve', 'refuse'] },
          }),
        ],
        ResultSelector: { ok: false, 'said.$': '$[0]', 'decision.$': '$[2].decision' },
        Next: 'IsRight',
      },
      IsRight: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.ok', BooleanEquals: true, Next: 'Welcome' },
          {
            And: [
              { Variable: '$.said', StringEquals: 'yes' },
              { Variable: '$.decision', StringEquals: 'approve' },
            ],
            Next: 'Welcome',
          },
        ],
        Default: 'Escalate',
      },
      Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', End: true },
      Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', End: true },
    },
  });
}

const database = useDatabase();
const own = {} as {
  dir: string;
  temporal: OwnTemporal;
  outside: StandIn;
  steward: TestSteward & { stop(): Promise<void> };
};

beforeAll(async () => {
  own.dir = await makeRunDirectory();
  own.outside = await startStandIn({
    action: ({ method }) => method,
    work: ({ body }) => json(200, { n: JSON.parse(String(body)) }),
    refuse: (failure) => json(Number(failure), {}),
  });
  own.temporal = await startOwnTemporal(own.dir, [`limit.historyCount.suggestContinueAsNew=${LIMIT}`]);
  own.steward = await startTestSteward(database.url, {
    settings: () => ({
      TEMPORAL_ADDRESS: own.temporal.address,
      STEWARD_HTTP: testFile('http.yaml', { hosts: [{ host: new URL(own.outside.url).host }] }),
      STEWARD_FLOW: ticketsFlow(own.outside.url),
    }),
  });
});
afterAll(async () => {
  await own.steward?.stop();
  await own.temporal?.current.stop();
  await own.outside?.stop();
  await removeRunDirectory(own.dir);
});

async function runsOf(ticketId: string): Promise<number> {
  const { workflowService } = own.steward.temporal.client;
  const query = `WorkflowId = "${ticketWorkflowId(ticketId)}"`;
  return (await workflowService.listWorkflowExecutions({ namespace: 'default', query })).executions.length;
}

async function begun(subject: string): Promise<string> {
  const event = envelope({ subject });
  await own.steward.post(event);
  return event.detail.ticketId;
}

test('items under way end, the rest of them is done by a new run, and each is done once', async () => {
  const id = await begun('Items');
  await entry(own.steward, id, 'welcomed');
  const asked = own.outside.asked.map(({ body }) => Number(body)).sort((one, other) => one - other);
  expect(asked).toEqual(Array.from({ length: ITEMS }, (_, i) => i + 1));
  await vi.waitFor(async () => expect(await runsOf(id)).toBeGreaterThan(2), PATIENCE);
  await expectNoFailedTask(own.steward, id);
});

test('branches wait on in a new run: by token, for people and for their time', async () => {
  const { steward } = own;
  const id = await begun('Branches');
  const began = Date.now();
  const asked = await entry(steward, id, 'taskAsked');
  const token = await vi.waitFor(async () => {
    const [task] = await steward.steward.flows.tasks(ticketWorkflowId(id));
    expect(task).toBeDefined();
    return task?.token ?? '';
  }, PATIENCE);
  let score = 0;
  await vi.waitFor(async () => {
    score += 1;
    await handleOf(steward, id).signal('rated', { score: (score % 5) + 1 });
    await entry(steward, id, 'rated', score);
    expect(await runsOf(id)).toBeGreaterThan(1);
  }, PATIENCE);
  await steward.steward.flows.answer('completeTask', { token, output: 'yes' });
  const decide = () => steward.gateway.tasks.decide(String(asked?.facts.taskId), { by: 'ben', act: 'approve' }, 'test');
  await vi.waitFor(decide, PATIENCE);
  await entry(steward, id, 'welcomed');
  expect(Date.now() - began).toBeGreaterThan(WAIT_S * 1000 - 1_000);
  expect((await kinds(steward, id)).filter((kind) => kind.startsWith('task'))).toEqual(['taskAsked', 'taskEnded']);
  await expectNoFailedTask(steward, id);
});

test('a ticket that is solved while its items pause for a new run needs none of them any more', async () => {
  const { steward } = own;
  const id = await begun('Branches');
  await entry(steward, id, 'taskAsked');
  await steward.steward.claim(id, { agentId: 'ana' });
  await steward.steward.resolve(id, { agentId: 'ana' });
  await until(steward, id, { state: 'solved' });
  expect(await kinds(steward, id)).not.toContain('welcomed');
});
