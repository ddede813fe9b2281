/** Items of a large Map in workflows of their own, and a ticket that goes on as a new run with its lines. */
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { ticketWorkflowId } from '../../../src/contract.ts';
import { flowParts, flowWorkflowId } from '../../../src/contract-flow.ts';
import { useDatabase } from '../../support/database.ts';
import { retrying } from '../../support/files.ts';
import { type OwnTemporal, startOwnTemporal } from '../../support/own-servers.ts';
import { makeRunDirectory, removeRunDirectory } from '../../support/run-directory.ts';
import { envelope, startTestSteward, type TestSteward } from '../../support/steward.ts';
import { alone, flowFiles, runId } from '../../workflows/flow-run-support.ts';
import { entry, handleOf, PATIENCE } from '../../workflows/support.ts';
import { way } from '../record.ts';

const wait = (more: object = { End: true }) => ({
  Type: 'Task',
  Resource: 'module:waitForSignal.waitForTaskToken',
  ...more,
});
/** Three batches; one item waits for whoever has its token, three for a second. */
const LARGE = alone('Each', {
  Type: 'Map',
  ItemProcessor: {
    StartAt: 'Which',
    States: {
      Which: {
        Type: 'Choice',
        Choices: [
          { Variable: '$', NumericEquals: 50, Next: 'Answered' },
          { Variable: '$', NumericLessThan: 3, Next: 'Nap' },
        ],
        Default: 'Pass',
      },
      Answered: wait(),
      Nap: { Type: 'Wait', Seconds: 1, End: true },
      Pass: { Type: 'Pass', End: true },
    },
  },
});
const TICKETS = {
  StartAt: 'Both',
  States: {
    Both: {
      Type: 'Parallel',
      Branches: [
        alone('Answered', wait()),
        alone('Nap', { Type: 'Wait', Seconds: 3600 }),
        alone('Ask', {
          Type: 'Task',
          Resource: 'module:askPeople',
          Parameters: { question: 'Refund it?', audience: ['ana', 'ben'], form: ['approve', 'refuse'] },
        }),
        { StartAt: 'Short', States: { Short: wait({ Next: 'No' }), No: { Type: 'Fail', Error: 'Doomed' } } },
      ],
      Catch: [{ ErrorEquals: ['Doomed'], ResultPath: null, Next: 'Welcome' }],
      Next: 'Welcome',
    },
    Welcome: { Type: 'Task', Resource: 'module:sendWelcomeEmail', Retry: retrying(3), End: true },
  },
};

export function itemWays(): void {
  const database = useDatabase();
  const own = {} as { dir: string; temporal: OwnTemporal; steward: TestSteward & { stop(): Promise<void> } };
  beforeAll(async () => {
    own.dir = await makeRunDirectory();
    own.temporal = await startOwnTemporal(own.dir, ['limit.historyCount.suggestContinueAsNew=60']);
    const STEWARD_FLOW = flowFiles({ large: LARGE, tickets: TICKETS });
    const settings = () => ({ TEMPORAL_ADDRESS: own.temporal.address, STEWARD_FLOW });
    own.steward = await startTestSteward(database.url, { settings });
  });
  afterAll(async () => {
    await own.steward?.stop();
    await own.temporal?.current.stop();
    await removeRunDirectory(own.dir);
  });
  const tokenOf = (workflowId: string, step: string) =>
    vi.waitFor(async () => {
      const tasks = await own.steward.steward.flows.tasks(workflowId);
      const task = tasks.find((one) => one.step === step);
      expect(task).toBeDefined();
      return task?.token ?? '';
    }, PATIENCE);

  /** Goes through a large Map, and answers the ids of the run and of its first batch. */
  async function large(): Promise<{ run: string; batch: string }> {
    const { steward } = own.steward;
    const id = runId();
    const run = flowWorkflowId(id);
    await steward.flows.start(id, { flow: 'large', input: Array.from({ length: 201 }, (_, i) => i) });
    const token = await tokenOf(run, 'Each#1[50]/Answered#1');
    const parts = await own.steward.temporal.client.workflow.getHandle(run).query(flowParts);
    await steward.flows.answer('completeTask', { token, output: 50 });
    await steward.flows.end(id);
    return { run, batch: parts[0] ?? '' };
  }
  way('items-batched', 'a flow whose Map runs in batches', async (keep) => {
    await keep(own.steward, (await large()).run);
  });
  way('items-ran', 'a batch of items', async (keep) => {
    await keep(own.steward, (await large()).batch);
  });

  /** A ticket that is in its second run; answers the first's id. */
  async function goneOn(): Promise<{ ticketId: string; first: string }> {
    const event = envelope();
    const { ticketId } = event.detail;
    await own.steward.post(event);
    await entry(own.steward, ticketId, 'taskAsked');
    const first = (await handleOf(own.steward, ticketId).describe()).runId;
    for (let i = 1; (await handleOf(own.steward, ticketId).describe()).runId === first; i++) {
      await handleOf(own.steward, ticketId).signal('rated', { score: (i % 5) + 1 });
      await entry(own.steward, ticketId, 'rated', i);
    }
    return { ticketId, first };
  }
  way('ticket-lines-paused', 'a ticket whose branches pause for a new run', async (keep) => {
    const { ticketId, first } = await goneOn();
    await keep(own.steward, ticketWorkflowId(ticketId), first);
    await handleOf(own.steward, ticketId).terminate();
  });
  way('ticket-lines-went-on', 'a ticket that took its branches up, one of which fails', async (keep) => {
    const { ticketId } = await goneOn();
    const workflowId = ticketWorkflowId(ticketId);
    const { flows } = own.steward.steward;
    await flows.answer('completeTask', { token: await tokenOf(workflowId, 'Both#1[0]/Answered#1') });
    await flows.answer('completeTask', { token: await tokenOf(workflowId, 'Both#1[3]/Short#1') });
    await entry(own.steward, ticketId, 'welcomed');
    await keep(own.steward, workflowId);
    await handleOf(own.steward, ticketId).terminate();
  });
}
