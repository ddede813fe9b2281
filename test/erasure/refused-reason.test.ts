import { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import { findMarks, spellings } from '../support/marks.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askFor, hurried, inState, officer, over, row } from './support.ts';

/* A reason that names the person is refused. What of it stays, and where: as docs/privacy.md says. */

const steward = useSteward({
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'always',
    officers: ANN_AND_BOB,
  }),
});

const REASON = 'Ada still owes us Zwiebelkuchen';

/** What Temporal has of the request, byte for byte, in whatever spelling. */
async function inHistory(requestId: string): Promise<boolean> {
  const history = await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).fetchHistory();
  return findMarks('history', Buffer.from(JSON.stringify(history)), spellings(['Zwiebelkuchen'])).length > 0;
}

/** What somebody reads there who may decode what Temporal shows encrypted. */
async function decoded(requestId: string): Promise<string> {
  const { events } = await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).fetchHistory();
  const payloads = (events ?? []).flatMap(
    (event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args?.payloads ?? [],
  );
  const [codec] = steward.composed.dataConverter.payloadCodecs ?? [];
  const opened =
    (await codec?.decode(payloads, {
      type: 'workflow',
      namespace: 'default',
      workflowId: erasureWorkflowId(requestId),
    })) ?? [];
  return opened.map(({ data }) => Buffer.from(data ?? []).toString()).join('\n');
}

async function waiting(): Promise<string> {
  const { id } = await addCustomer(steward);
  const requestId = await askFor(steward, { customerId: id }, 'ann');
  await inState(steward, requestId, 'approving');
  return requestId;
}

async function approved(requestId: string): Promise<void> {
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  expect((await over(steward, requestId)).outcome).toBe('erased');
}

test('said through Steward it lies encrypted in the history, for who may decode, after the erasure too; and in no row', async () => {
  const requestId = await waiting();
  const said = { ...officer('bob'), reason: REASON };
  await expect(steward.steward.operateErasure(requestId, 'refuse', said)).rejects.toMatchObject({
    code: 'InvalidRequest',
  });
  expect(await inHistory(requestId)).toBe(false);
  expect(await decoded(requestId)).toContain(REASON);
  expect((await row(steward, requestId)).ruling_reason).toBeNull();
  await approved(requestId);
  expect(await inHistory(requestId)).toBe(false);
  expect(await decoded(requestId)).toContain(REASON);
});

test('said by a program without the codec, where clear text is taken, it can be read there, after the erasure too', async () => {
  const requestId = await waiting();
  const bare = new Client({ connection: steward.temporal.connection }).workflow.getHandle(erasureWorkflowId(requestId));
  await expect(bare.executeUpdate('refuse', { args: [{ ...officer('bob'), reason: REASON }] })).rejects.toThrow();
  await outcome(async () => expect(await inHistory(requestId)).toBe(true));
  expect((await row(steward, requestId)).ruling_reason).toBeNull();
  await approved(requestId);
  expect(await inHistory(requestId)).toBe(true);
});
