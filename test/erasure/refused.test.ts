import { beforeEach, expect, test, vi } from 'vitest';
import { composeErasureRequests } from '../../src/compose-erasure.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, type TestSteward, useSteward } from '../support/steward.ts';
import { ended, hurried, row } from './support.ts';

/* Nothing is erased of whoever is refused. */

vi.setConfig({ testTimeout: 60_000 });

const providers = useProviders();
const settings = () => providers.settings('ses', 'slack');
const officers = ['ann', 'bob', 'cat'].map((id) => ({ id, email: `${id}@support.example`, mayApprove: true }));
const asking = useSteward({
  settings,
  privacy: (policy) => ({ ...hurried(policy), approval: 'always', officers }),
});
beforeEach(() => providers.aws.rejected.clear());

interface Person {
  readonly email: string;
  readonly customerId: string;
  readonly ticketId: string;
}

/** Somebody with a ticket that runs, and whose messages have gone out. */
async function known(steward: TestSteward): Promise<Person> {
  const email = `d${Math.random().toString(36).slice(2)}@customer.example`;
  const event = envelope({ customerEmail: email, customerName: 'Ada Lovelace' });
  const { customerId, ticketId } = event.detail;
  expect((await steward.post(event)).status).toBe(202);
  await outcome(async () => {
    const sent = (await steward.read.deliveries(ticketId)).filter(({ status }) => status === 'sent');
    expect(sent).toHaveLength(2);
  });
  return { email, customerId, ticketId };
}

/** All that an erasure would take or change. */
async function standing({ owner, temporal }: TestSteward, { customerId, ticketId }: Person) {
  const all = (table: 'messages' | 'deliveries') =>
    owner.selectFrom(table).selectAll().where('ticket_id', '=', ticketId).orderBy('id').execute();
  const workflow = await temporal.client.workflow.getHandle(ticketWorkflowId(ticketId)).describe();
  return {
    customer: await owner.selectFrom('customers').selectAll().where('id', '=', customerId).executeTakeFirstOrThrow(),
    ticket: await owner.selectFrom('tickets').selectAll().where('id', '=', ticketId).executeTakeFirstOrThrow(),
    messages: await all('messages'),
    deliveries: await all('deliveries'),
    keys: await owner.selectFrom('data_keys').selectAll().where('subject_id', '=', customerId).execute(),
    slack: providers.slack.messages.length,
    workflow: workflow.status.name,
  };
}

async function vouched(steward: TestSteward, email: string, vouchedBy: string): Promise<string> {
  const requestId = newErasureId();
  const parts = {
    db: steward.owner,
    keys: steward.composed.ring,
    policy: steward.composed.deps.erasure.policy,
    linkSecret: 'a secret of tests, 32 letters or more',
  };
  const requests = composeErasureRequests(parts, steward.steward, undefined);
  await requests.ask({ requestId, asked: { email }, via: 'cli', vouchedBy });
  return requestId;
}

function inState(steward: TestSteward, requestId: string, state: string) {
  return outcome(async () => expect((await row(steward, requestId)).state).toBe(state));
}

function answersTo(requestId: string) {
  return providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`));
}

async function logOf({ owner }: TestSteward, requestId: string) {
  const entries = await owner
    .selectFrom('audit_entries')
    .select(['action', 'actor_kind', 'actor_id', 'after'])
    .where('object', '=', `erasure/${requestId}`)
    .orderBy('id')
    .execute();
  return entries.map(({ action, ...entry }) => ({ ...entry, action: action.replace(/^erasure\./, '') }));
}

/** What the log has only of those who are erased. */
const ERASING = ['frozen', 'drain', 'emptied', 'recipient', 'shredIntent', 'shred', 'deleteHistories', 'erased'];

async function expectNothingErased(steward: TestSteward, requestId: string): Promise<void> {
  expect(await row(steward, requestId)).toMatchObject({ outcome: 'refused', erased_at: null, subject_ref: null });
  const log = await logOf(steward, requestId);
  expect(log.filter(({ action }) => ERASING.includes(action))).toEqual([]);
  expect(log.at(-1)).toMatchObject({ action: 'ended', after: { outcome: 'refused' } });
  const ledger = await steward.composed.deps.erasure.ledger.read();
  expect(ledger.filter((entry) => entry.requestId === requestId)).toEqual([]);
}

test('an officer denies what needs approval: all stays, the person hears why, and the log whose word it was', async () => {
  const { steward } = asking;
  const ada = await known(asking);
  const before = await standing(asking, ada);
  const requestId = await vouched(asking, ada.email, 'ann');
  await inState(asking, requestId, 'approving');
  const deny = (officerId: string) =>
    steward.operateErasure(requestId, 'refuse', { officerId, reason: 'April is not paid for' });
  const approve = (officerId: string) => steward.operateErasure(requestId, 'approve', { officerId });

  // Who made the request decides nothing, either way.
  for (const act of [deny, approve]) {
    await expect(act('ann')).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/another/),
    });
  }
  expect(await row(asking, requestId)).toMatchObject({ approval: null, ruled_by: null, state: 'approving' });

  // The answer does not get through at first: the request is open still when a second officer comes.
  providers.aws.rejected.add(ada.email);
  await deny('bob');
  await outcome(async () => {
    expect((await steward.describeErasure(requestId)).parked).toMatchObject([{ step: 'tellPerson' }]);
  });
  for (const act of [() => approve('cat'), () => deny('cat'), () => approve('bob')]) {
    await expect(act()).rejects.toMatchObject({ code: 'UnlawfulTransition' });
  }
  providers.aws.rejected.clear();
  await steward.operateErasure(requestId, 'retry', {});
  expect(await ended(asking, requestId)).toMatchObject({ approval: 'refused', ruled_by: 'bob' });
  await expect(approve('cat')).rejects.toMatchObject({ code: 'InvalidRequest' });

  const [answer, ...more] = answersTo(requestId);
  expect(more).toEqual([]);
  expect(answer?.parsed.to).toMatchObject({ text: expect.stringContaining(ada.email) });
  expect(answer?.parsed.text).toContain('We have to refuse that: April is not paid for.');
  await expectNothingErased(asking, requestId);
  expect(await standing(asking, ada)).toEqual(before);
  const log = await logOf(asking, requestId);
  expect(log.filter(({ action }) => ['approved', 'refused'].includes(action))).toEqual([
    { action: 'refused', actor_kind: 'person', actor_id: 'bob', after: {} },
  ]);
  const mails = log.filter(({ action }) => action.startsWith('mail')).map(({ action, after }) => ({ action, after }));
  expect(mails.slice(-2)).toEqual([
    { action: 'mailIntent', after: { occasion: 'outcome' } },
    { action: 'mailSent', after: { occasion: 'outcome' } },
  ]);
});
