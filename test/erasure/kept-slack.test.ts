/** What stands in Slack and lies with others of what an erasure kept, once the reason has ended. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RETENTION_WORKFLOW, type RetentionResult } from '../../src/contract.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { type ReceiverStandIn, startReceiver } from '../support/stand-ins/receiver.ts';
import { useSteward } from '../support/steward.ts';
import { askFor, hurried, inState, knownWithTicket, officer, over, row } from './support.ts';

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
const providers = useProviders();
const held = {} as { crm: ReceiverStandIn };
beforeAll(async () => {
  held.crm = await startReceiver(SECRET);
});
afterAll(() => held.crm.stop());
const steward = useSteward({
  settings: () => providers.settings('slack'),
  secrets: { OURS: SECRET },
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'whenRefused',
    officers: ANN_AND_BOB,
    recipients: [
      ...policy.recipients,
      {
        name: 'crm',
        kind: 'crm',
        categories: ['identity', 'conversations'],
        url: `${held.crm.url}/people`,
        secretEnv: 'OURS',
      },
    ],
  }),
});
const night = (): Promise<RetentionResult> =>
  steward.temporal.client.workflow.execute<() => Promise<RetentionResult>>(RETENTION_WORKFLOW, {
    workflowId: `retention-test-${randomBytes(4).toString('hex')}`,
    taskQueue: steward.taskQueue,
  });
const recipients = async (requestId: string) => {
  const rows = await steward.owner
    .selectFrom('erasure_recipients')
    .select(['recipient', 'status', 'reason'])
    .where('erasure_id', '=', requestId)
    .execute();
  return Object.fromEntries(rows.map(({ recipient, ...found }) => [recipient, found]));
};

test('kept words stay in Slack and go from there with their reason; who was given them hears of it', {
  timeout: 120_000,
}, async () => {
  const { customerId, ticketId } = await knownWithTicket(steward);
  const inSlack = () =>
    steward.owner
      .selectFrom('deliveries')
      .select(['provider_message_id', 'status'])
      .where('ticket_id', '=', ticketId)
      .where('transport', '=', 'slack')
      .execute();
  const [sent] = await outcome(async () => {
    const rows = await inSlack();
    expect(rows).toMatchObject([{ status: 'sent' }]);
    return rows;
  });
  const words = async () => {
    const rows = await steward.owner.selectFrom('messages').select('body').where('ticket_id', '=', ticketId).execute();
    return new Set(rows.map(({ body }) => body));
  };
  const holds = createHoldStore(steward.composed.databases.as('steward_officer'));
  const by = ['login/test', 'officer/ann'] as const;
  const why = { category: 'conversations', why: 'A lawsuit', until: null } as const;
  const [hold] = await holds.place({ customerId }, why, by);
  const requestId = await askFor(steward, { customerId }, 'ann');
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  expect((await over(steward, requestId)).outcome).toBe('partlyErased');
  expect((await row(steward, requestId)).still_kept).toEqual(['conversations']);
  expect(providers.slack.messages).toHaveLength(1);
  expect(await inSlack()).toEqual([sent]);
  expect(await recipients(requestId)).toMatchObject({ Slack: { status: 'nothing' }, crm: { status: 'told' } });
  const found = steward.owner.selectFrom('erasure_findings').select('place').where('erasure_id', '=', requestId);
  expect(await found.execute()).toEqual([]);
  // Neither retention nor a night takes what is kept.
  expect(await night()).toMatchObject({ kept: { ended: 0 }, slack: { removed: 0, left: 0 } });
  expect(providers.slack.messages).toHaveLength(1);

  await holds.lift(String(hold?.id), by);
  providers.slack.answerNext(
    { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":false,"error":"channel_not_found"}' },
    { action: 'chat.delete' },
  );
  expect((await night()).kept).toMatchObject({ ended: 0, kept: 1 });
  expect(await words()).toEqual(new Set(['[erased]']));
  expect(providers.slack.messages).toHaveLength(1);
  expect(await inSlack()).toEqual([sent]);
  expect(await recipients(requestId)).toMatchObject({
    Slack: { status: 'open', reason: 'channel_not_found' },
    crm: { status: 'told' },
  });
  expect([...held.crm.told.keys()]).toEqual([`${requestId}-crm`]);

  expect((await night()).kept).toMatchObject({ ended: 1, kept: 0 });
  expect(providers.slack.messages).toEqual([]);
  expect(await inSlack()).toMatchObject([{ status: 'sent', provider_message_id: null }]);
  expect(await recipients(requestId)).toMatchObject({
    Slack: { status: 'told', reason: null },
    crm: { status: 'told' },
  });
  // It knows the person by the request of before; here nobody does any more.
  expect(held.crm.told.get(`${requestId}-crm-conversations`)).toEqual({
    type: 'subject.erased',
    requestId,
    categories: ['conversations'],
    subject: { customerIds: [], emails: [], phones: [] },
  });
  const logged = await steward.owner
    .selectFrom('audit_entries')
    .select('action')
    .where('object', '=', `erasure/${requestId}`)
    .where('action', 'in', ['erasure.endKeptIntent', 'erasure.keptInSlack', 'erasure.keptEnded'])
    .orderBy('id')
    .execute();
  expect(logged.map(({ action }) => action)).toEqual([
    'erasure.endKeptIntent',
    'erasure.keptInSlack',
    'erasure.endKeptIntent',
    'erasure.keptEnded',
  ]);
});
