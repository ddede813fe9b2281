import { expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askFor, ended, hurried, inState, officer, over, provedByCode, row } from './support.ts';

/* Somebody who proves their own request waits for none that an officer only vouched for. */

const providers = useProviders();
const running = useSteward({
  settings: () => providers.settings('ses'),
  // Whoever waits looks again as often as a code is good for.
  privacy: (policy) => ({
    ...policy,
    erasure: { ...hurried(policy).erasure, codeMinutes: 1 / 6 },
    officers: ANN_AND_BOB,
  }),
});
const erasure = () => running.composed.deps.erasure;
const approve = (requestId: string) => running.steward.operateErasure(requestId, 'approve', officer('bob'));
const logged = async (requestId: string) =>
  (
    await running.owner
      .selectFrom('audit_entries')
      .select('action')
      .where('object', '=', `erasure/${requestId}`)
      .orderBy('id')
      .execute()
  ).map(({ action }) => action.replace('erasure.', ''));
const mailsOf = (requestId: string, occasion: string) =>
  providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-${occasion}`));

test('a request that the person has proved takes the place of one that waits for approval: one erasure, and all are told', async () => {
  const { id, email } = await addCustomer(running);
  const vouched = await askFor(running, { customerId: id }, 'ann');
  await inState(running, vouched, 'approving');
  const own = (await provedByCode(running, providers, email)).requestId;
  expect(await over(running, own)).toMatchObject({ outcome: 'erased', approval: null });
  expect(await over(running, vouched)).toMatchObject({
    outcome: 'superseded',
    superseded_by: own,
    erased_at: null,
    approval: null,
    subject_ref: null,
  });
  expect(await running.owner.selectFrom('customers').select('id').where('id', '=', id).execute()).toEqual([]);
  const log = await logged(vouched);
  expect(log).toContain('superseded');
  expect(log.filter((action) => ['frozen', 'emptied', 'shred', 'erased'].includes(action))).toEqual([]);
  expect((await erasure().ledger.read()).filter(({ requestId }) => [own, vouched].includes(requestId))).toHaveLength(1);
  // The person hears once, of their own request; the officers that they need not decide any more.
  expect(mailsOf(vouched, 'outcome')).toEqual([]);
  expect(mailsOf(own, 'outcome')).toHaveLength(1);
  for (const id of ['ann', 'bob']) {
    const [mail, ...more] = mailsOf(vouched, `officer-${id}-superseded`);
    expect(more).toEqual([]);
    expect(mail?.parsed.subject).toContain('needs no approval any more');
    expect(mail?.parsed.text).toContain(`${own}, which goes on in the place of ${vouched}`);
  }
  const page = await (await running.app.request(erasure().pageOf(vouched))).text();
  expect(page).toContain('A later request of the person goes on in the place of this one');
  await expect(approve(vouched)).rejects.toMatchObject({ code: 'InvalidRequest' });
});

test('an officer who approves what was superseded just now approves nothing', async () => {
  const { store } = erasure();
  const { id } = await addCustomer(running);
  const vouched = await askFor(running, { customerId: id }, 'ann');
  await inState(running, vouched, 'approving');
  // As if the word to its workflow were still under way.
  await running.owner.updateTable('erasures').set({ superseded_by: vouched }).where('id', '=', vouched).execute();
  await expect(approve(vouched)).rejects.toMatchObject({
    code: 'UnlawfulTransition',
    message: expect.stringContaining('a request of their own'),
  });
  await expect(store.rule(vouched, 'refused', officer('bob').by, 'no')).rejects.toMatchObject({
    code: 'UnlawfulTransition',
  });
  expect(await row(running, vouched)).toMatchObject({ approval: null, state: 'approving' });
});

test('one that is approved is not superseded: the second waits, and finds nobody', async () => {
  const { id, email } = await addCustomer(running);
  const vouched = await askFor(running, { customerId: id }, 'ann');
  await inState(running, vouched, 'approving');
  // Approved, as far as the database knows; its workflow has not heard yet.
  expect(await erasure().store.rule(vouched, 'approved', officer('bob').by, null)).toBe(true);
  const own = (await provedByCode(running, providers, email)).requestId;
  await inState(running, own, 'waiting');
  await approve(vouched);
  expect((await ended(running, own)).outcome).toBe('nobody');
  expect(await ended(running, vouched)).toMatchObject({ outcome: 'erased', superseded_by: null });
});

test('one that is about more than the person has proved is waited for: nothing more is erased than was proved', async () => {
  const { email } = await addCustomer(running);
  const other = await addCustomer(running, { email });
  const vouched = await askFor(running, { email }, 'ann');
  await inState(running, vouched, 'approving');
  const { store } = erasure();
  const own = await askFor(running, { customerId: other.id }, 'bob');
  await inState(running, own, 'waiting');
  await running.owner.updateTable('erasures').set({ proved_by: 'code' }).where('id', '=', own).execute();
  expect(await store.takeTurn(own, { customerId: other.id })).toEqual({ found: 1, behind: vouched });
  expect(await row(running, vouched)).toMatchObject({ superseded_by: null });
});

test('one whose workflow was ended by force is ended with it', async () => {
  const { id, email } = await addCustomer(running);
  const vouched = await askFor(running, { customerId: id }, 'ann');
  await inState(running, vouched, 'approving');
  await running.temporal.client.workflow.getHandle(erasureWorkflowId(vouched)).terminate('a test');
  const own = (await provedByCode(running, providers, email)).requestId;
  expect((await ended(running, own)).outcome).toBe('erased');
  expect(await row(running, vouched)).toMatchObject({ outcome: 'abandoned', superseded_by: own });
});
