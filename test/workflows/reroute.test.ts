/** Slack fails: what our own people are told goes by mail, and where that fails too to PagerDuty. The remedy is bounded. */
import { expect, test } from 'vitest';
import type { Watched } from '../../src/domain/circuit.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { type HealingScene, useHealing } from './healing-support.ts';
import { escalated } from './support.ts';

const providers = useProviders();
const scene = useHealing(() => providers.settings('slack', 'ses', 'pagerDuty'));
const bounded = useHealing(() => providers.settings('slack', 'ses'), {
  remedies: { slack: { atMost: 2, stopAfter: 100 } },
});
const hopeless = useHealing(() => providers.settings('slack', 'ses'), {
  remedies: { slack: { atMost: 100, stopAfter: 2 } },
});

const breakSlack = () => {
  for (const action of ['chat.postMessage', 'auth.test']) providers.slack.failNext('500', { action }, 10_000);
};
const breakMail = () => {
  for (const action of ['SendRawEmail', 'GetSendQuota']) providers.aws.failNext('500', { action }, 10_000);
};
/** As many failures as open it: that they do is shown elsewhere. */
async function open({ steward, opened }: HealingScene, provider: Watched): Promise<string> {
  for (let i = 0; i < 3; i++) await steward.composed.deps.healing.circuits.failed(provider, 'HTTP 500');
  return opened(provider);
}
const deliveriesOf = ({ steward }: HealingScene, ticketId: string) =>
  steward.owner
    .selectFrom('deliveries')
    .select(['recipient_id', 'channel', 'transport', 'status', 'template'])
    .where('ticket_id', '=', ticketId)
    .where('recipient_kind', '=', 'agent')
    .execute();
const mailsTo = (address: string) => providers.aws.mails.filter(({ destinations }) => destinations.includes(address));

test('Slack that fails opens its circuit; a message that was queued for it goes by mail, no ticket parks, and the admins hear by mail', async () => {
  breakSlack();
  const ids = await Promise.all([escalated(scene.steward), escalated(scene.steward), escalated(scene.steward)]);
  const incidentId = await scene.opened('slack');
  for (const id of ids) {
    await outcome(async () =>
      expect(await deliveriesOf(scene, id)).toMatchObject([{ channel: 'slack', transport: 'ses', status: 'sent' }]),
    );
    expect(await scene.steward.read.parked(id)).toEqual([]);
  }
  expect(mailsTo('ana@support.example')).toHaveLength(3);
  await outcome(() => expect(mailsTo('operations@support.example')).toHaveLength(1));
  providers.slack.reset();
  await scene.over(incidentId);
  const told = providers.slack.messages.map(({ text }) => text).filter((text) => text.includes('is called again'));
  expect(told).toHaveLength(1);
});

test('with mail failing as well PagerDuty is called once for all, without a word of the customer’s, and its incident is ended', async () => {
  breakSlack();
  breakMail();
  const slack = await open(scene, 'slack');
  const mail = await open(scene, 'mail');
  const id = await escalated(scene.steward, { message: 'My secret garden is on fire' });
  await outcome(async () =>
    expect(await deliveriesOf(scene, id)).toMatchObject([{ transport: 'pagerduty', status: 'sent' }]),
  );
  expect(JSON.stringify(providers.pagerDuty.events)).not.toContain('secret garden');
  expect(JSON.stringify(providers.pagerDuty.events)).toContain(id);
  providers.slack.reset();
  providers.aws.reset();
  await Promise.all([scene.over(slack), scene.over(mail)]);
  await outcome(() => expect(providers.pagerDuty.incidents.map(({ status }) => status)).not.toContain('triggered'));
});

test('a remedy that went as far as it may stops: people are told, and Slack is called again', async () => {
  breakSlack();
  const incidentId = await open(bounded, 'slack');
  const [a, b] = await Promise.all([escalated(bounded.steward), escalated(bounded.steward)]);
  for (const id of [a, b]) {
    await outcome(async () =>
      expect(await deliveriesOf(bounded, id)).toMatchObject([{ transport: 'ses', status: 'sent' }]),
    );
  }
  const asked = providers.slack.asked.filter(({ action }) => action === 'chat.postMessage').length;
  const third = await escalated(bounded.steward);
  await outcome(() =>
    expect(providers.slack.asked.filter(({ action }) => action === 'chat.postMessage').length).toBeGreaterThan(asked),
  );
  expect(await deliveriesOf(bounded, third)).toMatchObject([{ transport: 'slack' }]);
  await outcome(async () =>
    expect(await bounded.messages(incidentId)).toMatchObject([
      { occasion: 'opened', channel: 'mail', status: 'sent' },
      { occasion: 'stopped', channel: 'mail', status: 'sent' },
    ]),
  );
  expect((await bounded.incidents('slack'))[0]).toMatchObject({ used: 2, stopped_why: 'reach', closed_at: null });
});

test('a remedy that does not help stops', async () => {
  breakSlack();
  providers.aws.failNext('500', { action: 'SendRawEmail' }, 10_000);
  await open(hopeless, 'slack');
  await Promise.all([escalated(hopeless.steward), escalated(hopeless.steward)]);
  await outcome(async () =>
    expect((await hopeless.incidents('slack'))[0]).toMatchObject({ stopped_why: 'noHelp', closed_at: null }),
  );
});
