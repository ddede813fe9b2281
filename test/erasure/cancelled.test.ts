import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askByForm, askFor, codeOf, hurried, inState, officer, over } from './support.ts';

/* Half an erasure helps nobody: who asks Temporal to cancel one stops nothing, and officers are heard as before. */

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses'),
  privacy: (policy) => ({ ...hurried(policy), officers: ANN_AND_BOB }),
});

/** Seen in its history: whatever is said afterwards is said to a workflow that was asked to cancel. */
async function cancelled(requestId: string): Promise<void> {
  const workflow = steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId));
  await workflow.cancel();
  await outcome(async () => {
    const { events } = await workflow.fetchHistory();
    const at = (events ?? []).findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes);
    expect((events ?? []).slice(at).some((event) => event.workflowTaskCompletedEventAttributes)).toBe(at >= 0);
  });
}
const letters = (requestId: string) =>
  providers.aws.mails.flatMap(
    ({ raw }) => new RegExp(`X-Delivery-ID: ${requestId}-(extension|outcome)\\b`).exec(raw)?.[1] ?? [],
  );

test('it is approved, with more time, as if nobody had asked to cancel it', async () => {
  const requestId = await askFor(steward, { customerId: (await addCustomer(steward)).id }, 'ann');
  await inState(steward, requestId, 'approving');
  await cancelled(requestId);
  await steward.steward.operateErasure(requestId, 'extend', { ...officer('bob'), reason: 'it is much' });
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  expect(await over(steward, requestId)).toMatchObject({ outcome: 'erased' });
  expect(letters(requestId)).toEqual(['extension', 'outcome']);
});

test('what an officer is saying in that moment is done', async () => {
  const requestId = await askFor(steward, { customerId: (await addCustomer(steward)).id }, 'ann');
  await inState(steward, requestId, 'approving');
  const extended = await steward.owner.transaction().execute(async (held) => {
    await sql`select from erasures where id = ${requestId} for update`.execute(held);
    const saying = steward.steward.operateErasure(requestId, 'extend', { ...officer('bob'), reason: 'it is much' });
    await outcome(async () => {
      const { events } = await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).fetchHistory();
      const steps = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
      expect(steps).toContain('extendErasure');
    });
    await cancelled(requestId);
    return { saying };
  });
  await extended.saying;
  await steward.steward.operateErasure(requestId, 'refuse', { ...officer('bob'), reason: 'it is needed' });
  expect(await over(steward, requestId)).toMatchObject({ outcome: 'refused' });
});

test('it is refused, and vouched for, as if nobody had', async () => {
  const { requestId } = await askByForm(steward, (await addCustomer(steward)).email);
  await codeOf(providers, requestId);
  await cancelled(requestId);
  await steward.steward.operateErasure(requestId, 'vouch', officer('ann'));
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'refuse', { ...officer('bob'), reason: 'it is needed' });
  expect(await over(steward, requestId)).toMatchObject({ outcome: 'refused' });
});
