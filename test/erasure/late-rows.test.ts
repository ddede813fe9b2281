/** Between a person's turn and the freeze there may be weeks: an officer thinks, or the person may still stop it. */
import { describe, expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import { decide } from '../../src/domain/erase-policy.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askFor, ended, hurried, inState, officer, provedByCode, row } from './support.ts';

const providers = useProviders();
const officers = ['ann', 'bob'].map((id) => ({ id, email: `${id}@support.example`, mayApprove: true }));

describe('rows of the person that came meanwhile', () => {
  const steward = useSteward({
    settings: () => providers.settings('ses'),
    privacy: (policy) => ({ ...hurried(policy), approval: 'always', officers }),
  });
  const left = (ids: readonly string[]) =>
    steward.owner.selectFrom('customers').select('id').where('id', 'in', ids).execute();
  const approve = (requestId: string) => steward.steward.operateErasure(requestId, 'approve', officer('bob'));

  test('a second account of the address that was proved goes with the first', async () => {
    const { id, email } = await addCustomer(steward);
    const { requestId } = await provedByCode(steward, providers, email);
    await inState(steward, requestId, 'approving');
    const other = await addCustomer(steward, { email: email.toUpperCase() });
    await approve(requestId);
    expect(await ended(steward, requestId)).toMatchObject({ outcome: 'erased' });
    expect(await left([id, other.id])).toEqual([]);
  });

  test('so does one of the address that an officer vouched for, and none beside the account that they vouched for', async () => {
    const [byAddress, byId] = [await addCustomer(steward), await addCustomer(steward)];
    const requests = [
      await askFor(steward, { email: byAddress.email }, 'ann'),
      await askFor(steward, { customerId: byId.id }, 'ann'),
    ] as const;
    for (const requestId of requests) await inState(steward, requestId, 'approving');
    const theirs = await addCustomer(steward, { email: byAddress.email });
    const others = await addCustomer(steward, { email: byId.email });
    for (const requestId of requests) {
      await approve(requestId);
      await ended(steward, requestId);
    }
    expect(await left([byAddress.id, byId.id, theirs.id, others.id])).toEqual([{ id: others.id }]);
  });

  test('one that another request works on stays that one’s', async () => {
    const { id, email } = await addCustomer(steward);
    const { requestId } = await provedByCode(steward, providers, email);
    await inState(steward, requestId, 'approving');
    const other = await addCustomer(steward, { email });
    const second = await askFor(steward, { customerId: other.id }, 'ann');
    await inState(steward, second, 'approving');
    await approve(requestId);
    await ended(steward, requestId);
    expect(await left([id, other.id])).toEqual([{ id: other.id }]);
    expect(await row(steward, second)).toMatchObject({ state: 'approving' });
  });
});

describe('a hold that came meanwhile, where an officer is asked only when something is to be kept', () => {
  const steward = useSteward({
    settings: () => providers.settings('ses'),
    privacy: (policy) => ({
      ...hurried(policy),
      approval: 'whenRefused',
      officers,
      erasure: { ...hurried(policy).erasure, coolingOffHours: 1 / 300 },
    }),
  });

  test.each([
    ['approve', 'partlyErased'],
    ['refuse', 'refused'],
  ] as const)('an officer is asked then, and may %s', async (act, end) => {
    const { id: customerId, email } = await addCustomer(steward);
    const { requestId } = await provedByCode(steward, providers, email);
    await inState(steward, requestId, 'cooling');
    // It is decided without a hold, as far as the request knows, and the hold stands when that is looked at again.
    const hold = { category: 'conversations', why: 'A lawsuit', until: null } as const;
    const { decision } = await row(steward, await decidedBefore(requestId));
    expect(decision).toMatchObject({ verdict: 'erase', approval: false });
    await createHoldStore(steward.composed.databases.as('steward_officer')).place({ customerId }, hold, [
      'login/test',
      'officer/ann',
    ]);
    await inState(steward, requestId, 'approving');
    const frozen = steward.owner.selectFrom('customers').select('frozen_at').where('id', '=', customerId);
    expect((await frozen.executeTakeFirstOrThrow()).frozen_at).not.toBeNull();
    await steward.steward.operateErasure(requestId, act, {
      ...officer('bob'),
      ...(act === 'refuse' ? { reason: 'all of it is needed' } : {}),
    } as never);
    expect(await ended(steward, requestId)).toMatchObject({
      outcome: end,
      approval: act === 'approve' ? 'approved' : 'refused',
    });
    expect((await frozen.executeTakeFirst())?.frozen_at ?? null).toBeNull();
    await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).result();
  });

  /** Writes the decision down while the person may still stop it: decided once, it is the answer when its turn comes. */
  async function decidedBefore(requestId: string): Promise<string> {
    const { policy, store } = steward.composed.deps.erasure;
    const decided = decide(policy, await store.decisionFacts(requestId, policy.purposes), new Date());
    if (decided.verdict === 'denied') throw new Error(decided.errors.join());
    await store.saveDecision(requestId, decided);
    return requestId;
  }
});
