import { expect, test } from 'vitest';
import { ERASURE_WORKFLOW, erasureStart, erasureWorkflowId, RETENTION_WORKFLOW } from '../../src/contract.ts';
import type { AuditAction } from '../../src/domain/audit-actions.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';
import { ended, hurried, knownWithTicket, provedByCode, row } from './support.ts';

/* Somebody has terminated the workflow of a request that was proved, or Temporal's database came back from a backup: nothing stays half done. */

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses', 'slack'), privacy: hurried });
const refuseEntries = useRefusedEntries();

test.each<[string, AuditAction]>([
  ['before anything went', 'erasure.decided'],
  ['once the names were gone', 'erasure.shredIntent'],
  ['once the keys were gone', 'erasure.deleteHistoriesIntent'],
  ['within the window of the second look', 'erasure.closeWindowIntent'],
])('the night lets one that was lost %s go on to its end', { timeout: 150_000 }, async (_, action) => {
  const { email, customerId, ticketId } = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, action);
  const { requestId } = await provedByCode(steward, providers, email);
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  const { workflow } = steward.temporal.client;
  await workflow.getHandle(erasureWorkflowId(requestId)).terminate('by hand');
  await allow();
  const long = new Date(Date.now() - 2 * 3_600_000);
  await steward.owner.updateTable('erasures').set({ proved_at: long }).where('id', '=', requestId).execute();

  await workflow.execute(RETENTION_WORKFLOW, { workflowId: `retention-${requestId}`, taskQueue: steward.taskQueue });
  expect(await ended(steward, requestId)).toMatchObject({ outcome: 'erased', particulars: null });
  const key = steward.owner.selectFrom('data_keys').select('wrapped').where('name', '=', `ticket-${ticketId}`);
  expect(await key.execute()).toEqual([{ wrapped: null }]);
  await expect(workflow.getHandle(`ticket-${ticketId}`).describe()).rejects.toThrow();
  const known = steward.owner.selectFrom('customers').select('id').where('id', '=', customerId);
  expect(await known.execute()).toEqual([]);
  const letters = providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`));
  expect(letters).toHaveLength(1);
  expect(await steward.composed.deps.erasure.fingerprints.find(requestId)).toBeNull();
});

test('one that runs is let run, and one that has ended stays so', { timeout: 90_000 }, async () => {
  const { email } = await knownWithTicket(steward);
  const { requestId } = await provedByCode(steward, providers, email);
  await ended(steward, requestId);
  const { workflow } = steward.temporal.client;
  const before = await workflow.getHandle(erasureWorkflowId(requestId)).describe();
  await workflow.execute(RETENTION_WORKFLOW, { workflowId: `retention-${requestId}`, taskQueue: steward.taskQueue });
  const after = await workflow.getHandle(erasureWorkflowId(requestId)).describe();
  expect(after.runId).toBe(before.runId);
  expect((await row(steward, requestId)).outcome).toBe('erased');
});

test('one that can’t be opened for long is opened later, and is not lost', { timeout: 90_000 }, async () => {
  const { email } = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.shredIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  const { workflow } = steward.temporal.client;
  await workflow.getHandle(erasureWorkflowId(requestId)).terminate('by hand');
  await allow();
  const { sealed } = await row(steward, requestId);
  const write = (bytes: Buffer) =>
    steward.owner.updateTable('erasures').set({ sealed: bytes }).where('id', '=', requestId).execute();
  // Its first step fails for good, as far as Temporal knows.
  await write(sealed.map((byte, i) => (i === sealed.length - 1 ? byte ^ 1 : byte)) as Buffer);
  const begun = await workflow.start(ERASURE_WORKFLOW, { ...erasureStart(requestId), taskQueue: steward.taskQueue });
  await outcome(async () => {
    const { events } = await begun.fetchHistory();
    expect(events?.filter((event) => event.activityTaskFailedEventAttributes)).not.toHaveLength(0);
  });
  await write(sealed);
  expect(await ended(steward, requestId)).toMatchObject({ outcome: 'erased' });
});
