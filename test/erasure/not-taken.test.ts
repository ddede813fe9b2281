/** Threat T2: what was refused as wrong is no ticket, and speaks of somebody all the same. */
import { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { SYSTEM_KEY } from '../../src/contract.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { addCustomer, ended, hurried, provedByCode } from './support.ts';

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses'), privacy: hurried });

/** By a program that has no codec. */
async function startInClear(workflowId: string, detail: object): Promise<void> {
  const { workflow } = new Client({ connection: steward.temporal.connection });
  const args = [{ ...envelope(), detail: { ...envelope().detail, ...detail } }];
  await workflow.start('supportTicket', { taskQueue: steward.taskQueue, workflowId, args });
  await failed(workflowId);
}

const describeOf = (workflowId: string) => steward.temporal.client.workflow.getHandle(workflowId).describe();
const failed = (workflowId: string) =>
  outcome(async () => expect((await describeOf(workflowId)).status.name).toBe('FAILED'));
const subjectOf = async (name: string) =>
  (await steward.owner.selectFrom('data_keys').select('subject_id').where('name', '=', name).executeTakeFirst())
    ?.subject_id;

test('T2: histories of tickets that were not taken go with their customer, in clear or not', async () => {
  const { id: customerId, email } = await addCustomer(steward);
  const other = await addCustomer(steward);
  const { ticketId } = envelope().detail;
  const named = { customerId, customerEmail: email };
  const byId = `ticket-${ticketId}-id`;
  const byAddress = `ticket-${ticketId}-address`;
  const elsewhere = `elsewhere-${ticketId}`;
  const others = `ticket-${ticketId}-other`;
  const nobodys = `ticket-${ticketId}-nobody`;
  await startInClear(byId, { customerId, message: '' });
  await startInClear(byAddress, { customerId: 'no id!', customerEmail: email.toUpperCase(), sentimentScore: 7 });
  await startInClear(elsewhere, { ...named, ticketId });
  await startInClear(others, { customerId: other.id, message: '' });
  await startInClear(nobodys, { customerId: [customerId], customerEmail: 'nobody@customer.example' });
  // The same, encrypted.
  const sealed = envelope({ ...named, ticketId: `${ticketId}-sealed`, sentimentScore: 7 });
  await steward.steward.submit(sealed);
  await failed(`ticket-${sealed.detail.ticketId}`);

  const { requestId } = await provedByCode(steward, providers, email);
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  for (const gone of [byId, byAddress, elsewhere, `ticket-${sealed.detail.ticketId}`]) {
    await expect(describeOf(gone), gone).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
    const key = steward.owner.selectFrom('data_keys').select(['wrapped', 'shredded_at']).where('name', '=', gone);
    expect(await key.executeTakeFirst()).toEqual({ wrapped: null, shredded_at: expect.any(Date) });
    expect(await subjectOf(gone)).not.toBe(customerId);
  }
  expect([await subjectOf(others), await subjectOf(nobodys)]).toEqual([other.id, null]);
  for (const there of [others, nobodys]) expect((await describeOf(there)).status.name).toBe('FAILED');
});

test('whatever a workflow is called, the key of all that carries no text is never a customer’s', async () => {
  const { id: customerId } = await addCustomer(steward);
  await startInClear(SYSTEM_KEY, { customerId, message: '' });
  expect(await subjectOf(SYSTEM_KEY)).toBeNull();
});
