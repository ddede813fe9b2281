/** Too many messages of one kind in somebody's quiet hours, on a real Temporal. */
import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, historyOf, PATIENCE, until } from './support.ts';

vi.setConfig({ testTimeout: 420_000 });

const MINUTE_MS = 60_000;
const LONG = { timeout: 2 * MINUTE_MS, interval: 300 };
/** Quiet hours are told in minutes; from the first test on there is more than one left. */
const ENDS = (Math.floor(Date.now() / MINUTE_MS) + 3) * MINUTE_MS;
const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
const MOST = 3;
const quiet = { from: clock(ENDS - 60 * MINUTE_MS), to: clock(ENDS), timeZone: 'UTC' };
const team = testFile('team.yaml', {
  agents: [{ id: 'ana', name: 'Ana', slack: 'U0ANA00001', capacity: 1000, onDuty: true, quiet }],
  admins: [{ id: 'operations', name: 'Operations', slack: 'C0OPERATE1' }],
  storm: { messages: MOST, within: '1 h' },
});
const sla = testFile('sla.yaml', {
  policies: [
    // Warned at once, due when all of this is over.
    { name: 'soon', when: { channel: 'soon' }, firstResponse: '10 min', warnAt: '1%' },
    { name: 'late', when: { channel: 'late' }, firstResponse: '10 s', warnAt: '20%' },
  ],
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    ...providers.settings('ses', 'slack'),
    STEWARD_TEAM: team,
    STEWARD_SLA: sla,
  }),
});

const warnings = async (ids: readonly string[]) => {
  const rows = await steward.owner
    .selectFrom('deliveries')
    .select(['ticket_id', 'recipient_id', 'status', 'reason', 'attempts', 'window_id'])
    .where('template', '=', 'sla-warned')
    .where('ticket_id', 'in', ids)
    .execute();
  return ids.flatMap((id) => rows.filter((row) => row.ticket_id === id));
};
const posted = (channel: string, words: string) =>
  providers.slack.messages.filter((message) => message.channel === channel && message.text.includes(words));

test('what quiet hours held back is one summary when it is too much, and what is out of date by then is in none', async () => {
  const bring = (channel: string) => escalated(steward, { channel });
  const many = await Promise.all(Array.from({ length: 6 }, () => bring('soon')));
  const [met = '', missed = ''] = await Promise.all([bring('soon'), bring('late')]);
  const all = [...many, met, missed];
  for (const id of all) await entry(steward, id, 'slaWarned');
  const isHeld = { status: 'queued', attempts: 0, reason: `quiet hours until ${new Date(ENDS).toISOString()}` };
  await vi.waitFor(async () => expect(await warnings(all)).toMatchObject(all.map(() => isHeld)), PATIENCE);

  await steward.steward.reply(met, { agentId: 'ana', message: 'It works again.' });
  await until(steward, met, { state: 'waitingForCustomer' });
  await entry(steward, missed, 'slaBreached');
  // What is urgent went at once.
  await vi.waitFor(() => expect(posted('D0ANA00001', 'is not there yet')).toHaveLength(1), PATIENCE);
  expect(Date.now()).toBeLessThan(ENDS);
  // The worker is away when they end.
  await steward.restartWorkers(async () => {
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(ENDS), { timeout: 180_000, interval: 250 });
  });

  await vi.waitFor(async () => {
    expect(await warnings(many)).toMatchObject(
      many.map(() => ({ recipient_id: 'ana', status: 'summarised', reason: expect.stringMatching(/^in summary /) })),
    );
    // Whoever tries it next does so when its turn comes: on a machine with other work that takes a while.
  }, LONG);
  const outdated = { status: 'suppressed', attempts: 0, reason: 'the deadline was met or missed meanwhile' };
  expect(await warnings([met, missed])).toMatchObject([outdated, outdated]);

  const [summary, ...more] = posted('D0ANA00001', 'This one comes in their place');
  expect(more).toEqual([]);
  expect(summary?.text).toContain('6 messages to you said: a deadline is near');
  for (const id of many) expect(summary?.text).toContain(id);
  for (const id of [met, missed]) expect(summary?.text).not.toContain(id);
  expect(posted('D0ANA00001', 'is due')).toEqual([]);
  // A task that was meant for the worker that went away may have timed out; none may have failed.
  for (const id of all) expect(await historyOf(steward, id)).not.toContain('workflowTaskFailed');
});
