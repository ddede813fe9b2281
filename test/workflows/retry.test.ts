import { Worker } from '@temporalio/worker';
import { expect, onTestFinished, test } from 'vitest';
import { createActivities } from '../../src/activities/index.ts';
import { providerQueue } from '../../src/contract.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { historyOf } from '../support/history.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import { envelope, type TestSteward, useSteward } from '../support/steward.ts';

const providers = useProviders();
const files = { STEWARD_FLOW: flowBySubject(), STEWARD_TEAM: smallTeam() };
const steward = useSteward({ settings: () => ({ ...providers.settings('slack'), ...files }) });
const POST = { action: 'chat.postMessage' };

/** Clocks that run beside the flow. */
const BESIDE = ['The next deadline of the SLA', 'The escalation path goes on'];

/** Takes in a ticket that goes to an agent by Slack. */
async function escalated(at: TestSteward): Promise<string> {
  const event = envelope();
  await at.post(event);
  return event.detail.ticketId;
}

/** The agent's message, once it is settled. */
async function sent(at: TestSteward, ticketId: string) {
  return outcome(async () => {
    const [message, ...more] = (await at.read.deliveries(ticketId)).filter((d) => d.template === 'escalation');
    expect(message).toMatchObject({ channel: 'slack', status: 'sent' });
    expect(more).toEqual([]);
    return message;
  });
}

test('a provider that fails three times gets four attempts, 1, 2 and 4 s apart as the flow says, and one message goes out', async () => {
  providers.slack.failNext('500', POST, 3);
  const ticketId = await escalated(steward);
  expect(await sent(steward, ticketId)).toMatchObject({ attempts: 4 });
  expect(providers.slack.messages).toHaveLength(1);

  const { activities, timers } = await retriesOf(steward, ticketId);
  expect(activities.map(({ outcome, summary }) => `${summary}: ${outcome}`)).toEqual([
    'Slack to agent ana, attempt 1 of 4: failed',
    'Slack to agent ana, attempt 2 of 4: failed',
    'Slack to agent ana, attempt 3 of 4: failed',
    'Slack to agent ana, attempt 4 of 4: completed',
  ]);
  const asked = [1_000, 2_000, 4_000];
  expect(timers).toHaveLength(3);
  for (const [i, ms] of asked.entries()) {
    // The timer is set after the wait was noted, for what is left of it by then.
    expect(timers[i]?.ms).toBeLessThanOrEqual(ms);
    expect(gaps(activities)[i]).toBeGreaterThanOrEqual(ms);
    expect(timers[i]?.summary).toBe(`Escalate: before attempt ${i + 2} (ProviderFailed)`);
  }
});

/** All but the timer of the ticket's SLA, which runs beside. */
async function retriesOf(...of: Parameters<typeof historyOf>): ReturnType<typeof historyOf> {
  const told = await historyOf(...of);
  return { ...told, timers: told.timers.filter(({ summary }) => !BESIDE.includes(summary ?? '')) };
}

/** Ms from each attempt's end to the next one's beginning. */
function gaps(activities: readonly { scheduledAt: number; closedAt: number | null }[]): number[] {
  return activities.slice(1).map((next, i) => next.scheduledAt - (activities[i]?.closedAt ?? Number.NaN));
}

test('a provider that says when to come back is left alone until then, though the flow would ask sooner', async () => {
  providers.slack.failNext('429', { ...POST, retryAfter: 3 });
  const ticketId = await escalated(steward);
  expect(await sent(steward, ticketId)).toMatchObject({ attempts: 2 });
  const { activities } = await historyOf(steward, ticketId);
  expect(activities).toHaveLength(2);
  expect(gaps(activities)[0]).toBeGreaterThanOrEqual(3_000);
});

test('what cannot get better is not tried again: the step parks at once', async () => {
  providers.slack.answerNext(json(200, { ok: false, error: 'channel_not_found' }), POST);
  const ticketId = await escalated(steward);
  await outcome(async () =>
    expect(await steward.read.parked(ticketId)).toMatchObject([
      { step: 'Escalate#1', error: 'ProviderFailed', attempts: 1 },
    ]),
  );
  const toAgent = (await historyOf(steward, ticketId)).activities.filter((a) => a.summary.includes('agent ana'));
  expect(toAgent.map((a) => a.outcome)).toEqual(['failed']);
  expect((await steward.read.timeline(ticketId)).map((line) => line.kind)).not.toContain('retried');
  expect(await steward.read.deliveries(ticketId)).toContainEqual(
    expect.objectContaining({ template: 'escalation', status: 'failed', reason: 'channel_not_found' }),
  );
  // Word to the admins goes out after the step is parked; later it would meet the failures that the next test plans.
  await outcome(async () =>
    expect(await steward.read.deliveries(ticketId)).toContainEqual(
      expect.objectContaining({ template: 'parked', channel: 'slack', status: 'sent' }),
    ),
  );
});

test('a Task that its provider keeps waiting longer than TimeoutSeconds fails with States.Timeout, which the flow catches', async () => {
  providers.slack.failNext('timeout', POST);
  const event = envelope({ subject: 'Hurried' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await outcome(async () => {
    expect((await steward.read.timeline(ticketId)).map((line) => line.kind)).toContain('welcomed');
  });
  const { activities } = await historyOf(steward, ticketId);
  expect(activities).toMatchObject([{ name: 'deliver', outcome: 'failed' }]);
  expect(activities[0]?.scheduleToCloseMs).toBeLessThanOrEqual(2_000);
  expect(await steward.read.parked(ticketId)).toEqual([]);
});

test('what a step that the flow caught had still to send is given up, and says so', async () => {
  providers.slack.failNext('429', POST);
  const event = envelope({ subject: 'GivenUp' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await outcome(async () => {
    expect((await steward.read.timeline(ticketId)).map((line) => line.kind)).toContain('welcomed');
  });
  const told = (await steward.read.deliveries(ticketId)).filter((d) => d.template === 'escalation');
  expect(told).toMatchObject([{ occasion: 'GivenUp#1', status: 'failed', reason: 'rate limited' }]);
});

const lone = useSteward({ settings: () => ({ ...providers.settings('slack'), ...files }), rates: {} });

test('an attempt that is lost with its worker is repeated, does not count as the flow’s, and sends once', async () => {
  providers.slack.failNext('timeout', POST);
  const first = await slackWorker();
  const ticketId = await escalated(lone);
  await outcome(() => {
    const posts = providers.slack.asked.filter(({ action, body }) => action === POST.action && body.includes(ticketId));
    expect(posts).toHaveLength(1);
  });
  await first.stop();
  await slackWorker();
  await sent(lone, ticketId);
  expect(providers.slack.messages).toHaveLength(1);

  const { activities, timers } = await retriesOf(lone, ticketId);
  expect(activities).toMatchObject([
    { summary: 'Slack to agent ana, attempt 1 of 4', attempts: 2, outcome: 'completed' },
  ]);
  expect(timers).toEqual([]);
  expect((await lone.read.timeline(ticketId)).map((line) => line.kind)).not.toContain('retried');
});

/** A worker for Slack that gives its running attempt no grace when it stops. */
async function slackWorker(): Promise<{ stop(): Promise<void> }> {
  const worker = await Worker.create({
    connection: lone.temporal.connection,
    taskQueue: providerQueue(lone.taskQueue, 'slack'),
    activities: createActivities(lone.composed.deps),
    dataConverter: lone.composed.dataConverter,
    shutdownGraceTime: 0,
  });
  const running = worker.run();
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
  onTestFinished(stop);
  return { stop };
}
