import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { useProviders } from '../support/providers.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';
import {
  about,
  answered,
  entry,
  escalated,
  expectNoFailedTask,
  handleOf,
  historyOf,
  kinds,
  PATIENCE,
  until,
} from './support.ts';

const EVERYDAY = { capacity: 1000, onDuty: true } as const;
const team = testFile('team.yaml', {
  agents: [
    { id: 'ana', name: 'Ana', email: 'ana@support.example', teams: ['support'], ...EVERYDAY },
    { id: 'ben', name: 'Ben', email: 'ben@support.example', slack: 'U0BEN00001', capacity: 0, onDuty: true },
    { id: 'dora', name: 'Dora', email: 'dora@support.example', slack: 'U0DORA0001', capacity: 0, onDuty: true },
    { id: 'clara', name: 'Clara', email: 'clara@support.example', capacity: 0, onDuty: false, teams: ['away'] },
  ],
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example' }],
});
const level = (call: unknown, more: object = {}) => ({ call: [call], wait: '1 s', ...more });
/** Which path a ticket takes is told by its tier. */
const escalation = testFile('escalation.yaml', {
  rotas: { primary: { timeZone: 'UTC', from: '2026-01-05 09:00', turn: '999 d', agents: ['ben'] } },
  paths: [
    {
      name: 'whole',
      when: { tier: 'whole' },
      first: '1 s',
      lease: '60 s',
      levels: [level('assignee', { repeat: 1 }), level({ team: 'away' }), level({ rota: 'primary' }), level('admins')],
      pagerDuty: 'critical',
      pageRepeat: 0,
    },
    {
      name: 'page',
      when: { tier: 'page' },
      first: '1 s',
      lease: '3 s',
      levels: [level('assignee')],
      pagerDuty: 'error',
      pageRepeat: 0,
    },
    {
      name: 'unpaged',
      when: { tier: 'unpaged' },
      first: '1 s',
      lease: '4 s',
      levels: [level('assignee', { nobody: 'admins' })],
    },
    {
      name: 'both',
      when: { tier: 'both' },
      first: '1 s',
      lease: '60 s',
      levels: [{ call: [{ agent: 'ben' }, { agent: 'dora' }], wait: '1 h', nobody: 'admins' }],
    },
    {
      name: 'noted',
      when: { tier: 'noted' },
      first: '60 s',
      lease: '10 s',
      levels: [level('admins', { wait: '1 h' })],
    },
    { name: 'slow', when: { tier: 'slow' }, first: '60 s', lease: '2 s', levels: [level('admins', { wait: '1 h' })] },
    {
      name: 'calm',
      when: { tier: 'premium', priority: 'MEDIUM' },
      first: '1 h',
      lease: '3 s',
      levels: [level('admins', { wait: '1 h' })],
    },
    {
      name: 'worse',
      when: { tier: 'premium', priority: 'HIGH' },
      first: '1 s',
      lease: '60 s',
      levels: [level('assignee')],
      pagerDuty: 'critical',
      pageRepeat: 0,
    },
    {
      name: 'slack',
      when: { tier: 'slack' },
      first: '1 s',
      lease: '60 s',
      levels: [level({ rota: 'primary' }, { wait: '1 h' })],
    },
  ],
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    STEWARD_ESCALATION: escalation,
    STEWARD_TEAM: team,
    STEWARD_LOST_ATTEMPT_MS: '2000',
    ...providers.settings('slack', 'pagerDuty'),
  }),
});

/** What the path did, in the order of the timeline. */
const steps = async (on: TestSteward, ticketId: string): Promise<string[]> =>
  (await on.read.timeline(ticketId)).flatMap(({ kind, facts }) => {
    if (kind === 'called') return [`level ${facts.level}.${facts.number}: ${String(facts.called) || 'nobody'}`];
    if (kind === 'paged') return [`page ${facts.number}`];
    return kind === 'leaseEnded' ? [`${facts.by} lost it`] : [];
  });
/** Of this ticket alone: other tests' tickets live on. */
const sent = (id: string) =>
  providers.pagerDuty.events.filter(({ dedup_key }) => dedup_key.startsWith(`steward/${id}/`));
const events = (id: string) =>
  sent(id).map(({ event_action, dedup_key }) => `${event_action} ${dedup_key.split('/').at(-1)}`);
const incidents = (id: string) =>
  providers.pagerDuty.incidents.filter(({ key }) => key.startsWith(`steward/${id}/`)).map(({ status }) => status);
/** A ticket that the bot has no answer to. */
const waiting = (customerTier: string) =>
  escalated(steward, {
    customerTier,
    subject: 'Parcel',
    message: 'The parcel smells of fish and I feel odd about it.',
  });
const claim = (ticketId: string, agentId = 'ana') => steward.steward.claim(ticketId, { agentId });

test('level after level is called, where nobody is there the next one at once, and at last PagerDuty; solving it resolves the incident', async () => {
  const id = await waiting('whole');
  await entry(steward, id, 'paged');
  expect(await steps(steward, id)).toEqual([
    'level 1.1: ana',
    'level 1.2: ana',
    'level 2.1: nobody',
    'level 3.1: ben',
    'level 4.1: operations',
    'page 1',
  ]);
  await vi.waitFor(() => expect(events(id)).toEqual(['trigger 1.1']), PATIENCE);
  const [incident] = sent(id);
  expect(incident?.payload).toMatchObject({ severity: 'critical', source: 'steward', component: id });
  const told = (await steward.read.deliveries(id)).filter(({ template }) => template === 'call');
  expect(told.map(({ recipient, channel, status }) => `${recipient.id} by ${channel}: ${status}`).sort()).toEqual([
    'ana by mail: sent',
    'ana by mail: sent',
    'ben by slack: sent',
    'operations by mail: sent',
  ]);
  await steward.steward.resolve(id, { agentId: 'ana' });
  await vi.waitFor(() => expect(incidents(id)).toEqual(['resolved']), PATIENCE);
  await expectNoFailedTask(steward, id);
});

test('who acknowledges is not called again, nor is anybody else; PagerDuty hears of it', async () => {
  const id = await waiting('page');
  await vi.waitFor(() => expect(incidents(id)).toEqual(['triggered']), PATIENCE);
  await claim(id);
  await vi.waitFor(() => expect(incidents(id)).toEqual(['acknowledged']), PATIENCE);
  await steward.steward.reply(id, { agentId: 'ana', message: 'We are on it.' });
  await vi.waitFor(() => expect(incidents(id)).toEqual(['resolved']), PATIENCE);
  expect(events(id)).toEqual(['trigger', 'acknowledge', 'resolve'].map((action) => `${action} 1.1`));
});

test('a page that is on its way when somebody takes the ticket is acknowledged as soon as PagerDuty has answered', async () => {
  const held = providers.pagerDuty.hold('trigger');
  const id = await waiting('page');
  await vi.waitFor(() => expect(providers.pagerDuty.asked.some(({ body }) => body.includes(id))).toBe(true), PATIENCE);
  await claim(id);
  held.release();
  await vi.waitFor(() => expect(incidents(id)).toEqual(['acknowledged']), PATIENCE);
  expect(events(id)).toEqual(['trigger 1.1', 'acknowledge 1.1']);
  // The acknowledgement was not even begun before the page's answer was there: it could have overtaken it. PagerDuty knows of it a moment
  // before the history does.
  await vi.waitFor(async () => {
    const asked = (await historyOf(steward, id)).filter((event) => /^activityTask(?!Started)/.test(event));
    expect(asked).toEqual([
      'activityTaskScheduled',
      'activityTaskCancelRequested',
      'activityTaskCompleted',
      'activityTaskScheduled',
      'activityTaskCompleted',
    ]);
  }, PATIENCE);
});

test('a page whose answer is lost is not begun again once somebody has the ticket, and is acknowledged in case it arrived', async () => {
  providers.pagerDuty.failNext('late', { action: 'trigger' });
  const id = await waiting('page');
  await vi.waitFor(() => expect(events(id)).toHaveLength(1), PATIENCE);
  await claim(id);
  await vi.waitFor(() => expect(incidents(id)).toEqual(['acknowledged']), PATIENCE);
  expect(events(id)).toEqual(['trigger 1.1', 'acknowledge 1.1']);
  expect(await kinds(steward, id)).not.toContain('parked');
  // Whoever took it is not called over by word that nobody has.
  expect((await steward.read.deliveries(id)).filter(({ occasion }) => occasion.endsWith(':instead'))).toEqual([]);
});

test('while PagerDuty does not take it, the admins are told and it is tried again', async () => {
  const id = await waiting('page');
  // Of this ticket alone: others' pages may still be on their way.
  providers.pagerDuty.failNext('500', { action: 'trigger', about: id }, 2);
  await vi.waitFor(() => expect(incidents(id)).toEqual(['triggered']), PATIENCE);
  await vi.waitFor(async () => {
    const calls = (await steward.read.deliveries(id)).filter(({ occasion }) => occasion === 'page:1.1.1:instead');
    expect(calls.map(({ recipient, status }) => `${recipient.id}: ${status}`)).toEqual(['operations: sent']);
  }, PATIENCE);
});

test('an acknowledgement without a sign of work runs out: the path goes on, and PagerDuty opens the incident anew', async () => {
  const id = await waiting('page');
  await vi.waitFor(() => expect(incidents(id)).toEqual(['triggered']), PATIENCE);
  await claim(id);
  await vi.waitFor(() => expect(incidents(id)).toEqual(['resolved', 'triggered']), PATIENCE);
  expect(await steps(steward, id)).toEqual(['level 1.1: ana', 'page 1', 'ana lost it', 'page 2']);
  expect(new Set(sent(id).map(({ dedup_key }) => dedup_key)).size).toBe(1);
});

test('before its first call too: a lease that ends calls the first level, and not before', async () => {
  const id = await waiting('slow');
  await claim(id);
  const lost = await entry(steward, id, 'leaseEnded');
  const call = await entry(steward, id, 'called');
  const claimed = await entry(steward, id, 'claimed');
  expect(Date.parse(lost?.at ?? '') - Date.parse(claimed?.at ?? '')).toBeGreaterThanOrEqual(2_000);
  expect(Date.parse(call?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(lost?.at ?? ''));
});

test('a note by who acknowledged is a sign of work: the lease begins anew', async () => {
  const id = await waiting('noted');
  await claim(id);
  const at = async (kind: string) => Date.parse((await entry(steward, id, kind))?.at ?? '');
  const claimed = await at('claimed');
  // So late that the two ends of the lease lie apart.
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(claimed + 5_000), PATIENCE);
  const note = { act: 'note', round: 1, message: 'Waiting for the carrier.' } as const;
  await steward.steward.tell(id, 'clicked', { eventId: `${id}-note`, by: 'ana', user: 'U0ANA00001', ...note });
  const noted = await at('noted');
  expect(await at('leaseEnded')).toBeGreaterThanOrEqual(noted + 10_000);
  await expectNoFailedTask(steward, id);
});

test('an answer ends the path; what the customer writes then begins it anew', async () => {
  const id = await waiting('page');
  await steward.steward.reply(id, { agentId: 'ana', message: 'Like this.' });
  await until(steward, id, { state: 'waitingForCustomer' });
  await steward.post(about(id, 'ticket.replied', `${id}-again`, { message: 'It did not help.' }));
  await vi.waitFor(() => expect(events(id)).toEqual(['trigger 1.2']), PATIENCE);
  await steward.steward.resolve(id, { agentId: 'ana' });
});

test('an earlier incident that PagerDuty does not resolve keeps nobody from being called', async () => {
  const id = await waiting('page');
  await vi.waitFor(() => expect(incidents(id)).toEqual(['triggered']), PATIENCE);
  providers.pagerDuty.failNext('500', { action: 'resolve', about: id }, 100);
  await steward.steward.reply(id, { agentId: 'ana', message: 'Like this.' });
  await until(steward, id, { state: 'waitingForCustomer' });
  await steward.post(about(id, 'ticket.replied', `${id}-again`, { message: 'It did not help.' }));
  await vi.waitFor(() => expect(events(id)).toEqual(['trigger 1.1', 'trigger 1.2']), PATIENCE);
  providers.pagerDuty.mend('resolve');
  await claim(id);
  await vi.waitFor(() => expect(incidents(id)).toEqual(['resolved', 'acknowledged']), PATIENCE);
  await steward.steward.resolve(id, { agentId: 'ana' });
  await expectNoFailedTask(steward, id);
});

test('a call that Slack does not take goes by mail, until somebody has the ticket', async () => {
  providers.slack.failNext('500', { action: 'chat.postMessage' }, 100);
  const id = await waiting('slack');
  await vi.waitFor(async () => {
    const calls = (await steward.read.deliveries(id)).filter(({ template }) => template === 'call');
    expect(calls.map(({ channel, status }) => `${channel}: ${status}`).sort()).toContain('mail: sent');
  }, PATIENCE);
});

test('whom Slack does not reach is mailed; who has the call in Slack is not', async () => {
  providers.slack.failNext('500', { action: 'chat.postMessage', about: 'U0DORA0001' }, 100);
  const id = await waiting('both');
  const calls = async () =>
    (await steward.read.deliveries(id))
      .filter(({ template }) => template === 'call')
      .map(({ recipient, channel, status }) => `${recipient.id} by ${channel}: ${status}`);
  await vi.waitFor(async () => expect(await calls()).toContain('dora by mail: sent'), PATIENCE);
  expect((await calls()).filter((call) => call.startsWith('ben'))).toEqual(['ben by slack: sent']);
  providers.slack.mend('chat.postMessage');
  await expectNoFailedTask(steward, id);
});

test('a path without PagerDuty rests at its end, and calls its last level anew when an acknowledgement runs out', async () => {
  const id = await waiting('unpaged');
  const first = Date.parse((await entry(steward, id, 'called'))?.at ?? '');
  const timersAt = async (at: number) => {
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(at), PATIENCE);
    return (await historyOf(steward, id)).filter((event) => event === 'timerStarted').length;
  };
  // Its wait of a second is over: nothing is left for which a timer would go.
  const timers = await timersAt(first + 3_000);
  expect(await timersAt(first + 7_000)).toBe(timers);
  await claim(id);
  await entry(steward, id, 'called', 2);
  expect(await steps(steward, id)).toEqual(['level 1.1: ana', 'ana lost it', 'level 1.2: ana']);
  await vi.waitFor(async () => {
    const calls = (await steward.read.deliveries(id)).filter(({ template }) => template === 'call');
    expect(calls.map(({ recipient, status }) => `${recipient.id}: ${status}`)).toEqual(['ana: sent', 'ana: sent']);
  }, PATIENCE);
  await expectNoFailedTask(steward, id);
});

test('the bot’s tickets wait for nobody: no path begins', async () => {
  const id = await answered(steward, { customerTier: 'page' });
  await handleOf(steward, id).signal('resolved', {});
  await until(steward, id, { state: 'solved' });
  expect(await steps(steward, id)).toEqual([]);
});

test('a path whose turns fell due while no worker ran takes one of them, and not all at once', async () => {
  const id = await waiting('whole');
  await steward.restartWorkers(async () => {
    const due = Date.now() + 4_000;
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(due), PATIENCE);
  });
  const first = await entry(steward, id, 'called', 1);
  await entry(steward, id, 'called', 2);
  const calls = (await steward.read.timeline(id)).filter(({ kind }) => kind === 'called');
  expect(Date.parse(calls[1]?.at ?? '') - Date.parse(calls[0]?.at ?? '')).toBeGreaterThanOrEqual(1_000);
  expect(first?.facts).toMatchObject({ path: 'whole' });
});

test('a customer who gets angry is called for by the path of urgent tickets at once, and once an acknowledgement has run out', async () => {
  const calm = { subject: 'Parcel', message: 'The parcel is on its way and I look for it.', sentimentScore: 0.2 };
  const id = await escalated(steward, { customerTier: 'premium', ...calm });
  const held = await escalated(steward, { customerTier: 'premium', ...calm });
  await claim(held);
  const message = 'This is terrible, I hate it, the worst service ever!';
  for (const one of [id, held]) await steward.steward.tell(one, 'customerReplied', { message });
  await entry(steward, id, 'paged');
  expect(await steps(steward, id)).toEqual(['level 1.1: ana', 'page 1']);
  expect((await entry(steward, id, 'called'))?.facts).toMatchObject({ path: 'worse', run: '1.2' });
  await entry(steward, held, 'paged');
  expect(await steps(steward, held)).toEqual(['ana lost it', 'level 1.1: ana', 'page 1']);
  await vi.waitFor(() => expect(events(id)).toEqual(['trigger 1.2']), PATIENCE);
  await expectNoFailedTask(steward, id);
});

test('what the Web UI shows says where the path is', async () => {
  const id = await waiting('slow');
  const { details } = await handleOf(steward, id)
    .query<{ details: string }>('__temporal_workflow_metadata')
    .then((metadata) => ({ details: (metadata as unknown as { currentDetails: string }).currentDetails }));
  expect(details).toContain('Escalation "slow": before its first level, goes on ');
});
