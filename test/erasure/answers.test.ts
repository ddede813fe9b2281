import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpRecipient } from '../../src/adapters/recipients.ts';
import { createErasureReader } from '../../src/store/erasure-read.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { type ReceiverStandIn, startReceiver } from '../support/stand-ins/receiver.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, post, row } from './support.ts';

const SHARED_SECRET = `whsec_${Buffer.from('shared with the receiver, 24 bytes or more').toString('base64')}`;
const providers = useProviders();
const held: { billing?: ReceiverStandIn; crm?: ReceiverStandIn } = {};
beforeAll(async () => {
  held.billing = await startReceiver(SHARED_SECRET);
  held.crm = await startReceiver(SHARED_SECRET);
});
afterAll(() => Promise.all([held.billing?.stop(), held.crm?.stop()]));
const billing = () => held.billing as ReceiverStandIn;
const crm = () => held.crm as ReceiverStandIn;

const steward = useSteward({
  settings: () => providers.settings('ses', 'slack'),
  secrets: { X: SHARED_SECRET },
  privacy: (policy) => ({
    ...policy,
    approval: 'never',
    officers: [
      { id: 'ann', email: 'ann@support.example', mayApprove: true },
      { id: 'bob', email: 'bob@support.example', mayApprove: true },
    ],
    recipients: [
      { name: 'Slack', kind: 'slack', categories: ['conversations', 'ticketFacts'] },
      { name: 'Billing', kind: 'webhook', categories: ['identity', 'contact'], url: billing().url, secretEnv: 'X' },
      { name: 'CRM', kind: 'crm', categories: ['conversations'], url: crm().url, secretEnv: 'X' },
    ],
    erasure: { ...policy.erasure, codeMinutes: 1 / 12, lookAgainDays: 25 / 86_400 },
  }),
});

async function known() {
  const email = `r${Math.random().toString(36).slice(2)}@customer.example`;
  const event = envelope({ customerEmail: email });
  expect((await steward.post(event)).status).toBe(202);
  await outcome(async () => {
    const sent = await steward.owner
      .selectFrom('deliveries')
      .select('id')
      .where('ticket_id', '=', event.detail.ticketId)
      .where('status', '=', 'sent')
      .execute();
    expect(sent).toHaveLength(2);
  });
  return { email, ...event.detail };
}
async function prove(email: string): Promise<string> {
  const { requestId, path } = await askByForm(steward, email);
  expect((await post(steward, path, { code: await codeOf(providers, requestId) })).status).toBe(303);
  return requestId;
}
function erased(requestId: string) {
  return outcome(async () => expect((await row(steward, requestId)).erased_at).not.toBeNull());
}
async function statuses(requestId: string): Promise<Record<string, string>> {
  const rows = await steward.composed.deps.erasure.store.recipients(requestId);
  return Object.fromEntries(rows.map(({ recipient, status }) => [recipient, status]));
}
const outcomeMail = (requestId: string) =>
  providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`))?.parsed.text;

test('Art. 19: Slack’s messages are deleted, and receivers are told once, after an error too', {
  timeout: 90_000,
}, async () => {
  const { email, customerId } = await known();
  expect(providers.slack.messages).toHaveLength(1);
  billing().reset();
  billing().failNext('500');
  const requestId = await prove(email);
  await erased(requestId);
  expect(providers.slack.messages).toEqual([]);
  expect([...billing().told.values()].at(-1)).toEqual({
    type: 'subject.erased',
    requestId,
    categories: ['identity', 'contact'],
    subject: { customerIds: [customerId], emails: [email], phones: [] },
  });
  expect(billing().asked).toHaveLength(2);
  expect(await statuses(requestId)).toEqual({ Slack: 'told', Billing: 'told', CRM: 'told' });
  expect(outcomeMail(requestId)).not.toContain('have not confirmed');
});

test('one that does not answer stays open, holds up nothing, is shown, asked again, and told in the end', {
  timeout: 120_000,
}, async () => {
  const { email } = await known();
  crm().reset();
  // Until it has been looked at.
  crm().failNext('lost', {}, 1_000);
  const requestId = await prove(email);
  await outcome(() => expect(outcomeMail(requestId)).toContain('have not confirmed yet'));
  expect(outcomeMail(requestId)).toContain('we go on asking them: CRM');
  await erased(requestId);
  const listed = await createErasureReader(steward.owner).list({ all: true });
  expect(listed.find(({ id }) => id === requestId)?.openRecipients).toEqual(['CRM']);
  crm().reset();
  await outcome(async () => expect(await statuses(requestId)).toMatchObject({ CRM: 'told' }));
  const notices = await steward.owner
    .selectFrom('erasure_recipients')
    .select('notice')
    .where('erasure_id', '=', requestId)
    .execute();
  expect(notices.map(({ notice }) => notice)).toEqual([null, null, null]);
});

test('what is kept by law stays with recipients as well: conversations on hold, and the name goes', {
  timeout: 90_000,
}, async () => {
  const { email, customerId, ticketId } = await known();
  await steward.owner
    .insertInto('legal_holds')
    .values({
      id: `H-${customerId}`,
      customer_id: customerId,
      category: 'conversations',
      why: 'a lawsuit',
      placed_by: 'ann',
    } as never)
    .execute();
  billing().reset();
  crm().reset();
  const requestId = await prove(email);
  const end = await ended(steward, requestId);
  expect(end.outcome).toBe('partlyErased');
  expect(providers.slack.messages).toHaveLength(1);
  expect(await statuses(requestId)).toEqual({ Slack: 'nothing', Billing: 'told', CRM: 'nothing' });
  expect(crm().asked).toEqual([]);
  expect(outcomeMail(requestId)).toContain('What you wrote to us, and what we answered: a lawsuit');
  expect(outcomeMail(requestId)).toContain('we have erased a part of what we know about you');
  expect(outcomeMail(requestId)).toMatch(/Erased:\n(- .+\n)*- .*address/i);
  const messages = await steward.owner.selectFrom('messages').selectAll().where('ticket_id', '=', ticketId).execute();
  expect(messages.find(({ author }) => author === 'customer')).toMatchObject({
    body: "I can't access my account.",
    author_id: end.subject_ref,
  });
  expect(await steward.owner.selectFrom('customers').select('id').where('id', '=', customerId).execute()).toEqual([]);
  expect(
    await steward.owner.selectFrom('erasure_findings').selectAll().where('erasure_id', '=', requestId).execute(),
  ).toEqual([]);
});

test('a mail that is refused for good parks the step, officers hear of it, and retry or skip goes on', {
  timeout: 90_000,
}, async () => {
  for (const act of ['retry', 'skip'] as const) {
    const { email } = await known();
    const { requestId, path } = await askByForm(steward, email);
    const code = await codeOf(providers, requestId);
    providers.aws.rejected.add(email);
    await post(steward, path, { code });
    await outcome(async () => {
      const { parked } = await steward.steward.describeErasure(requestId);
      expect(parked).toMatchObject([{ step: 'tellPerson' }]);
      expect(parked[0]?.cause).not.toContain(email);
    });
    await outcome(() => {
      const heard = providers.aws.mails.filter(({ raw }) =>
        new RegExp(`X-Delivery-ID: ${requestId}-officer-...-parked-tellPerson`).test(raw),
      );
      expect(heard).toHaveLength(2);
    });
    if (act === 'retry') providers.aws.rejected.delete(email);
    expect((await steward.steward.operateErasure(requestId, act, {} as never)).parked).toEqual([]);
    await erased(requestId);
    expect(outcomeMail(requestId) !== undefined).toBe(act === 'retry');
    await expect(steward.steward.operateErasure(requestId, act, {} as never)).rejects.toMatchObject({
      code: 'NotParked',
    });
  }
});

test('one officer who can’t be reached keeps the news from no other', { timeout: 60_000 }, async () => {
  const { email } = await known();
  const { requestId, path } = await askByForm(steward, email);
  const code = await codeOf(providers, requestId);
  providers.aws.rejected.add(email).add('ann@support.example');
  await post(steward, path, { code });
  await outcome(() => {
    const to = providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-officer-`));
    expect(to.map(({ raw }) => raw.includes('bob@support.example'))).toEqual([true]);
  });
});

test('a receiver believes nobody without the secret, and no old notice', async () => {
  const notice = {
    requestId: 'ERA-0000000000000000',
    categories: ['contact' as const],
    particulars: { customerIds: ['C'], emails: [], phones: [], name: null, slack: [] },
  };
  const tell = (parts: { secret?: string; now?: () => number }) =>
    createHttpRecipient({
      name: 'x',
      kind: 'webhook',
      categories: ['contact'],
      url: billing().url,
      secret: SHARED_SECRET,
      ...parts,
    }).tell(notice, AbortSignal.timeout(5_000));
  await expect(
    tell({ secret: `whsec_${Buffer.from('somebody else, whom nobody knows here').toString('base64')}` }),
  ).rejects.toMatchObject({ reason: 'HTTP 401', retryable: false });
  await expect(tell({ now: () => Date.now() - 302_000 })).rejects.toMatchObject({ reason: 'HTTP 400' });
  await expect(tell({})).resolves.toBe('told');
});
