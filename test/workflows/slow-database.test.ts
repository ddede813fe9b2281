import { Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import { beforeAll, expect, test, vi } from 'vitest';
import { assignmentDue, ticketWorkflowId } from '../../src/contract.ts';
import { bundleWorkflows } from '../../src/temporal/workers.ts';
import { testFile } from '../support/files.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { about, entry, handleOf, historyOf, kinds } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });

const team = testFile('team.yaml', {
  agents: ['ana', 'ben'].map((id) => ({ id, name: id, email: `${id}@support.example`, capacity: 3, onDuty: true })),
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example' }],
});
/** Promises of seconds: what they come to is written among all that is said. */
const sla = testFile('sla.yaml', {
  policies: [{ name: 'all', firstResponse: '3 s', nextResponse: '4 s', resolution: '10 s', warnAt: '50%' }],
});
const steward = useSteward({ settings: () => ({ STEWARD_TEAM: team, STEWARD_SLA: sla }) });

/** A workflow task ends before the step that it waits for; what is said meanwhile comes with the next one. */
const TASK = '2s';
beforeAll(async () => {
  const { owner } = steward;
  await sql`create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.4); return null; end $$`.execute(
    owner,
  );
  await sql`create trigger slowly after insert on timeline for each statement execute function slowly()`.execute(owner);
});

test('what is said while the database is slow is followed the same way when its history is replayed', async () => {
  const events = Array.from({ length: 8 }, () => envelope());
  const ids = events.map(({ detail }) => detail.ticketId);
  for (const event of events) {
    const options = {
      workflowId: ticketWorkflowId(event.detail.ticketId),
      taskQueue: steward.taskQueue,
      args: [event],
    };
    await steward.temporal.client.workflow.start('supportTicket', { ...options, workflowTaskTimeout: TASK });
  }
  await Promise.all(ids.map((id) => entry(steward, id, 'escalated')));
  for (const n of [1, 2, 3]) {
    for (const id of ids) {
      await Promise.all([
        steward.post(about(id, 'ticket.replied', `${id}-${n}`, { message: `I hate it (${n})` })),
        handleOf(steward, id).signal(assignmentDue, { source: 'assignment', eventId: `off-${n}`, off: 'ana' }),
      ]);
    }
  }
  const taken = async () => (await Promise.all(ids.map((id) => kinds(steward, id)))).flat();
  await vi.waitFor(
    async () => expect((await taken()).filter((kind) => kind === 'customerReplied')).toHaveLength(3 * ids.length),
    { timeout: 120_000, interval: 200 },
  );

  const histories = await Promise.all(ids.map((id) => historyOf(steward, id)));
  expect(histories.join(' ')).toMatch(/markerRecorded,(timer\w+,)*workflowExecutionSignaled/);
  const options = { workflowBundle: await bundleWorkflows(), dataConverter: steward.composed.workerDataConverter };
  const strayed: unknown[] = [];
  for (const [i, id] of ids.entries()) {
    // A task that the server has given up by then is another matter: the worker's clock of it is not that of the replay.
    if (histories[i]?.includes('workflowTaskTimedOut')) continue;
    const history = await handleOf(steward, id).fetchHistory();
    await Worker.runReplayHistory(options, history, ticketWorkflowId(id)).catch((error) => strayed.push(error));
  }
  expect(strayed).toEqual([]);
});
