import { expect, test } from 'vitest';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import { retrying, testFile } from '../support/files.ts';
import { historyOf } from '../support/history.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import { envelope, type TestSteward, useSteward } from '../support/steward.ts';

const DEADLINE_MS = 4_000;
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    ...providers.settings('comprehend', 'ses', 'statuspage'),
    STEWARD_SENTIMENT_DEADLINE_MS: String(DEADLINE_MS),
    STEWARD_STATUS_DEADLINE_MS: '1500',
  }),
});

/** For sources that answer: on a busy machine too, long before these deadlines. */
const patient = useSteward({
  settings: () => ({
    ...providers.settings('comprehend', 'ses', 'statuspage'),
    STEWARD_SENTIMENT_DEADLINE_MS: '40000',
    STEWARD_STATUS_DEADLINE_MS: '40000',
  }),
});

/** Takes a ticket in, and returns its facts when somebody has it. */
async function enriched(at: TestSteward, detail: Partial<TicketEnvelope['detail']> = {}) {
  const event = envelope(detail);
  const { ticketId } = event.detail;
  expect((await at.post(event)).status).toBe(202);
  const ticket = await outcome(async () => {
    const found = await at.read.ticket(ticketId);
    expect(found?.route).toMatch(/bot|agent/);
    return found;
  });
  return { ticketId, facts: ticket?.facts, priority: ticket?.priority };
}
const LIKED = 'I love it. Everything is wonderful, thank you so much!';
const NO_FEELING = 'Where on the page do I find the second form?';

test('where Comprehend answers, its label counts, whatever other sources would say', async () => {
  Object.assign(providers.aws.comprehend, { sentiment: 'NEGATIVE', score: 0.97 });
  const { facts, priority } = await enriched(patient, { message: LIKED, sentimentScore: 0.9 });
  expect(facts?.sentiment).toMatchObject({ label: 'NEGATIVE', source: 'comprehend', outcome: 'ok', confidence: 0.97 });
  expect(facts?.sentiment).toHaveProperty('scores.NEGATIVE', 0.97);
  expect(priority).toBe('HIGH');
  expect(providers.aws.comprehend.texts).toContain(LIKED);
});

test('Comprehend failing twice is asked again within the deadline', async () => {
  providers.aws.comprehend.sentiment = 'POSITIVE';
  providers.aws.failNext('500', { action: 'DetectSentiment' }, 2);
  const { ticketId, facts } = await enriched(patient);
  expect(facts?.sentiment).toMatchObject({ label: 'POSITIVE', source: 'comprehend', outcome: 'ok' });
  const asks = (await historyOf(patient, ticketId)).activities.filter((a) => a.name === 'detectSentiment');
  expect(asks.map((ask) => ask.outcome)).toEqual(['failed', 'failed', 'completed']);
});

test('Comprehend failing until the deadline: the local analyser answers, and why is recorded', async () => {
  providers.aws.failNext('500', { action: 'DetectSentiment' }, 100);
  const { ticketId, facts } = await enriched(steward, { message: LIKED, sentimentScore: -0.9 });
  expect(facts?.sentiment).toMatchObject({ label: 'POSITIVE', source: 'local', outcome: 'fallback' });
  expect(facts?.sentiment).toHaveProperty('reason', expect.stringContaining('comprehend: '));
  await expectWithinDeadline(ticketId);
});

test('an answer of Comprehend that no repeat can change is taken at once; without signal words the platform score counts', async () => {
  const refusal = json(400, { __type: 'UnsupportedLanguageException', Message: 'no' });
  providers.aws.answerNext(refusal, { action: 'DetectSentiment' }, 100);
  const { ticketId, facts } = await enriched(patient, { message: NO_FEELING, sentimentScore: -0.7 });
  expect(facts?.sentiment).toMatchObject({ label: 'NEGATIVE', source: 'platform', outcome: 'fallback', score: -0.7 });
  expect(facts?.sentiment).toHaveProperty('reason', 'comprehend: UnsupportedLanguageException (HTTP 400)');
  const { activities, timers } = await historyOf(patient, ticketId);
  expect(activities.filter((a) => a.name === 'detectSentiment')).toHaveLength(1);
  expect(timers.filter((timer) => timer.summary.includes('asked again'))).toEqual([]);
});

test('a ticket waits for a source that hangs no longer than the deadline', async () => {
  providers.aws.failNext('timeout', {}, 100);
  const { ticketId, facts } = await enriched(steward, { message: LIKED });
  expect(facts?.sentiment).toMatchObject({ label: 'POSITIVE', source: 'local', outcome: 'fallback' });
  const asks = await expectWithinDeadline(ticketId);
  expect(asks.map((ask) => ask.outcome)).toEqual(['timedOut']);
});

/** Each ask is given what the ones before it have left of the deadline; that much the server sees to, however busy it is. */
async function expectWithinDeadline(ticketId: string) {
  const { activities } = await historyOf(steward, ticketId);
  const asks = activities.filter((a) => a.name === 'detectSentiment');
  const begun = asks[0]?.scheduledAt ?? Number.NaN;
  let used = 0;
  for (const ask of asks) {
    expect(used + ask.scheduleToCloseMs).toBeLessThanOrEqual(DEADLINE_MS + ROUNDING_MS);
    used = (ask.closedAt ?? Number.NaN) - begun;
  }
  return asks;
}
const ROUNDING_MS = 10;

test('a known outage is noted on the ticket and said to the customer', async () => {
  providers.statuspage.summary.status.indicator = 'major';
  providers.statuspage.summary.incidents = [{ name: 'Login is slow', status: 'investigating', impact: 'major' }];
  providers.aws.comprehend.sentiment = 'NEGATIVE';
  const { facts } = await enriched(patient, { customerEmail: 'ada@customer.example' });
  expect(facts?.status).toMatchObject({
    indicator: 'major',
    incidents: ['Login is slow'],
    source: 'statuspage',
    outcome: 'ok',
  });
  await outcome(() => {
    const mail = providers.aws.mails.find(({ destinations }) => destinations.includes('ada@customer.example'));
    expect(mail?.parsed.text).toContain('- Login is slow');
  });
});

test('a status page that is down: its last answer stands in, and says since when', async () => {
  const since = new Date('2026-01-02T03:04:05Z');
  await steward.composed.deps.snapshots.save({ indicator: 'minor', incidents: ['Search is slow'] }, since);
  providers.statuspage.failNext('500', {}, 100);
  const { facts } = await enriched(steward);
  expect(facts?.status).toMatchObject({
    indicator: 'minor',
    incidents: ['Search is slow'],
    outcome: 'stale',
    at: since.toISOString(),
    reason: 'statuspage: HTTP 500',
  });
});

test('a status page that is down and never answered: the fact is missing, the ticket goes on', async () => {
  await steward.owner.deleteFrom('snapshots').execute();
  providers.statuspage.failNext('500', {}, 100);
  const { facts } = await enriched(steward);
  expect(facts?.status).toMatchObject({ indicator: 'unknown', incidents: [], outcome: 'missing' });
});

const required = useSteward({
  settings: () => ({
    ...providers.settings('comprehend'),
    STEWARD_SENTIMENT_DEADLINE_MS: '2000',
    STEWARD_SENTIMENT_POLICY: 'required',
    STEWARD_FLOW: ANALYZED_TWICE,
  }),
});
const ANALYZED_TWICE = testFile('required.asl.json', {
  StartAt: 'Analyze',
  States: {
    Analyze: { Type: 'Task', Resource: 'module:analyzeTicket', Retry: retrying(1), Next: 'Escalate' },
    Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', End: true },
  },
});

test('a required source that is used up fails the Task: the flow retries it, then it parks, and a retry takes it up', async () => {
  providers.aws.failNext('500', { action: 'DetectSentiment' }, 1_000);
  const event = envelope();
  const { ticketId } = event.detail;
  await required.post(event);
  await outcome(async () =>
    expect(await required.read.parked(ticketId)).toMatchObject([{ step: 'Analyze#1', attempts: 2 }]),
  );
  expect((await required.read.timeline(ticketId)).map((line) => line.kind)).toEqual(['received', 'retried', 'parked']);

  providers.aws.reset();
  providers.aws.comprehend.sentiment = 'NEGATIVE';
  await required.steward.operate(ticketId, 'retry', {});
  await outcome(async () => expect((await required.read.ticket(ticketId))?.route).toBe('agent'));
  const ticket = await required.read.ticket(ticketId);
  expect(ticket?.facts.sentiment).toMatchObject({ label: 'NEGATIVE', source: 'comprehend' });
  expect(ticket?.needsAttention).toBe(false);
});
