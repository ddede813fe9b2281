import { beforeEach, expect, test } from 'vitest';
import { composeErasureRequests } from '../../src/compose-erasure.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { dateIn, endOfDate, periodEnd } from '../../src/domain/calendar.ts';
import { CATEGORIES, type PrivacyPolicy } from '../../src/domain/privacy-policy.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';
import {
  ended,
  hurried,
  inState,
  knownWithTicket,
  officer,
  over,
  type Person,
  provedByCode,
  row,
  vouchedBy,
} from './support.ts';

/* Nothing is erased of whoever is refused: by an officer, by a hold, or by duties. */

const providers = useProviders();
const settings = () => providers.settings('ses', 'slack');
const officers = ['ann', 'bob', 'cat'].map((id) => ({ id, email: `${id}@support.example`, mayApprove: true }));
const asking = useSteward({
  settings,
  privacy: (policy) => ({ ...hurried(policy), approval: 'always', officers }),
});
const DUTY = {
  why: 'Kept for tax audits',
  statute: '§ 147 AO',
  exception: 'legalObligation',
  period: 'P6Y',
  from: 'requestReceived',
} as const;
/** Where a day's last hour is the next day's in UTC. */
const ZONE = 'America/Los_Angeles';
const bound = useSteward({
  settings,
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'never',
    categories: keepingAll(policy),
    controller: { ...policy.controller, timeZone: ZONE },
  }),
});
function keepingAll({ categories }: PrivacyPolicy): PrivacyPolicy['categories'] {
  const kept = CATEGORIES.map((name) => [name, { ...categories[name], keep: [DUTY] }]);
  return Object.fromEntries(kept) as PrivacyPolicy['categories'];
}
beforeEach(() => providers.aws.rejected.clear());

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

async function vouched(
  steward: TestSteward,
  email: string,
  officerId: string,
  { policy } = steward.composed.deps.erasure,
): Promise<string> {
  const requestId = newErasureId();
  const parts = {
    db: steward.owner,
    keys: steward.composed.ring,
    policy,
    linkSecret: LINK_SECRET.reveal(),
  };
  const requests = composeErasureRequests(parts, steward.steward, undefined);
  await requests.ask({ requestId, asked: { email }, via: 'cli', ...vouchedBy(officerId) });
  return requestId;
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
  const { requested_by: requestedBy, requester, via } = await row(steward, requestId);
  const by = requester === null ? {} : { by: requester };
  expect(log.find(({ action }) => action === 'requested')?.after).toEqual({ via, requestedBy, ...by });
  expect(log.filter(({ action }) => ERASING.includes(action))).toEqual([]);
  expect(log.at(-1)).toMatchObject({ action: 'ended', after: { outcome: 'refused' } });
  const ledger = await steward.composed.deps.erasure.ledger.read();
  expect(ledger.filter((entry) => entry.requestId === requestId)).toEqual([]);
}

test('an officer denies what needs approval: all stays, the person hears why, and the log whose word it was', async () => {
  const { steward } = asking;
  const ada = await knownWithTicket(asking);
  const before = await standing(asking, ada);
  const requestId = await vouched(asking, ada.email, 'ann');
  await inState(asking, requestId, 'approving');
  const deny = (officerId: string) =>
    steward.operateErasure(requestId, 'refuse', { ...officer(officerId), reason: 'April is not paid for' });
  const approve = (officerId: string) => steward.operateErasure(requestId, 'approve', officer(officerId));

  // Who made the request decides nothing, either way.
  for (const act of [deny, approve]) {
    await expect(act('ann')).rejects.toMatchObject({
      code: 'OwnRequest',
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
  expect(await over(asking, requestId)).toMatchObject({ approval: 'refused', ruled_by: 'key/of-bob' });
  await expect(approve('cat')).rejects.toMatchObject({ code: 'InvalidRequest' });

  const [answer, ...more] = answersTo(requestId);
  expect(more).toEqual([]);
  expect(answer?.parsed.to).toMatchObject({ text: expect.stringContaining(ada.email) });
  expect(answer?.parsed.text).toContain('We have to refuse that: April is not paid for.');
  // The policy would have erased nearly all of it; what is kept is everything.
  const { policy, pageOf } = asking.composed.deps.erasure;
  const page = await (await asking.app.request(pageOf(requestId))).text();
  for (const category of CATEGORIES.filter((name) => name !== 'requestRecord')) {
    const kept = `${policy.categories[category].description}: April is not paid for`;
    expect(answer?.parsed.text).toContain(`- ${kept}`);
    expect(page).toContain(kept);
  }
  await expectNothingErased(asking, requestId);
  expect(await standing(asking, ada)).toEqual(before);
  const log = await logOf(asking, requestId);
  expect(log.filter(({ action }) => ['approved', 'refused'].includes(action))).toEqual([
    { action: 'refused', actor_kind: 'key', actor_id: 'of-bob', after: officer('bob') },
  ]);
  // The officers hear beside, of the step that was stuck.
  const answers = log.filter(({ after }) => (after as { occasion?: string } | null)?.occasion === 'outcome');
  expect(answers.map(({ action, after }) => ({ action, after })).slice(-2)).toEqual([
    { action: 'mailIntent', after: { occasion: 'outcome' } },
    { action: 'mailSent', after: { occasion: 'outcome' } },
  ]);
});

test('a hold on everything refuses the whole, says why and until when, and once it is lifted a new request is granted', async () => {
  const ada = await knownWithTicket(asking);
  const before = await standing(asking, ada);
  const holds = createHoldStore(asking.composed.databases.as('steward_officer'));
  const lastDay = new Date(Date.now() + 400 * 86_400_000).toISOString().slice(0, 10);
  const until = endOfDate(lastDay, 'Europe/Berlin').toISOString();
  const placed = await holds.place({ customerId: ada.customerId }, { category: 'all', why: 'A lawsuit', until }, [
    'login/test',
    'officer/bob',
  ]);

  const first = await provedByCode(asking, providers, ada.email);
  await inState(asking, first.requestId, 'approving');
  expect((await row(asking, first.requestId)).decision).toMatchObject({ verdict: 'refuse' });
  // What an officer approves here is that it is refused.
  await asking.steward.operateErasure(first.requestId, 'approve', officer('cat'));
  await ended(asking, first.requestId);
  const text = answersTo(first.requestId)[0]?.parsed.text;
  expect(text).toContain('We have to refuse that.');
  const { categories } = asking.composed.deps.erasure.policy;
  for (const { description } of Object.values(categories)) expect(text).toContain(`- ${description}: A lawsuit`);
  expect(text).toContain(`A lawsuit (Art. 17(3)(e) GDPR), until ${lastDay}`);
  expect(await (await asking.app.request(first.path)).text()).toContain(
    `A lawsuit (Art. 17(3)(e) GDPR), until ${lastDay}`,
  );
  await expectNothingErased(asking, first.requestId);
  expect(await standing(asking, ada)).toEqual(before);
  expect((await logOf(asking, first.requestId)).find(({ action }) => action === 'decided')?.after).toMatchObject({
    verdict: 'refuse',
    categories: CATEGORIES.map((category) => ({ category, verdict: 'keep' })),
  });

  expect(await holds.lift(placed[0]?.id ?? '', ['login/test', 'officer/bob'])).toBe(true);
  const second = await provedByCode(asking, providers, ada.email);
  await inState(asking, second.requestId, 'approving');
  await asking.steward.operateErasure(second.requestId, 'approve', officer('cat'));
  expect((await ended(asking, second.requestId)).outcome).toBe('erased');
  expect(answersTo(second.requestId)[0]?.parsed.text).toContain('we have erased what we know about you');
  const left = asking.owner.selectFrom('customers').select('id').where('id', '=', ada.customerId);
  expect(await left.execute()).toEqual([]);
});

test('duties on every category refuse the whole: by themselves where no officer has to approve', async () => {
  const ada = await knownWithTicket(bound);
  const before = await standing(bound, ada);
  const { requestId, path } = await provedByCode(bound, providers, ada.email);
  const { received_at, decision } = await ended(bound, requestId);
  expect(decision).toMatchObject({ verdict: 'refuse', approval: false });
  const until = dateIn(periodEnd(received_at, DUTY.period, ZONE), ZONE);
  const text = answersTo(requestId)[0]?.parsed.text;
  expect(text).toContain('We have to refuse that.');
  const { categories } = bound.composed.deps.erasure.policy;
  const page = await (await bound.app.request(path)).text();
  for (const { description } of Object.values(categories)) {
    const kept = `${description}: Kept for tax audits (Art. 17(3)(b) GDPR, § 147 AO), until ${until}`;
    expect(text).toContain(`- ${kept}\n`);
    expect(page).toContain(`${kept}<`);
  }
  await expectNothingErased(bound, requestId);
  expect(await standing(bound, ada)).toEqual(before);
  const log = (await logOf(bound, requestId)).map(({ action }) => action);
  expect(log.filter((action) => ['decided', 'approved', 'refused'].includes(action))).toEqual(['decided']);
});

test('an officer can’t vouch where nobody else may approve: it would wait for ever', async () => {
  const { policy } = asking.composed.deps.erasure;
  const alone = [{ id: 'ann', email: 'ann@support.example', mayApprove: true }];
  const others = { id: 'bob', email: 'bob@support.example', mayApprove: false };
  for (const few of [alone, [...alone, others]]) {
    await expect(
      vouched(asking, 'ada@customer.example', 'ann', { policy: { ...policy, officers: few } } as never),
    ).rejects.toThrow('nobody but ann may approve it');
  }
});
