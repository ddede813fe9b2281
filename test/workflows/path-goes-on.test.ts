/** Paths that go on where they once ended: nobody is on duty, or PagerDuty was called and nobody here says anything. */
import { expect, test, vi } from 'vitest';
import { createPresenceStore } from '../../src/store/presence.ts';
import { testFile } from '../support/files.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, expectNoFailedTask, historyOf, PATIENCE } from './support.ts';

const team = testFile('team.yaml', {
  agents: [
    { id: 'ana', name: 'Ana', email: 'ana@support.example', capacity: 1000, onDuty: true },
    { id: 'emma', name: 'Emma', email: 'emma@support.example', capacity: 0, onDuty: false },
  ],
  admins: [{ id: 'operations', name: 'Operations', email: 'operations@support.example' }],
});
const level = (call: unknown, more: object = {}) => ({ call: [call], wait: '1 s', ...more });
/** Which path a ticket takes is told by its tier. */
const escalation = testFile('escalation.yaml', {
  paths: [
    {
      name: 'off',
      when: { tier: 'off' },
      first: '1 s',
      lease: '60 s',
      levels: [level({ agent: 'emma' }, { nobody: 'wait' })],
    },
    {
      name: 'again',
      when: { tier: 'again' },
      first: '1 s',
      lease: '2 s',
      levels: [level('assignee')],
      pagerDuty: 'error',
      pageRepeat: 1,
    },
  ],
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    STEWARD_ESCALATION: escalation,
    STEWARD_TEAM: team,
    ...providers.settings('pagerDuty'),
  }),
});

const waiting = (customerTier: string) =>
  escalated(steward, {
    customerTier,
    subject: 'Parcel',
    message: 'The parcel smells of fish and I feel odd about it.',
  });
/** What the path did, in the order of the timeline. */
const steps = async (ticketId: string): Promise<string[]> =>
  (await steward.read.timeline(ticketId)).flatMap(({ kind, facts }) => {
    if (kind === 'called') return [`level ${facts.level}.${facts.number}: ${String(facts.called) || 'nobody'}`];
    return kind === 'paged' ? [`page ${facts.number}`] : [];
  });
const incidents = (id: string) =>
  providers.pagerDuty.incidents.filter(({ key }) => key.startsWith(`steward/${id}/`)).map(({ status }) => status);

test('a level that waits, and nobody of it is on duty, looks again after each wait until somebody is', async () => {
  const id = await waiting('off');
  await entry(steward, id, 'called', 2);
  const looked = (await steward.read.timeline(id)).filter(({ kind }) => kind === 'called');
  const [first = 0, second = 0] = looked.map(({ at }) => Date.parse(at));
  expect(second - first).toBeGreaterThanOrEqual(1_000);
  await createPresenceStore(steward.owner, { kind: 'system', id: 'test' }).set('emma', 'available');
  await vi.waitFor(async () => expect(await steps(id)).toContain('level 1.1: emma'), PATIENCE);
  await vi.waitFor(async () => {
    const calls = (await steward.read.deliveries(id)).filter(({ template }) => template === 'call');
    expect(calls.map(({ recipient, status }) => `${recipient.id}: ${status}`)).toEqual(['emma: sent']);
  }, PATIENCE);
  await expectNoFailedTask(steward, id);
});

test('where nobody says anything here after a page, PagerDuty is called again after the lease, as often as the path says', async () => {
  const id = await waiting('again');
  const first = await entry(steward, id, 'paged');
  // As if somebody had acknowledged it there, and gone to sleep: of that we hear nothing.
  await vi.waitFor(() => expect(incidents(id)).toEqual(['triggered']), PATIENCE);
  const second = await entry(steward, id, 'paged', 2);
  expect(Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(2_000);
  await vi.waitFor(() => expect(incidents(id)).toEqual(['resolved', 'triggered']), PATIENCE);
  // It was the last: nobody is waited for any more.
  const timers = async () => (await historyOf(steward, id)).filter((event) => event === 'timerStarted').length;
  const before = await timers();
  const over = Date.parse(second?.at ?? '') + 4_000;
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(over), PATIENCE);
  expect(await timers()).toBe(before);
  expect(await steps(id)).toEqual(['level 1.1: ana', 'page 1', 'page 2']);
  await steward.steward.resolve(id, { agentId: 'ana' });
  await vi.waitFor(() => expect(incidents(id)).toEqual(['resolved', 'resolved']), PATIENCE);
  await expectNoFailedTask(steward, id);
});
