/** A mail that stands for many, and of which nobody says whether it was taken, on a real Temporal. */
import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { flowBySubject } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope } from '../support/steward.ts';
import { useNotices } from './notice-support.ts';
import { handleOf } from './support.ts';

vi.setConfig({ testTimeout: 240_000 });

const MOST = 3;
const team = testFile('team.yaml', {
  // Slack does not know them: whatever they are to take is parked at once.
  agents: [{ id: 'gone', name: 'Gone', slack: 'U0GONE0001', capacity: 1000, onDuty: true }],
  admins: [{ id: 'ops', name: 'Operations', email: 'ops@support.example' }],
  storm: { messages: MOST, within: '20 s' },
});
const providers = useProviders();
const scene = useNotices(() => ({
  ...providers.settings('ses', 'slack'),
  STEWARD_TEAM: team,
  STEWARD_FLOW: flowBySubject(),
  STEWARD_LOST_ATTEMPT_MS: '2000',
}));
const { steward } = scene;
const PATIENT = { timeout: 120_000, interval: 300 };
const mailsWith = (words: string) => providers.aws.mails.filter(({ parsed }) => parsed.text?.includes(words));
const parkedMails = (ids: readonly string[]) =>
  steward.owner
    .selectFrom('deliveries')
    .select(['id', 'status', 'reason', 'window_id', 'ticket_id'])
    .where('template', '=', 'parked')
    .where('ticket_id', 'in', ids)
    .execute();

/** Timers that run until somebody is told again, by their lengths in seconds. */
async function pausesOf(ticketId: string): Promise<number[]> {
  const { events } = await handleOf(steward, ticketId).fetchHistory();
  const running = new Map<string, number>();
  for (const {
    timerStartedEventAttributes: started,
    timerFiredEventAttributes,
    timerCanceledEventAttributes,
  } of events ?? []) {
    if (started?.timerId) running.set(started.timerId, Number(started.startToFireTimeout?.seconds));
    const ended = timerFiredEventAttributes?.timerId ?? timerCanceledEventAttributes?.timerId;
    if (ended) running.delete(ended);
  }
  return [...running.values()].filter((seconds) => PAUSES.includes(seconds));
}
const PAUSES = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600];

test('a summary whose answer is lost twice ends as unknown with all that it stands for, nothing tries it again, and the admins hear once', async () => {
  const events = Array.from({ length: MOST + 4 }, () => envelope({ customerEmail: 'noor@customer.example' }));
  await Promise.all(events.map((event) => steward.steward.submit(event)));
  const ids = events.map(({ detail }) => detail.ticketId);
  // Those of the beginning are out, and the customers' as well: what SES is sent next is the summary. It takes it, and never says so.
  await vi.waitFor(async () => {
    const rows = await steward.owner.selectFrom('deliveries').select(['status', 'channel']).execute();
    expect(rows.filter(({ channel, status }) => channel === 'mail' && status === 'queued')).toEqual([]);
    expect((await parkedMails(ids)).map(({ status }) => status).sort()).toEqual([
      ...Array(MOST).fill('sent'),
      ...Array(4).fill('summarised'),
    ]);
  }, PATIENT);
  providers.aws.failNext('late', { action: 'SendRawEmail' }, 2);
  await vi.waitFor(async () => {
    const rows = (await parkedMails(ids)).filter(({ status }) => status === 'unknown');
    expect(rows).toHaveLength(4);
  }, PATIENT);
  const inDoubt = (await parkedMails(ids)).filter(({ status }) => status === 'unknown');
  for (const { window_id, reason } of inDoubt) expect(reason).toBe(`in summary ${window_id}, whose answer was lost`);
  expect(mailsWith('This one comes in their place')).toHaveLength(2);

  const notice = await scene.told('summaries', 'began');
  await outcome(() =>
    expect(mailsWith('may not have arrived').length + mailsWith('It is not sent again').length).toBe(1),
  );
  expect(mailsWith('It is not sent again')[0]?.parsed.text).toContain(`${inDoubt[0]?.window_id} to ops`);
  expect((await scene.notices('summaries')).map(({ id }) => id)).toEqual([notice]);

  // Nobody waits to tell it again: the step of each of them has ended.
  for (const { ticket_id } of inDoubt) {
    await vi.waitFor(async () => {
      const { pendingActivities } = (await handleOf(steward, ticket_id).describe()).raw;
      expect(pendingActivities ?? []).toEqual([]);
      expect(await pausesOf(ticket_id)).toEqual([]);
    }, PATIENT);
  }
  const windows = await steward.owner.selectFrom('message_windows').select('messages').execute();
  expect(windows.filter(({ messages }) => messages === 0)).toEqual([]);
});
