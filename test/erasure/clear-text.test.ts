/** What is said to an erasure in clear text, where that is refused, is not taken for an answer that names no step. */
import { Client } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askByForm, codeOf, ended, hurried, post } from './support.ts';

const providers = useProviders();
const settings = () => ({ ...providers.settings('ses'), STEWARD_CLEAR_TEXT: 'refuse' });
const strict = useSteward({ settings, privacy: hurried });
afterEach(() => providers.aws.rejected.clear());

it.each(['retry', 'skip'] as const)('%s acts on no parked step by words in clear', async (act) => {
  const { email } = await addCustomer(strict);
  const { requestId, path } = await askByForm(strict, email);
  const code = await codeOf(providers, requestId);
  providers.aws.rejected.add(email);
  await post(strict, path, { code });
  const parked = await outcome(async () => {
    const [first] = (await strict.steward.describeErasure(requestId)).parked;
    expect(first).toMatchObject({ step: 'tellPerson' });
    return first;
  });

  const stranger = new Client({ connection: strict.temporal.connection }).workflow;
  const handle = stranger.getHandle(erasureWorkflowId(requestId));
  for (const said of [{ step: 'tellRecipients' }, { step: 'tellPerson' }]) {
    // Why is encrypted, as all that is said of it.
    await expect(handle.executeUpdate(act, { args: [said] })).rejects.toThrow('binary/encrypted');
  }
  await expect(strict.steward.operateErasure(requestId, act, 'tellRecipients' as never)).rejects.toMatchObject({
    code: 'InvalidRequest',
    message: expect.stringContaining('an object'),
  });
  expect((await strict.steward.describeErasure(requestId)).parked).toEqual([parked]);
  expect(providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`))).toEqual([]);

  providers.aws.rejected.delete(email);
  await strict.steward.operateErasure(requestId, 'retry', { step: 'tellPerson' });
  expect((await ended(strict, requestId)).outcome).toBe('erased');
});
