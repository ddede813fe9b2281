/**
 * A workflow task that the server gives up while its worker is too busy is handed out again, and the worker may end it with the clock of the first:
 * a replay has that of the second.
 */
import { readFileSync } from 'node:fs';
import { Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { bundleWorkflows } from '../../src/temporal/workers.ts';
import { testFile } from '../support/files.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, handleOf, historyOf, kinds, PATIENCE, until } from './support.ts';

const team = testFile('team.yaml', {
  agents: [{ id: 'ana', name: 'Ana', email: 'ana@support.example', slack: 'U0ANA00001', capacity: 100, onDuty: true }],
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example' }],
});
/** Whoever takes the ticket has it for a few seconds. */
const escalation = testFile('escalation.yaml', {
  paths: [{ name: 'all', first: '1 h', lease: '3 s', levels: [{ call: ['admins'], wait: '1 h' }] }],
});
const sla = testFile('sla.yaml', { policies: [{ name: 'all', nextResponse: '4 s', warnAt: '50%' }] });
/** Which tries again after a second. */
const flow = JSON.parse(readFileSync('flows/support-escalation.asl.json', 'utf8'));
flow.States.EscalateToAgent.Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2 }];
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    ...providers.settings('slack'),
    STEWARD_TEAM: team,
    STEWARD_ESCALATION: escalation,
    STEWARD_SLA: sla,
    STEWARD_FLOW: testFile('flow.asl.json', flow),
  }),
});

async function follow(id: string, history: Awaited<ReturnType<typeof laterFrom>>): Promise<void> {
  const options = { workflowBundle: await bundleWorkflows(), dataConverter: steward.composed.workerDataConverter };
  await Worker.runReplayHistory(options, history, ticketWorkflowId(id));
}

/** The ticket's history, where the first task that began after `event` has begun later. */
async function laterFrom(id: string, event: number, seconds: number) {
  const history = await handleOf(steward, id).fetchHistory();
  const task = (history.events ?? []).slice(event).find((one) => one.workflowTaskStartedEventAttributes);
  const begun = task?.eventTime;
  if (!begun?.seconds) throw new Error('no task has begun since');
  begun.seconds = begun.seconds.add(seconds);
  return history;
}

/** Less than any of the waits below, and more than a timer is late. */
const LATER_SECONDS = 1;

const nothing = async () => {};
const answer = (id: string) => steward.steward.reply(id, { agentId: 'ana', message: 'Please hum along.' });
test.each([
  ['a lease', nothing, (id: string) => steward.steward.claim(id, { agentId: 'ana' }), 'leaseEnded', 1],
  [
    'a promise',
    answer,
    (id: string) => steward.steward.tell(id, 'customerReplied', { message: 'No.' }),
    'slaBreached',
    2,
  ],
])('%s whose timer fired has come, whatever the clock of the replay says', async (_, first, say, ended, timers) => {
  const id = await escalated(steward, { message: 'It hums.' });
  await until(steward, id, { assigneeId: 'ana' });
  await first(id);
  const before = (await historyOf(steward, id)).length;
  await say(id);
  await entry(steward, id, ended);
  await vi.waitFor(async () => {
    const since = (await historyOf(steward, id)).slice(before);
    expect(since.filter((name) => name === 'timerFired')).toHaveLength(timers);
    expect(since.at(-1)).not.toMatch(/workflowTask(Scheduled|Started)|timerFired/);
  }, PATIENCE);

  await follow(id, await laterFrom(id, before, LATER_SECONDS));
});

test('a flow that is to try again waits before it does, though writing that down takes longer than the wait', async () => {
  await sql`create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(1.4); return null; end $$`.execute(
    steward.owner,
  );
  await sql`create trigger slowly after insert on timeline for each row when (new.kind = 'retried')
    execute function slowly()`.execute(steward.owner);
  providers.slack.failNext('500', { action: 'chat.postMessage' });
  const id = await escalated(steward, { message: 'It hums.' });
  const names = () => historyOf(steward, id);
  await vi.waitFor(async () => {
    const since = (await names()).slice((await names()).indexOf('activityTaskFailed'));
    expect(since.filter((name) => name === 'activityTaskCompleted')).not.toEqual([]);
    expect(since.at(-1)).not.toMatch(/workflowTask(Scheduled|Started)|timerFired|activityTask/);
  }, PATIENCE);
  expect(await kinds(steward, id)).toContain('retried');
  await follow(id, await laterFrom(id, (await names()).indexOf('activityTaskFailed'), 2));
});
