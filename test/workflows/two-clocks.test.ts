/**
 * A workflow task that the server gives up while its worker is too busy is handed out again, and the worker may end it with the clock of the first:
 * a replay has that of the second.
 */
import { Worker } from '@temporalio/worker';
import { expect, test, vi } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { bundleWorkflows } from '../../src/temporal/workers.ts';
import { testFile } from '../support/files.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, handleOf, historyOf, PATIENCE, until } from './support.ts';

const team = testFile('team.yaml', {
  agents: [{ id: 'ana', name: 'Ana', email: 'ana@support.example', capacity: 100, onDuty: true }],
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example' }],
});
/** Whoever takes the ticket has it for a few seconds. */
const escalation = testFile('escalation.yaml', {
  paths: [{ name: 'all', first: '1 h', lease: '3 s', levels: [{ call: ['admins'], wait: '1 h' }] }],
});
const sla = testFile('sla.yaml', { policies: [{ name: 'all', nextResponse: '4 s', warnAt: '50%' }] });
const steward = useSteward({
  settings: () => ({ STEWARD_TEAM: team, STEWARD_ESCALATION: escalation, STEWARD_SLA: sla }),
});

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

  const history = await handleOf(steward, id).fetchHistory();
  const task = (history.events ?? []).slice(before).find((event) => event.workflowTaskStartedEventAttributes);
  const begun = task?.eventTime;
  if (!begun?.seconds) throw new Error('what was said is taken by a task');
  begun.seconds = begun.seconds.add(LATER_SECONDS);
  const options = { workflowBundle: await bundleWorkflows(), dataConverter: steward.composed.workerDataConverter };
  await Worker.runReplayHistory(options, history, ticketWorkflowId(id));
});
