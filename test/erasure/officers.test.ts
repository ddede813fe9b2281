import { expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import type { Asked } from '../../src/domain/erase.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askFor, codeOf, hurried, inState, officer, requestsOf, row, vouchedBy } from './support.ts';

/* Nobody decides about a request of their own: judged before anything of it is in the history, and where the decision is written. */

const providers = useProviders();
const running = useSteward({
  settings: () => providers.settings('ses'),
  privacy: (policy) => ({
    ...hurried(policy),
    officers: ['ann', 'bob', 'cat'].map((id) => ({ id, email: `${id}@support.example`, mayApprove: true })),
  }),
});

async function waiting(askedBy = 'ann'): Promise<string> {
  const requestId = await askFor(running, { customerId: (await addCustomer(running)).id }, askedBy);
  await inState(running, requestId, 'approving');
  return requestId;
}
async function updatesIn(requestId: string): Promise<number> {
  const history = await running.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).fetchHistory();
  const kinds = (history.events ?? []).map((event) => Object.keys(event).join(' '));
  return kinds.filter((kind) => kind.includes('UpdateAccepted')).length;
}

test.each([
  ['the same key', ['key/of-ann']],
  ['the same key at the command line, under another label', ['key/of-ann', 'login/bob', 'officer/bob']],
  ['the same label, under another key', ['key/of-bob', 'officer/ann']],
  ['a login, which shows nothing against a key', ['login/bob']],
])('who asked, by %s: turned away before anything is in the history', async (_what, by) => {
  const requestId = await waiting();
  for (const act of ['approve', 'refuse'] as const) {
    await expect(running.steward.operateErasure(requestId, act, { by, reason: 'no' })).rejects.toMatchObject({
      code: 'OwnRequest',
      message: expect.stringMatching(/^by: .*with an API key/),
    });
  }
  expect(await updatesIn(requestId)).toBe(0);
  expect(await row(running, requestId)).toMatchObject({ approval: null, state: 'approving' });
});

test.each([
  ['nobody', undefined],
  ['a label alone', ['officer/bob']],
  ['words', 'bob'],
])('a decision that shows %s is turned away before anything is in the history', async (_what, by) => {
  const requestId = await waiting();
  for (const act of ['approve', 'refuse', 'extend'] as const) {
    const said = running.steward.operateErasure(requestId, act, { by, reason: 'x' } as never);
    await expect(said).rejects.toMatchObject({ code: 'InvalidRequest', message: expect.stringMatching(/^by: /) });
  }
  expect(await updatesIn(requestId)).toBe(0);
});

test('where the decision is written it is judged once more: nothing is written for who asked or vouched', async () => {
  const { store } = running.composed.deps.erasure;
  const requestId = await waiting();
  await expect(store.rule(requestId, 'approved', ['key/of-ann'], null)).rejects.toMatchObject({ code: 'OwnRequest' });
  expect(await row(running, requestId)).toMatchObject({ approval: null, ruled_by: null });
  expect(await store.rule(requestId, 'approved', officer('bob').by, null)).toBe(true);
  // The same again is the same decision; another officer's is none any more.
  expect(await store.rule(requestId, 'approved', officer('bob').by, null)).toBe(true);
  expect(await store.rule(requestId, 'refused', officer('cat').by, 'no')).toBe(false);
  const log = await running.owner
    .selectFrom('audit_entries')
    .select(['actor_kind', 'actor_id', 'after'])
    .where('object', '=', `erasure/${requestId}`)
    .where('action', '=', 'erasure.approved')
    .execute();
  expect(log).toEqual([{ actor_kind: 'key', actor_id: 'of-bob', after: officer('bob') }]);
});

test('who vouches for a request that is there becomes a party to it, beside who made it', async () => {
  const { id, email } = await addCustomer(running);
  const requestId = 'ERA-00000000000000a1';
  const asked: Asked = { email };
  await requestsOf(running).ask({ requestId, asked, via: 'api', by: ['key/platform'] });
  await codeOf(providers, requestId);
  const say = (act: 'vouch' | 'approve', by: string[]) => running.steward.operateErasure(requestId, act, { by });
  await expect(say('vouch', ['login/ann'])).rejects.toMatchObject({ code: 'InvalidRequest' });
  await expect(say('approve', ['key/of-bob'])).rejects.toMatchObject({ code: 'UnlawfulTransition' });
  await say('vouch', officer('ann').by);
  await inState(running, requestId, 'approving');
  for (const party of ['key/platform', 'key/of-ann']) {
    await expect(say('approve', [party])).rejects.toMatchObject({ code: 'OwnRequest' });
  }
  expect(await row(running, requestId)).toMatchObject({
    proved_by: 'officer',
    requester: ['key/platform'],
    voucher: officer('ann').by,
  });
  await say('approve', officer('bob').by);
  await inState(running, requestId, 'ended');
  expect(await row(running, requestId)).toMatchObject({ outcome: 'erased', ruled_by: 'key/of-bob' });
  expect(await running.owner.selectFrom('customers').select('id').where('id', '=', id).execute()).toEqual([]);
});

test('nobody vouches by a label, or by a login that many may share', async () => {
  const { email } = await addCustomer(running);
  const requestId = 'ERA-00000000000000a2';
  for (const by of [['officer/ann'], ['login/ann', 'officer/ann']]) {
    const ask = requestsOf(running).ask({ ...vouchedBy('ann'), requestId, asked: { email }, via: 'cli', by });
    await expect(ask).rejects.toMatchObject({ code: 'InvalidRequest', message: expect.stringMatching(/^by: /) });
  }
  expect(await running.owner.selectFrom('erasures').select('id').where('id', '=', requestId).execute()).toEqual([]);
});
