/** Retention by its schedule's workflow. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { RETENTION_WORKFLOW, type RetentionResult, ticketWorkflowId } from '../../src/contract.ts';
import { ERASED } from '../../src/domain/personal-data.ts';
import type { PrivacyPolicy } from '../../src/domain/privacy-policy.ts';
import { outcome } from '../support/outcome.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';
import { closedLongAgo } from './support.ts';

const rule = { ticketsDaysAfterClose: 30, daily: false };
// The rule is changed below, as a restart with another file would.
const steward = useSteward({ privacy: (policy: PrivacyPolicy) => ({ ...policy, retention: rule }) });

const refuseEntries = useRefusedEntries();

const run = () =>
  steward.temporal.client.workflow.execute<() => Promise<RetentionResult>>(RETENTION_WORKFLOW, {
    workflowId: `retention-test-${randomBytes(4).toString('hex')}`,
    taskQueue: steward.taskQueue,
  });
const words = async (ticketId: string) => {
  const rows = await steward.owner.selectFrom('messages').select('body').where('ticket_id', '=', ticketId).execute();
  return rows.map(({ body }) => body);
};
const keyOf = (ticketId: string) =>
  steward.owner
    .selectFrom('data_keys')
    .select(['wrapped', 'shredded_at'])
    .where('name', '=', ticketWorkflowId(ticketId))
    .executeTakeFirstOrThrow();

test('what is due is only counted, unless the policy says that it goes by itself', async () => {
  const ticketId = await closedLongAgo(steward);
  expect(await run()).toMatchObject({ applied: false, tickets: 1, held: 0 });
  expect(await words(ticketId)).toContain('My card was charged twice.');
  expect((await keyOf(ticketId)).shredded_at).toBeNull();

  const asked = await closedLongAgo(steward);
  const { workflowId, runId } = await steward.steward.retain();
  const done = steward.temporal.client.workflow.getHandle<() => Promise<RetentionResult>>(workflowId, runId).result();
  expect(await done).toMatchObject({ applied: true, tickets: 2, kept: { ended: 0 } });
  for (const id of [ticketId, asked]) {
    expect(new Set(await words(id))).toEqual(new Set([ERASED]));
    await expect(steward.temporal.client.workflow.getHandle(ticketWorkflowId(id)).describe()).rejects.toThrow(
      WorkflowNotFoundError,
    );
  }
});

test('with the rule to do so it goes by itself', async () => {
  const ticketId = await closedLongAgo(steward);
  Object.assign(rule, { daily: true });
  expect(await run()).toMatchObject({ applied: true, tickets: 1, held: 0 });
  expect(new Set(await words(ticketId))).toEqual(new Set([ERASED]));
  expect(await keyOf(ticketId)).toMatchObject({ wrapped: null, shredded_at: expect.any(Date) });
  await expect(steward.temporal.client.workflow.getHandle(ticketWorkflowId(ticketId)).describe()).rejects.toThrow(
    WorkflowNotFoundError,
  );
  expect(await run()).toMatchObject({ applied: true, tickets: 0, held: 0 });
});

test('nothing goes of which the log can’t say before that it will; what went, it says in counts', async () => {
  const ticketId = await closedLongAgo(steward);
  const { rows } = await sql<{ id: string }>`select id from deliveries where ticket_id = ${ticketId}
    and transport = 'outbox' and status = 'sent'`.execute(steward.owner);
  const letters = rows.map(({ id }) => `${id}.eml`);
  expect(letters).not.toEqual([]);
  const left = async () => (await readdir(join(steward.stateDir, 'outbox'))).filter((file) => letters.includes(file));
  const { allow, tries } = await refuseEntries(steward.owner, 'retention.intent');
  const running = run();
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  expect(await left()).toEqual(letters);
  expect((await keyOf(ticketId)).wrapped).not.toBeNull();
  await steward.temporal.client.workflow.getHandle(ticketWorkflowId(ticketId)).describe();
  expect(await words(ticketId)).toContain('My card was charged twice.');
  await allow();
  expect(await running).toMatchObject({ applied: true, tickets: 1, held: 0 });
  expect(await left()).toEqual([]);
  const entries = await steward.owner
    .selectFrom('audit_entries')
    .select(['actor_kind', 'actor_id', 'action', 'why', 'after'])
    .where('object', '=', 'retention')
    .orderBy('id', 'desc')
    .limit(3)
    .execute();
  const files = letters.length;
  const by = { actor_kind: 'workflow', actor_id: expect.stringMatching(/^retention-/) };
  const [deleted, emptied, intent] = entries;
  expect(intent).toMatchObject({ ...by, action: 'retention.intent', after: { tickets: 1 } });
  expect(emptied).toMatchObject({ ...by, action: 'retention.emptied', after: { keys: 1, files, histories: 1 } });
  expect(deleted).toMatchObject({ ...by, action: 'retention.historiesDeleted', after: { histories: 1 } });
  expect(intent?.why).toBe('retention.ticketsDaysAfterClose');
});

test('a ticket whose key could not be shredded keeps its words, and is due again', async () => {
  const ticketId = await closedLongAgo(steward);
  const { dataKeys } = steward.composed.deps;
  const { shred } = dataKeys;
  let failed = 0;
  Object.assign(dataKeys, {
    async shred(...given: Parameters<typeof shred>) {
      failed += 1;
      if (failed > 1) return shred.apply(dataKeys, given);
      expect(await words(ticketId)).toContain('My card was charged twice.');
      throw new Error('the database went away');
    },
  });
  expect(await run()).toMatchObject({ applied: true, tickets: 1, held: 0 });
  expect(failed).toBe(2);
  expect(new Set(await words(ticketId))).toEqual(new Set([ERASED]));
});
