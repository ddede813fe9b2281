/** Comprehend fails: it is left alone, asked for, told of, and what was done without it is looked at again. */
import { expect, test, vi } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import { envelope } from '../support/steward.ts';
import { breakComprehend, useHealing } from './healing-support.ts';
import { answered, entry, expectNoFailedTask, kinds, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });

const providers = useProviders();
const scene = useHealing(() => ({
  ...providers.settings('comprehend', 'slack'),
  // Fifty ask at once: on a busy machine the last of them must not find their time over before they were asked for.
  STEWARD_SENTIMENT_DEADLINE_MS: '10000',
}));
const { steward } = scene;

/** The local analyser takes it at its word. */
const IRONIC = 'Great, how wonderful: I love it when my card is charged again and again.';
const told = () => providers.slack.messages.filter(({ channel }) => channel === 'C0OPERATE1').map(({ text }) => text);

async function submit(detail: Parameters<typeof envelope>[0] = {}): Promise<string> {
  const event = envelope({ message: IRONIC, sentimentScore: 0, ...detail });
  expect((await steward.post(event)).status).toBe(202);
  return event.detail.ticketId;
}
const enriched = (ticketId: string) =>
  outcome(async () => {
    const facts = (await steward.read.ticket(ticketId))?.facts;
    expect(facts?.sentiment).toBeDefined();
    return facts;
  });

test('fifty failures at once are one incident; it is told of once, probed, closed, told of, and tickets are looked at again', async () => {
  breakComprehend(providers);
  const ids = await Promise.all(Array.from({ length: 50 }, () => submit()));
  for (const id of ids) {
    const facts = await enriched(id);
    expect(facts?.sentiment).toMatchObject({ label: 'POSITIVE', reason: expect.stringContaining('comprehend: ') });
    expect(facts?.degraded).toEqual(['sentiment']);
  }
  const incidentId = await scene.opened('comprehend');
  await outcome(() => expect(told()).toHaveLength(1));
  expect(told()[0]).toContain('Amazon Comprehend has failed too often');
  expect(told()[0]).toContain('the local analyser judges');

  const before = providers.aws.asked.length;
  const late = await submit();
  expect((await enriched(late))?.sentiment).toMatchObject({ reason: 'comprehend: left alone: its circuit is open' });
  const probes = providers.aws.asked.slice(before).map(({ body }) => body);
  expect(probes.filter((body) => !body.includes('second floor'))).toEqual([]);

  providers.aws.reset();
  Object.assign(providers.aws.comprehend, { sentiment: 'NEGATIVE', score: 0.97 });
  await scene.over(incidentId);
  expect(told()).toHaveLength(2);
  expect(told()[1]).toContain('51 tickets did without it');
  for (const id of [...ids, late]) {
    await entry(steward, id, 'enrichedAgain');
    await outcome(async () => {
      const ticket = await steward.read.ticket(id);
      expect(ticket).toMatchObject({ priority: 'HIGH', route: 'agent' });
      expect(ticket?.facts.sentiment).toMatchObject({ label: 'NEGATIVE', source: 'comprehend', outcome: 'ok' });
      expect(ticket?.facts.sentimentBefore).toMatchObject({ label: 'POSITIVE', source: 'local' });
      expect(ticket?.facts.degraded).toEqual([]);
    });
    expect((await kinds(steward, id)).filter((kind) => kind === 'enrichedAgain')).toHaveLength(1);
  }
  expect(await scene.incidents('comprehend')).toHaveLength(1);
});

test('a late fact brings a person in where the bot had answered; the old decision stays on record', async () => {
  breakComprehend(providers);
  const three = Array.from({ length: 3 }, () => answered(steward, { customerTier: 'premium' }));
  const [ticketId = '', solved = ''] = await Promise.all(three);
  await steward.steward.resolve(solved, { agentId: 'ana' });
  const incidentId = await scene.opened('comprehend');
  providers.aws.reset();
  Object.assign(providers.aws.comprehend, { sentiment: 'NEGATIVE', score: 0.97 });
  await scene.over(incidentId);

  const again = await entry(steward, ticketId, 'enrichedAgain');
  expect(again?.facts).toMatchObject({
    incident: incidentId,
    sentiment: { label: 'NEGATIVE', source: 'comprehend' },
    before: 'MEDIUM',
    priority: 'HIGH',
    decision: { state: 'RouteTicket', next: 'EscalateToAgent', went: 'SendWelcomeEmail' },
  });
  expect((await entry(steward, ticketId, 'escalated'))?.facts).toMatchObject({ why: 'late fact' });
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent', priority: 'HIGH' });
  // And what was promised is what an urgent ticket is promised, at every hour.
  const clocks = await steward.read.clocks(ticketId);
  expect(clocks.map(({ id, policy, status }) => `${id} ${policy} ${status}`).sort()).toEqual([
    'firstResponse:1 premium, urgent running',
    'resolution:1 premium, urgent running',
  ]);
  const [decided] = (await steward.read.timeline(ticketId)).filter(({ kind }) => kind === 'decided');
  expect(decided?.facts).toMatchObject({ state: 'RouteTicket', next: 'SendWelcomeEmail' });
  const ticket = await steward.read.ticket(ticketId);
  expect(ticket?.facts.decisions).toMatchObject([{ state: 'RouteTicket', next: 'SendWelcomeEmail' }, {}]);

  // Nobody is sent to a ticket that is solved; the fact is on record there too.
  await entry(steward, solved, 'enrichedAgain');
  expect(await kinds(steward, solved)).not.toContain('escalated');
  expect(await steward.read.ticket(solved)).toMatchObject({ state: 'solved', priority: 'HIGH' });
  await expectNoFailedTask(steward, ticketId);
});

test('a provider that says "too fast", or refuses one text, is not left alone', async () => {
  // One that was over a moment ago looks after them once more, for they did without; but none begins.
  const ids = async () => (await scene.incidents('comprehend')).map(({ id }) => id);
  const before = await ids();
  for (const answer of ['ThrottlingException', 'UnsupportedLanguageException']) {
    const refusal = json(400, { __type: answer, Message: 'no' });
    providers.aws.answerNext(refusal, { action: 'DetectSentiment' }, 1_000);
    for (const facts of await Promise.all([submit(), submit(), submit(), submit()].map((one) => one.then(enriched)))) {
      expect(facts?.sentiment).toMatchObject({ reason: `comprehend: ${answer} (HTTP 400)` });
    }
    providers.aws.reset();
  }
  expect(await ids()).toEqual(before);
});

test('with the worker stopped and started in the middle the admins still hear once of each', async () => {
  breakComprehend(providers);
  await Promise.all([submit(), submit(), submit()].map((one) => one.then(enriched)));
  const incidentId = await scene.opened('comprehend');
  await outcome(() => expect(told()).toHaveLength(1));
  await steward.restartWorkers();
  await outcome(async () => {
    const incident = (await scene.incidents('comprehend')).find(({ id }) => id === incidentId);
    expect(incident?.probes).toBeGreaterThanOrEqual(2);
  });
  // Another workflow takes its place where it is gone: what was said is on record.
  await scene.workflowOf('comprehend', incidentId).terminate();
  await steward.owner
    .updateTable('provider_incidents')
    .set({ watched_until: new Date() })
    .where('id', '=', incidentId)
    .execute();
  providers.aws.reset();
  await scene.over(incidentId);
  expect(told()).toHaveLength(2);
  expect((await scene.messages(incidentId)).map(({ occasion }) => occasion)).toEqual(['opened', 'closed']);
});
