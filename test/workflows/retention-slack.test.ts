/** What retention leaves in Slack: nothing, or what the next night tries again. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { RETENTION_WORKFLOW, type RetentionResult } from '../../src/contract.ts';
import { ERASED } from '../../src/domain/personal-data.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';
import { escalated, handleOf } from './support.ts';

const rule = { ticketsDaysAfterClose: 30, daily: false };
const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('slack'),
  privacy: (policy) => ({ ...policy, retention: rule }),
});
const refuseEntries = useRefusedEntries();

const night = (): Promise<RetentionResult> =>
  steward.temporal.client.workflow.execute<() => Promise<RetentionResult>>(RETENTION_WORKFLOW, {
    workflowId: `retention-test-${randomBytes(4).toString('hex')}`,
    taskQueue: steward.taskQueue,
  });
const slackOf = (ticketId: string) =>
  steward.owner
    .selectFrom('deliveries')
    .select(['id', 'status', 'reason', 'provider_message_id'])
    .where('ticket_id', '=', ticketId)
    .where('transport', '=', 'slack')
    .orderBy('id')
    .execute();
/** Closed 40 days ago, with what one of us was told of it in Slack. */
async function closedLongAgo(customerId = `CUST-${randomBytes(4).toString('hex')}`) {
  const before = providers.slack.messages.length;
  const ticketId = await escalated(steward, { message: 'My card was charged twice.', customerId });
  const [sent] = await outcome(async () => {
    const rows = await slackOf(ticketId);
    expect(rows.map(({ status }) => status)).toEqual(['sent']);
    return rows;
  });
  await handleOf(steward, ticketId).terminate();
  const closed = { state: 'closed', updated_at: new Date(Date.now() - 40 * 86_400_000) };
  await steward.owner.updateTable('tickets').set(closed).where('id', '=', ticketId).execute();
  expect(providers.slack.messages).toHaveLength(before + 1);
  return { ticketId, customerId, deliveryId: String(sent?.id), messageId: String(sent?.provider_message_id) };
}
const standing = () => providers.slack.messages.map(({ channel, ts }) => `${channel}:${ts}`);
const entries = async (action: string) =>
  (
    await steward.owner.selectFrom('audit_entries').select('after').where('action', '=', action).orderBy('id').execute()
  ).map(({ after }) => after);

test('what is only counted stays in Slack, and is counted; what is emptied goes there as well, replies first', async () => {
  const { ticketId, messageId } = await closedLongAgo();
  const [channel = '', thread_ts = ''] = messageId.split(':');
  const ts = `${Number(thread_ts.split('.')[0]) + 1}.000000`;
  providers.slack.messages.push({ channel, ts, thread_ts, text: 'Below it' });
  const row = steward.owner.selectFrom('deliveries').selectAll().where('ticket_id', '=', ticketId);
  const { id: _, ...copy } = await row.where('transport', '=', 'slack').executeTakeFirstOrThrow();
  await steward.owner
    .insertInto('deliveries')
    .values({
      ...copy,
      facts: JSON.stringify(copy.facts),
      occasion: 'reply#1',
      provider_message_id: `${channel}:${ts}`,
    })
    .execute();
  expect(await night()).toMatchObject({ applied: false, tickets: 1, slack: { due: 2, removed: 0, left: 0 } });
  expect(standing()).toHaveLength(2);

  Object.assign(rule, { daily: true });
  expect(await night()).toMatchObject({ applied: true, tickets: 1, slack: { due: 0, removed: 2, left: 0 } });
  expect(providers.slack.messages).toEqual([]);
  expect((await slackOf(ticketId)).map((found) => [found.status, found.provider_message_id])).toEqual([
    ['sent', null],
    ['sent', null],
  ]);
  expect((await entries('retention.emptied')).at(-1)).toMatchObject({ tickets: 1, slack: 2 });
  expect((await entries('retention.slackIntent')).at(-1)).toEqual({ messages: 2 });
  expect((await entries('retention.slackRemoved')).at(-1)).toEqual({ removed: 2, left: 0 });
});

test('what Slack does not take away keeps its id and no other message, and the next night tries again, unless it is held', {
  timeout: 120_000,
}, async () => {
  const [hers, his] = [await closedLongAgo(), await closedLongAgo()];
  providers.slack.answerNext(
    { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":false,"error":"channel_not_found"}' },
    { action: 'chat.delete' },
  );
  expect(await night()).toMatchObject({ tickets: 2, slack: { removed: 1, left: 1 } });
  const left = [hers, his].find(({ messageId }) => standing().includes(messageId));
  if (left === undefined) throw new Error('one of them is there');
  expect(await slackOf(left.ticketId)).toMatchObject([{ provider_message_id: left.messageId }]);
  const words = steward.owner.selectFrom('messages').select('body').where('ticket_id', '=', left.ticketId);
  expect(new Set((await words.execute()).map(({ body }) => body))).toEqual(new Set([ERASED]));

  const holds = createHoldStore(steward.composed.databases.as('steward_officer'));
  const by = ['login/test', 'officer/ann'] as const;
  const [hold] = await holds.place(
    { customerId: left.customerId },
    { category: 'conversations', why: 'A lawsuit', until: null },
    by,
  );
  expect(await night()).toMatchObject({ slack: { removed: 0, left: 0 } });
  expect(standing()).toEqual([left.messageId]);
  await holds.lift(String(hold?.id), by);
  // It goes though the rule would only count tickets: of this one it was followed.
  Object.assign(rule, { daily: false });
  expect(await night()).toMatchObject({ applied: false, slack: { removed: 1, left: 0 } });
  Object.assign(rule, { daily: true });
  expect(standing()).toEqual([]);
  expect(await slackOf(left.ticketId)).toMatchObject([{ provider_message_id: null }]);
});

test('a message whose answer was lost is looked for, once; and nothing goes before the log says that it will', {
  timeout: 120_000,
}, async () => {
  const [there, never] = [await closedLongAgo(), await closedLongAgo()];
  await steward.owner
    .updateTable('deliveries')
    .set({ status: 'unknown', provider_message_id: null })
    .where('id', 'in', [there.deliveryId, never.deliveryId])
    .execute();
  providers.slack.messages.splice(standing().indexOf(never.messageId), 1);
  const { allow, tries } = await refuseEntries(steward.owner, 'retention.slackIntent');
  const running = night();
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  expect(standing()).toEqual([there.messageId]);
  await allow();
  expect(await running).toMatchObject({ tickets: 2, slack: { removed: 2, left: 0 } });
  expect(providers.slack.messages).toEqual([]);
  expect(await slackOf(there.ticketId)).toMatchObject([{ status: 'sent', provider_message_id: null }]);
  expect(await slackOf(never.ticketId)).toMatchObject([{ status: 'failed', reason: 'not in Slack' }]);
  expect(await night()).toMatchObject({ slack: { removed: 0, left: 0 } });
});

test('Slack’s pace is waited for, and where it is away the night ends without it', { timeout: 120_000 }, async () => {
  const { messageId } = await closedLongAgo();
  providers.slack.failNext('500', { action: 'chat.delete' });
  expect(await night()).toMatchObject({ tickets: 1, slack: { removed: 0, left: 1 } });
  expect(standing()).toEqual([messageId]);
  providers.slack.failNext('429', { action: 'chat.delete', retryAfter: 1 });
  expect(await night()).toMatchObject({ slack: { removed: 1, left: 0 } });
  expect(standing()).toEqual([]);
});
