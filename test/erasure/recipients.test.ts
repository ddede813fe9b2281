import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERASURE_WORKFLOW, erasureStart, erasureWorkflowId } from '../../src/contract.ts';
import { requestKey } from '../../src/deps-erasure.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { createErasureIntake } from '../../src/store/erasure-intake.ts';
import { createErasureReader } from '../../src/store/erasure-read.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { type ReceiverStandIn, startReceiver } from '../support/stand-ins/receiver.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { addCustomer, askByForm, codeOf, ended, hurried, post, routed, row } from './support.ts';

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
const providers = useProviders();
const refuseEntries = useRefusedEntries();
const receivers = {} as Record<'billing' | 'crm' | 'silent', ReceiverStandIn>;
beforeAll(async () => {
  for (const name of ['billing', 'crm', 'silent'] as const) receivers[name] = await startReceiver(SECRET);
});
afterAll(async () => {
  for (const receiver of Object.values(receivers)) await receiver.stop();
});
const steward = useSteward({
  settings: () => providers.settings('ses', 'slack'),
  secrets: { OURS: SECRET },
  privacy: (policy) => ({
    ...hurried(policy),
    erasure: { ...hurried(policy).erasure, lookAgainDays: 12 / 86_400, warnDays: 40 },
    officers: [{ id: 'ann', email: 'ann@support.example', mayApprove: true }],
    recipients: [
      ...policy.recipients,
      {
        name: 'billing',
        kind: 'webhook',
        categories: ['identity'],
        url: `${receivers.billing.url}/erasures`,
        secretEnv: 'OURS',
      },
      { name: 'crm', kind: 'crm', categories: ['identity'], url: `${receivers.crm.url}/people`, secretEnv: 'OURS' },
      { name: 'silent', kind: 'webhook', categories: ['identity'], url: `${receivers.silent.url}/`, secretEnv: 'OURS' },
    ],
  }),
});

const officerMails = (about: string) =>
  providers.aws.mails.filter(
    ({ destinations, parsed }) => destinations.includes('ann@support.example') && parsed.subject?.includes(about),
  );

/** Another message of ours below the first: Slack would leave the place of that one if it went before. */
async function putReply(ticketId: string) {
  const sent = await outcome(() =>
    steward.owner
      .selectFrom('deliveries')
      .selectAll()
      .where('ticket_id', '=', ticketId)
      .where('transport', '=', 'slack')
      .where('status', '=', 'sent')
      .executeTakeFirstOrThrow(),
  );
  const [channel = '', thread_ts = ''] = String(sent.provider_message_id).split(':');
  const ts = `${Number(thread_ts.split('.')[0]) + 1}.000000`;
  providers.slack.messages.push({ channel, ts, thread_ts, text: 'Below it' });
  const { id: _, created_at, updated_at, ...copy } = sent;
  await steward.owner
    .insertInto('deliveries')
    .values({
      ...copy,
      facts: JSON.stringify(copy.facts),
      occasion: 'reply#1',
      provider_message_id: `${channel}:${ts}`,
    })
    .execute();
}

test('Art. 19: each recipient is told or stays open, and nobody’s silence holds up the erasure', {
  timeout: 120_000,
}, async () => {
  const email = `rhea.${Date.now().toString(36)}@customer.example`;
  const event = envelope({ customerEmail: email, customerName: 'Rhea' });
  await steward.post(event);
  await outcome(() => expect(providers.slack.messages).not.toEqual([]));
  await putReply(event.detail.ticketId);
  receivers.billing.failNext('500', {}, 2);
  receivers.silent.failNext('500', {}, 1_000);

  const { requestId, path } = await askByForm(steward, email);
  await post(steward, path, { code: await codeOf(providers, requestId) });
  await outcome(async () => expect((await row(steward, requestId)).erased_at).not.toBeNull());
  // Erased, though one of them has not answered: it is shown as open, on the list and to the person.
  const [line] = await createErasureReader(steward.owner).list({ all: false });
  expect(line).toMatchObject({ id: requestId, openRecipients: expect.arrayContaining(['silent']) });
  expect(await (await steward.app.request(path)).text()).toContain('silent: has not answered yet');

  expect((await ended(steward, requestId)).outcome).toBe('erased');
  const rows = await steward.owner
    .selectFrom('erasure_recipients')
    .selectAll()
    .where('erasure_id', '=', requestId)
    .execute();
  const found = Object.fromEntries(rows.map((one) => [one.recipient, one]));
  expect(found.Slack).toMatchObject({ status: 'told', kind: 'slack' });
  expect(providers.slack.messages).toEqual([]);
  expect(found.billing).toMatchObject({ status: 'told' });
  expect(found.crm).toMatchObject({ status: 'told', attempts: 1 });
  // It was asked again while the window was open; what it was to be told is gone with the window.
  expect(found.silent).toMatchObject({ status: 'open', reason: 'HTTP 500', notice: null });
  expect(found.silent?.attempts).toBeGreaterThan(1);
  expect([...receivers.crm.told]).toEqual([
    [
      `${requestId}-crm`,
      {
        type: 'subject.erased',
        requestId,
        categories: ['identity'],
        subject: { customerIds: [event.detail.customerId], emails: [email], phones: [] },
      },
    ],
  ]);
  expect(receivers.silent.told.size).toBe(0);
});

test('who was silent is asked on when the erasure’s workflow was lost within the window', {
  timeout: 120_000,
}, async () => {
  const { email } = await addCustomer(steward);
  receivers.silent.failNext('500', {}, 1_000);
  const { requestId, path } = await askByForm(steward, email);
  await post(steward, path, { code: await codeOf(providers, requestId) });
  await outcome(async () => expect((await row(steward, requestId)).erased_at).not.toBeNull());
  const { workflow } = steward.temporal.client;
  await workflow.getHandle(erasureWorkflowId(requestId)).terminate('by hand');
  receivers.silent.reset();
  expect(receivers.silent.told.size).toBe(0);
  await workflow.start(ERASURE_WORKFLOW, { ...erasureStart(requestId), taskQueue: steward.taskQueue });
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  expect([...receivers.silent.told.keys()]).toEqual([`${requestId}-silent`]);
});

test('what we may not see in Slack is not gone; what was posted and nobody heard of is looked for', {
  timeout: 120_000,
}, async () => {
  const email = `sara.${Date.now().toString(36)}@customer.example`;
  const event = envelope({ customerEmail: email, customerName: 'Sara' });
  await steward.post(event);
  const sent = await outcome(() =>
    steward.owner
      .selectFrom('deliveries')
      .select(['id', 'provider_message_id'])
      .where('ticket_id', '=', event.detail.ticketId)
      .where('transport', '=', 'slack')
      .where('status', '=', 'sent')
      .executeTakeFirstOrThrow(),
  );
  const [channel = ''] = String(sent.provider_message_id).split(':');
  await steward.owner
    .updateTable('deliveries')
    .set({ status: 'unknown', provider_message_id: null })
    .where('id', '=', sent.id)
    .execute();
  const slackRow = (id: string) =>
    steward.owner
      .selectFrom('erasure_recipients')
      .select(['status', 'reason'])
      .where('erasure_id', '=', id)
      .where('kind', '=', 'slack')
      .execute();
  const { requestId, path } = await askByForm(steward, email);
  const code = await codeOf(providers, requestId);
  const refused = { status: 200, headers: { 'content-type': 'application/json' } };
  providers.slack.answerNext(
    { ...refused, body: '{"ok":false,"error":"channel_not_found"}' },
    { action: 'chat.delete' },
    2,
  );
  await post(steward, path, { code });
  await outcome(async () =>
    expect(await slackRow(requestId)).toEqual([{ status: 'open', reason: 'channel_not_found' }]),
  );
  expect(providers.slack.messages.map((message) => message.channel)).toEqual([channel]);
  await ended(steward, requestId);
  expect(await slackRow(requestId)).toEqual([{ status: 'told', reason: null }]);
  expect(providers.slack.messages).toEqual([]);
});

test('that our own database is away is no silence of theirs: it is asked until it can be written down', {
  timeout: 60_000,
}, async () => {
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.tellIntent');
  const email = `iris.${Date.now().toString(36)}@customer.example`;
  await steward.post(envelope({ customerEmail: email, customerName: 'Iris' }));
  const { requestId, path } = await askByForm(steward, email);
  await post(steward, path, { code: await codeOf(providers, requestId) });
  // Four recipients, each more often than anybody is asked before they count as silent.
  await outcome(async () => expect(await tries()).toBeGreaterThan(4 * 4));
  await allow();
  await ended(steward, requestId);
  const crm = steward.owner.selectFrom('erasure_recipients').select(['status', 'attempts']);
  expect(await crm.where('erasure_id', '=', requestId).where('recipient', '=', 'crm').execute()).toEqual([
    { status: 'told', attempts: 1 },
  ]);
  // The person is not told that it was silent.
  expect(
    providers.aws.mails.filter(({ raw }) => raw.includes(`${requestId}-outcome`)).map(({ parsed }) => parsed.text),
  ).toEqual([expect.not.stringContaining('crm')]);
});

test('a wrong signature, and one of another time, are refused by a receiver as we sign', async () => {
  const body = '{}';
  const headers = {
    'webhook-id': 'x',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': 'v1,AAAA',
  };
  expect((await fetch(receivers.crm.url, { method: 'POST', body, headers })).status).toBe(401);
  const old = { ...headers, 'webhook-timestamp': '1' };
  expect((await fetch(receivers.crm.url, { method: 'POST', body, headers: old })).status).toBe(400);
});

test('officers hear before the legal period ends, and once it has', { timeout: 60_000 }, async () => {
  const requestId = newErasureId();
  const asked = JSON.stringify({ email: `nobody.${Date.now().toString(36)}@customer.example` });
  await createErasureIntake(steward.owner).create({
    id: requestId,
    via: 'cli',
    sealed: await steward.composed.ring.seal(requestKey(requestId), asked),
    dueAt: new Date(Date.now() - 1_000),
    requester: null,
    voucher: null,
    assertedAt: null,
    provedBy: null,
  });
  await steward.steward.requestErasure(requestId);
  await outcome(() => {
    expect(officerMails(`${requestId}: is due soon`)).toHaveLength(1);
    expect(officerMails(`${requestId}: is late`)).toHaveLength(1);
  });
});

test('a mail that is refused for good parks its step, officers are told, and it goes on by their word', {
  timeout: 120_000,
}, async () => {
  const email = `rude.${Date.now().toString(36)}@customer.example`;
  const event = envelope({ customerEmail: email });
  await steward.post(event);
  await routed(steward, event.detail.ticketId);
  const { requestId, path } = await askByForm(steward, email);
  const code = await codeOf(providers, requestId);
  providers.aws.rejected.add(email);
  await post(steward, path, { code });
  await outcome(async () => {
    const view = await steward.steward.describeErasure(requestId);
    expect(view.parked.map(({ step }) => step)).toEqual(['tellPerson']);
    expect(JSON.stringify(view)).not.toContain(email);
  });
  await outcome(() => expect(officerMails('tellPerson is stuck')).toHaveLength(1));
  await expect(steward.steward.operateErasure(requestId, 'retry', { step: 'shred' })).rejects.toMatchObject({
    code: 'NotParked',
  });
  providers.aws.rejected.clear();
  await steward.steward.operateErasure(requestId, 'retry', {});
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  expect(providers.aws.mails.filter(({ parsed }) => parsed.subject === 'Your data is erased')).toHaveLength(1);
});
