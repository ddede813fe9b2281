/** Quiet hours of those who are told, on a real Temporal. */
import { expect, test, vi } from 'vitest';
import { createSnsDoor } from '../../src/adapters/sns.ts';
import { snsRoutes } from '../../src/http/sns.ts';
import { testFile } from '../support/files.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { bounce, TOPIC, useSns } from '../support/stand-ins/sns.ts';
import { useSteward } from '../support/steward.ts';
import { escalated, expectNoFailedTask } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });

const MINUTE_MS = 60_000;
/** The end of the minute after this one: quiet hours are told in minutes. */
const ENDS = (Math.floor(Date.now() / MINUTE_MS) + 2) * MINUTE_MS;
const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
const team = testFile('team.yaml', {
  agents: [],
  admins: [
    {
      id: 'night',
      name: 'Night',
      slack: 'U0ANA00001',
      quiet: { from: clock(ENDS - 60 * MINUTE_MS), to: clock(ENDS), timeZone: 'UTC' },
    },
    { id: 'day', name: 'Day', slack: 'C0OPERATE1' },
  ],
});
const providers = useProviders();
const sns = useSns();
const steward = useSteward({ settings: () => ({ ...providers.settings('ses', 'slack'), STEWARD_TEAM: team }) });

const told = async (ticketId: string, template: string) =>
  (await steward.read.deliveries(ticketId))
    .filter((delivery) => delivery.template === template)
    .map(({ recipient, status, reason }) => [recipient.id, status, reason]);

test('what is urgent goes at once, what is not waits for its own recipient’s quiet hours to end, and for nobody else’s', async () => {
  const ticketId = await escalated(steward, { customerEmail: 'noor@customer.example' });
  const sent = [
    ['night', 'sent', null],
    ['day', 'sent', null],
  ];
  await outcome(async () => expect(await told(ticketId, 'escalation')).toEqual(sent));

  const mail = await outcome(() =>
    steward.owner
      .selectFrom('deliveries')
      .select('provider_message_id')
      .where('ticket_id', '=', ticketId)
      .where('template', '=', 'handed-over')
      .where('status', '=', 'sent')
      .executeTakeFirstOrThrow(),
  );
  const routes = snsRoutes({ ...steward.gateway, sns: createSnsDoor({ topics: [TOPIC], fetch: sns.fetch }) });
  const body = JSON.stringify(sns.message({ Message: bounce(mail.provider_message_id ?? '') }));
  expect((await routes.request('/v1/sns', { method: 'POST', body })).status).toBe(200);

  const until = new Date(ENDS).toISOString();
  await outcome(async () =>
    expect(await told(ticketId, 'undelivered')).toEqual([
      ['day', 'sent', null],
      ['night', 'queued', `quiet hours until ${until}`],
    ]),
  );
  expect(Date.now()).toBeLessThan(ENDS);
  await vi.waitFor(
    async () =>
      expect(await told(ticketId, 'undelivered')).toEqual([
        ['day', 'sent', null],
        ['night', 'sent', null],
      ]),
    { timeout: 130_000, interval: 500 },
  );
  expect(Date.now()).toBeGreaterThanOrEqual(ENDS);
  const [toNight] = await steward.owner
    .selectFrom('deliveries')
    .select('attempts')
    .where('ticket_id', '=', ticketId)
    .where('template', '=', 'undelivered')
    .where('recipient_id', '=', 'night')
    .execute();
  expect(toNight).toEqual({ attempts: 1 });
  await expectNoFailedTask(steward, ticketId);
});
