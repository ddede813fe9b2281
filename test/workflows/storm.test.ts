/** Many messages of one kind to one of us, through tickets on a real Temporal. */
import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { flowBySubject } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { expectNoFailedTask, handleOf } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });

const MOST = 3;
const WINDOW = '15 s';
const admin = (id: string, slack: string) => ({ id, name: id, email: `${id}@support.example`, slack });
const team = testFile('team.yaml', {
  // Slack does not know them: whatever they are to take is parked at once.
  agents: [{ id: 'gone', name: 'Gone', slack: 'U0GONE0001', capacity: 1000, onDuty: true }],
  admins: [admin('ops', 'C0OPERATE1'), admin('ana', 'U0ANA00001')],
  storm: { messages: MOST, within: WINDOW },
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    ...providers.settings('ses', 'slack'),
    STEWARD_TEAM: team,
    STEWARD_FLOW: flowBySubject(),
    STEWARD_LOST_ATTEMPT_MS: '3000',
  }),
});

async function park(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, () => envelope({ customerEmail: 'noor@customer.example' }));
  await Promise.all(events.map((event) => steward.steward.submit(event)));
  return events.map(({ detail }) => detail.ticketId);
}
const told = (ids: readonly string[], to: string) =>
  steward.owner
    .selectFrom('deliveries')
    .select(['ticket_id', 'channel', 'status', 'reason', 'window_id'])
    .where('template', '=', 'parked')
    .where('recipient_id', '=', to)
    .where('ticket_id', 'in', ids)
    .execute();
const counts = async (ids: readonly string[], to: string) => {
  const rows = await told(ids, to);
  const of = (status: string) => rows.filter((row) => row.status === status).length;
  return { sent: of('sent'), summarised: of('summarised') };
};
const isParked = (text: string) => text.includes('is parked. Its step');
const isSummary = (text: string) => text.includes('This one comes in their place');
const posted = (channel: string, what: (text: string) => boolean) =>
  providers.slack.messages.filter((message) => message.channel === channel && what(message.text));
const summaries = () =>
  steward.owner.selectFrom('message_windows').selectAll().where('attempts', '>', 0).orderBy('id').execute();
const patiently = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: 90_000, interval: 300 });
/** The next test is no part of this one's storm. */
const calm = () => steward.owner.updateTable('message_windows').set({ closed_at: new Date() }).execute();

test('of 24 parked tickets an admin gets three messages and one summary with the exact count, whatever becomes of the workers', async () => {
  const ids = await park(24);
  await patiently(async () => {
    expect(await counts(ids, 'ops')).toEqual({ sent: MOST, summarised: 21 });
    expect(await counts(ids, 'ana')).toEqual({ sent: MOST, summarised: 21 });
  });
  expect(posted('C0OPERATE1', isSummary)).toEqual([]);
  // Nobody works when the window ends.
  await steward.restartWorkers(async () => {
    await patiently(async () => {
      const open = await steward.owner
        .selectFrom('message_windows')
        .select('id')
        .where('ends_at', '>', new Date())
        .execute();
      expect(open).toEqual([]);
    });
  });
  await patiently(async () => expect(await summaries()).toMatchObject([{ status: 'sent' }, { status: 'sent' }]));
  for (const channel of ['C0OPERATE1', 'D0ANA00001']) {
    expect(posted(channel, isParked)).toHaveLength(MOST);
    const [summary, ...more] = posted(channel, isSummary);
    expect(more).toEqual([]);
    expect(summary?.text).toContain('21 messages to you said: a step is parked');
    expect(summary?.text).toContain('3 came one by one before');
    expect(summary?.text).toContain('and 1 more');
  }
  const rows = await told(ids, 'ops');
  const [one] = rows.filter(({ status }) => status === 'summarised');
  expect(one?.reason).toBe(`in summary ${one?.window_id}`);
  expect(await steward.read.list({ limit: 100, summary: one?.window_id ?? '' })).toHaveLength(21);
  // What the customers were told was never a part of it.
  const toCustomers = await steward.owner
    .selectFrom('deliveries')
    .select('status')
    .where('recipient_kind', '=', 'customer')
    .where('status', '=', 'summarised')
    .execute();
  expect(toCustomers).toEqual([]);
  for (const id of ids.slice(0, 3)) await expectNoFailedTask(steward, id);
  await calm();
});

test('the summary is sent though the ticket whose workflow had it in hand is gone, and found where its answer was lost', async () => {
  const ids = await park(8);
  await patiently(async () => expect(await counts(ids, 'ops')).toEqual({ sent: MOST, summarised: 5 }));
  const before = (await summaries()).length;
  // Slack takes it and never says so.
  providers.slack.failNext('late', { action: 'chat.postMessage', about: 'summary-' });
  await patiently(async () => expect((await summaries()).length).toBeGreaterThan(before));
  const [inHand] = await steward.owner
    .selectFrom('message_windows as m')
    .innerJoin('deliveries as d', 'd.id', 'm.sender')
    .select('d.ticket_id')
    .where('m.recipient_id', '=', 'ops')
    .orderBy('m.id', 'desc')
    .execute();
  await handleOf(steward, inHand?.ticket_id ?? '').terminate();
  await patiently(async () => {
    const all = await summaries();
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 'sent'));
  });
  expect(posted('C0OPERATE1', isSummary)).toHaveLength(1);
  await calm();
});

test('a summary that Slack refuses goes by mail, once', async () => {
  providers.slack.channels.delete('C0OPERATE1');
  try {
    const ids = await park(9);
    await patiently(async () => {
      const rows = await told(ids, 'ops');
      expect(rows.filter(({ status }) => status === 'summarised').length).toBeGreaterThanOrEqual(6);
    });
    await outcome(async () => expect(providers.aws.mails.length).toBeGreaterThanOrEqual(MOST));
    await patiently(async () => {
      const [last] = (await summaries()).filter(({ recipient_id }) => recipient_id === 'ops').slice(-1);
      expect(last).toMatchObject({ status: 'sent', sent_by: 'mail' });
    });
    const bodies = providers.aws.mails.map((mail) => JSON.stringify(mail));
    expect(bodies.filter((body) => isSummary(body.replaceAll(/=\\r\\n|\\r\\n/g, '')))).toHaveLength(1);
  } finally {
    providers.slack.channels.add('C0OPERATE1');
  }
});
