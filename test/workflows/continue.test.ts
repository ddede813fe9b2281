import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { flowBySubject } from '../support/flow.ts';
import { historyOf } from '../support/history.ts';
import { type OwnTemporal, startOwnTemporal } from '../support/own-servers.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { envelope, startTestSteward, type TestSteward } from '../support/steward.ts';
import {
  about,
  entry,
  expectNoFailedTask,
  handleOf,
  kinds,
  messagesOf,
  PATIENCE,
  ratingsOf,
  until,
} from './support.ts';

// The server's own limit is 4,096 events: a few dozen show the same in seconds.
const LIMIT = 60;
// Longer than any test: what runs is seen in the history.
const SILENCE_MS = 3_600_000;
const FLOW = flowBySubject();
const database = useDatabase();
const own = {} as { dir: string; temporal: OwnTemporal; steward: TestSteward & { stop(): Promise<void> } };

beforeAll(async () => {
  own.dir = await makeRunDirectory();
  own.temporal = await startOwnTemporal(own.dir, [`limit.historyCount.suggestContinueAsNew=${LIMIT}`]);
  own.steward = await startTestSteward(database.url, {
    settings: () => ({
      TEMPORAL_ADDRESS: own.temporal.address,
      STEWARD_FLOW: FLOW,
      STEWARD_SOLVE_AFTER_SILENCE_MS: String(SILENCE_MS),
    }),
  });
});
afterAll(async () => {
  await own.steward?.stop();
  await own.temporal?.current.stop();
  await removeRunDirectory(own.dir);
});

async function runsOf(ticketId: string): Promise<number> {
  const { workflowService } = own.steward.temporal.client;
  const query = `WorkflowId = "ticket-${ticketId}"`;
  return (await workflowService.listWorkflowExecutions({ namespace: 'default', query })).executions.length;
}

describe('a ticket whose history gets long', () => {
  it('goes on as a new run, and nothing is lost of what was said, whenever it was said', async () => {
    const { steward } = own;
    const event = envelope({ subject: 'Escalate' });
    const id = event.detail.ticketId;
    await steward.post(event);
    await until(steward, id, { state: 'waitingForAgent' });
    const { assigneeId } = await steward.steward.describe(id);
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      const some = Array.from({ length: 6 }, (_, i) => `e${round}-${i}`);
      await Promise.all(some.map((e) => steward.post(about(id, 'ticket.replied', e, { message: `words of ${e}` }))));
      await entry(steward, id, 'customerReplied', (round + 1) * some.length);
    }
    await vi.waitFor(async () => expect(await runsOf(id)).toBeGreaterThan(1), PATIENCE);
    expect((await messagesOf(steward, id)).length).toBe(1 + rounds * 6);
    const seqs = (await steward.read.timeline(id)).map((line) => line.seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    await until(steward, id, { state: 'waitingForAgent', route: 'agent', assigneeId, episode: 1 });
    // Each hand-over once: the flow's, and one for each reply.
    await vi.waitFor(async () => {
      const told = (await steward.read.deliveries(id)).filter((delivery) => delivery.template === 'escalation');
      expect(told.map((delivery) => delivery.status)).toEqual(Array(1 + rounds * 6).fill('sent'));
    }, PATIENCE);
    expect(await steward.steward.resolve(id, { agentId: 'ana' })).toMatchObject({ state: 'solved' });
    await expectNoFailedTask(steward, id);
  });

  it('knows the ids that it took in an earlier run', async () => {
    const { steward } = own;
    const event = envelope({ subject: 'Escalate' });
    const id = event.detail.ticketId;
    await steward.post(event);
    await until(steward, id, { state: 'waitingForAgent' });
    const once = about(id, 'ticket.replied', 'e1', { message: 'once' });
    // Known by another name from the first time on: it may be an address.
    const byMail = { message: 'by mail', eventId: '<1@customer.example>' };
    await steward.post(once);
    await handleOf(steward, id).signal('customerReplied', byMail);
    await growUntilNewRun(id);
    await steward.post(once);
    await handleOf(steward, id).signal('customerReplied', byMail);
    await steward.post(about(id, 'ticket.replied', 'e2', { message: 'twice' }));
    await vi.waitFor(async () => {
      const bodies = (await messagesOf(steward, id)).map((line) => line.body);
      expect(bodies.slice(1).sort()).toEqual(['by mail', 'once', 'twice']);
    }, PATIENCE);
  });

  it('does so while a step is parked: the operator’s word still finds it, and the admins are told once', async () => {
    const { steward } = own;
    const event = envelope({ subject: 'Unmatched' });
    const id = event.detail.ticketId;
    await steward.post(event);
    await entry(steward, id, 'parked');
    await growUntilNewRun(id);
    const view = await steward.steward.describe(id);
    expect(view.parked).toMatchObject([{ step: 'Unmatched#1' }]);
    expect((await steward.read.ticket(id))?.needsAttention).toBe(true);
    expect((await kinds(steward, id)).filter((kind) => kind === 'parked')).toHaveLength(1);
    expect(await steward.steward.operate(id, 'fix', { input: { way: 'person' } })).toMatchObject({ parked: [] });
    await until(steward, id, { state: 'waitingForAgent', route: 'agent', parked: [] });
    const told = (await steward.read.deliveries(id)).filter((delivery) => delivery.template === 'parked');
    expect(told).toHaveLength(1);
    await expectNoFailedTask(steward, id);
  });

  it('does so while people are asked: who decides then is heard, and the flow goes on', async () => {
    const { steward } = own;
    const event = envelope({ subject: 'Ask' });
    const id = event.detail.ticketId;
    await steward.post(event);
    const asked = await entry(steward, id, 'taskAsked');
    await growUntilNewRun(id);
    const taskId = String(asked?.facts.taskId);
    const decide = () => steward.gateway.tasks.decide(taskId, { by: 'ben', act: 'approve' }, 'test');
    await vi.waitFor(decide, PATIENCE);
    await entry(steward, id, 'welcomed');
    expect((await kinds(steward, id)).filter((kind) => kind.startsWith('task'))).toEqual(['taskAsked', 'taskEnded']);
    await expectNoFailedTask(steward, id);
  });

  it('keeps the silence that runs', async () => {
    const { steward } = own;
    const event = envelope({
      subject: 'Bot',
      message: 'How do I download my invoice for last month?',
      customerTier: 'standard',
    });
    const id = event.detail.ticketId;
    await steward.post(event);
    await until(steward, id, { state: 'waitingForCustomer', route: 'bot' });
    const { waitingFor } = await steward.steward.describe(id);
    await growUntilNewRun(id);
    expect((await steward.steward.describe(id)).waitingFor).toBe(waitingFor);
    const clock = await vi.waitFor(async () => {
      const { timers } = await historyOf(steward, id);
      const last = timers.filter(({ summary }) => summary.startsWith('Silence')).at(-1);
      expect(last).toMatchObject({ outcome: 'open' });
      return last;
    }, PATIENCE);
    // Begun anew it would be given all of it.
    expect(clock?.ms).toBeLessThan(SILENCE_MS);
  });
});

/** Ratings change nothing, and each is some events of history. */
async function growUntilNewRun(id: string): Promise<void> {
  const { steward } = own;
  const runs = await runsOf(id);
  let count = 0;
  await vi.waitFor(async () => {
    count += 1;
    await handleOf(steward, id).signal('rated', { score: (count % 5) + 1 });
    await entry(steward, id, 'rated', count);
    expect(await runsOf(id)).toBeGreaterThan(runs);
  }, PATIENCE);
  expect(await ratingsOf(steward, id)).toHaveLength(1);
}
