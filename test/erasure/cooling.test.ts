import { describe, expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';
import { addCustomer, askFor, ended, hurried, inState, over, post, provedByCode, row } from './support.ts';

/* T7: somebody else read the code. Before anything is decided the address on file hears of it, and may stop it. */

const providers = useProviders();
const cooling = (hours: number | null) =>
  useSteward({
    settings: () => providers.settings('ses'),
    privacy: (policy) => ({
      ...hurried(policy),
      approval: 'never',
      erasure: { ...hurried(policy).erasure, coolingOffHours: hours },
    }),
  });

const notices = (requestId: string) =>
  providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-cooling`));
const customersOf = (steward: TestSteward, email: string) =>
  steward.owner.selectFrom('customers').select('id').where('email', '=', email).execute();

describe('where the policy sets a time', () => {
  const steward = cooling(1);

  test('the person is told by mail where to stop it; stopped, nothing is erased and they may ask anew', async () => {
    const { email } = await addCustomer(steward);
    const { requestId, path } = await provedByCode(steward, providers, email);
    await inState(steward, requestId, 'cooling');
    await outcome(() => expect(notices(requestId)).toHaveLength(1));
    const [notice] = notices(requestId);
    expect(notice?.parsed.text).toContain('in 1 hour we go on by ourselves');
    expect(notice?.parsed.text).toContain('has proved by the code that this address is theirs.');
    expect(decodeURIComponent(notice?.parsed.text ?? '')).toContain(decodeURIComponent(path));
    await outcome(async () =>
      expect((await steward.steward.describeErasure(requestId)).waitingFor).toMatch(
        /^the person, who may stop it until \d{4}-\d\d-\d\dT.*Z$/,
      ),
    );
    const before = await row(steward, requestId);
    expect(await (await steward.app.request(path)).text()).toContain('Stop the erasure');
    // A GET changes nothing: mail scanners follow links.
    expect((await steward.app.request(`${path}/stop`)).status).toBeGreaterThanOrEqual(400);
    await inState(steward, requestId, 'cooling');

    expect((await post(steward, `${path}/stop`, {})).status).toBe(303);
    const after = await over(steward, requestId);
    expect(after).toMatchObject({ outcome: 'withdrawn', decision: null, erased_at: null, due_at: before.due_at });
    expect(await customersOf(steward, email)).toHaveLength(1);
    const page = await (await steward.app.request(path)).text();
    expect(page).toContain('You have stopped this request');
    expect(page).not.toContain('Stop the erasure');
    const log = steward.owner.selectFrom('audit_entries').select('after').where('object', '=', `erasure/${requestId}`);
    expect(await log.where('action', '=', 'erasure.ended').execute()).toEqual([{ after: { outcome: 'withdrawn' } }]);
    // Twice, or too late, is told so.
    const again = await post(steward, `${path}/stop`, {});
    expect([again.status, await again.text()]).toEqual([422, expect.stringContaining('can not be stopped')]);

    const anew = await provedByCode(steward, providers, email);
    await inState(steward, anew.requestId, 'cooling');
  });

  test('where an officer vouched, the mail does not say that the address was proved', async () => {
    const { email } = await addCustomer(steward);
    const officers = ANN_AND_BOB;
    Object.assign(steward.composed.deps.erasure.policy, { officers });
    const requestId = await askFor(steward, { email }, 'ann');
    await inState(steward, requestId, 'cooling');
    await outcome(() => expect(notices(requestId)).toHaveLength(1));
    const text = notices(requestId)[0]?.parsed.text;
    expect(text).toContain('a privacy officer of ours says that it was you: no code was entered.');
    expect(text).toContain('in 1 hour we go on, and another officer has to approve it.');
    expect(text).not.toContain('proved');
  });

  test('before the code is entered there is nothing to stop', async () => {
    const { email } = await addCustomer(steward);
    const asked = await provedByCode(steward, providers, email);
    await inState(steward, asked.requestId, 'cooling');
    const second = await provedByCode(steward, providers, email);
    await inState(steward, second.requestId, 'waiting');
    expect((await post(steward, `${second.path}/stop`, {})).status).toBe(422);
  });

  test('a customer of whom no address is known can not be told, and is not kept waiting', async () => {
    const { id } = await addCustomer(steward);
    await steward.owner.updateTable('customers').set({ email: null }).where('id', '=', id).execute();
    const officers = [
      { id: 'ann', email: 'ann@support.example', mayApprove: true },
      { id: 'bob', email: 'bob@support.example', mayApprove: true },
    ];
    Object.assign(steward.composed.deps.erasure.policy, { officers });
    const requestId = await askFor(steward, { customerId: id }, 'ann');
    await inState(steward, requestId, 'approving');
    expect(notices(requestId)).toEqual([]);
  });
});

test('T7: an unstopped request goes on when the time is over', async () => {
  const { email } = await addCustomer(soon);
  const { requestId } = await provedByCode(soon, providers, email);
  const end = await ended(soon, requestId);
  expect(end.outcome).toBe('erased');
  expect(notices(requestId)).toHaveLength(1);
  const history = await soon.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).fetchHistory();
  const timers = (history.events ?? []).flatMap(
    ({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout?.seconds ?? [],
  );
  expect(timers.map(Number)).toContain(3);
});
const soon = cooling(3 / 3_600);

test('where it sets none, nobody is told and nothing waits', async () => {
  const { email } = await addCustomer(usual);
  const { requestId } = await provedByCode(usual, providers, email);
  expect((await ended(usual, requestId)).outcome).toBe('erased');
  expect(notices(requestId)).toEqual([]);
  const states = usual.owner.selectFrom('audit_entries').select('after').where('object', '=', `erasure/${requestId}`);
  expect(await states.where('action', '=', 'erasure.state').execute()).not.toContainEqual({
    after: { state: 'cooling' },
  });
});
const usual = cooling(null);
