/** The ways of erasures. What takes days in the world takes seconds here: how long is in the history, as the answer of its first step. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { erasureWorkflowId } from '../../../src/contract.ts';
import { requestKey } from '../../../src/deps-erasure.ts';
import type { ErasureOutcome } from '../../../src/domain/erase.ts';
import type { PrivacyPolicy } from '../../../src/domain/privacy-policy.ts';
import { newErasureId } from '../../../src/erasure-requests.ts';
import { createErasureIntake } from '../../../src/store/erasure-intake.ts';
import { addCustomer, askByForm, askFor, codeOf, inState, officer, post, routed } from '../../erasure/support.ts';
import { ANN_AND_BOB } from '../../support/officers.ts';
import { outcome } from '../../support/outcome.ts';
import { useProviders } from '../../support/providers.ts';
import { type ReceiverStandIn, startReceiver } from '../../support/stand-ins/receiver.ts';
import { envelope, type TestSteward, useSteward } from '../../support/steward.ts';
import { type Keep, way } from '../record.ts';

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;

/** A code is good for five seconds, and two are between the looks. */
function quick(policy: PrivacyPolicy): PrivacyPolicy {
  return {
    ...policy,
    officers: ANN_AND_BOB,
    erasure: { ...policy.erasure, codeMinutes: 1 / 12, lookAgainDays: 2 / 86_400 },
  };
}

/** A lawsuit in which what they wrote is needed. */
function hold(steward: TestSteward, customerId: string) {
  const held = { customer_id: customerId, category: 'conversations', why: 'a lawsuit', placed_by: 'ann' };
  return steward.owner
    .insertInto('legal_holds')
    .values({ id: `H-${customerId}`, ...held } as never)
    .execute();
}

/** Once its workflow has ended, which is a little after its row says so. */
async function keepEnd(keep: Keep, steward: TestSteward, requestId: string, outcome: ErasureOutcome): Promise<void> {
  const workflowId = erasureWorkflowId(requestId);
  expect(await steward.temporal.client.workflow.getHandle(workflowId).result()).toEqual({ requestId, outcome });
  await keep(steward, workflowId);
}

export function erasureWays(): void {
  const providers = useProviders();
  const silent = {} as { current: ReceiverStandIn };
  beforeAll(async () => {
    silent.current = await startReceiver(SECRET);
  });
  afterAll(() => silent.current?.stop());

  const usual = useSteward({ settings: () => providers.settings('ses', 'slack'), privacy: quick });
  /** The officers are warned so early that each request has to be at once. */
  const warned = useSteward({
    settings: () => providers.settings('ses'),
    privacy: (policy) => ({ ...quick(policy), erasure: { ...quick(policy).erasure, warnDays: 40 } }),
  });
  const unheard = useSteward({
    settings: () => providers.settings('ses', 'slack'),
    secrets: { OURS: SECRET },
    privacy: (policy) => ({
      ...quick(policy),
      recipients: [
        ...policy.recipients,
        { name: 'silent', kind: 'webhook', categories: ['identity'], url: silent.current.url, secretEnv: 'OURS' },
      ],
    }),
  });

  async function prove(steward: TestSteward, { requestId, path }: { requestId: string; path: string }): Promise<void> {
    const code = await codeOf(providers, requestId);
    expect((await post(steward, path, { code: code === '0000 0000' ? '1111 1111' : '0000 0000' })).status).toBe(422);
    expect((await post(steward, path, { code })).status).toBe(303);
  }
  async function parkedAt(steward: TestSteward, requestId: string, step: string): Promise<void> {
    await outcome(async () =>
      expect((await steward.steward.describeErasure(requestId)).parked).toMatchObject([{ step }]),
    );
    // It goes beside: where it falls must not depend on how quick we are.
    await officerMails(requestId, `parked-${step}`);
  }
  const lettersAbout = (...words: string[]) =>
    providers.aws.mails.filter(({ raw }) => words.every((word) => raw.includes(word)));
  const officerMails = (requestId: string, news: string) =>
    outcome(() => expect(lettersAbout(`${requestId}-officer-`, `-${news}`)).toHaveLength(2));

  way(
    'erasure-proved',
    'somebody with a running ticket: a wrong code, the right one, all steps, both looks',
    async (keep) => {
      const email = 'ada@customer.example';
      const event = envelope({ customerEmail: email });
      await usual.post(event);
      await routed(usual, event.detail.ticketId);
      const asked = await askByForm(usual, email);
      await prove(usual, asked);
      await keepEnd(keep, usual, asked.requestId, 'erased');
    },
  );

  way('erasure-approved', 'something is kept by law: an officer approves, the rest is erased', async (keep) => {
    const { id, email } = await addCustomer(usual);
    await hold(usual, id);
    const asked = await askByForm(usual, email);
    await prove(usual, asked);
    await inState(usual, asked.requestId, 'approving');
    await usual.steward.operateErasure(asked.requestId, 'approve', officer('bob'));
    await keepEnd(keep, usual, asked.requestId, 'partlyErased');
  });

  way(
    'erasure-refused-late',
    'all is kept by law since an officer was asked: refused, frozen as they are',
    async (keep) => {
      const { id, email } = await addCustomer(usual);
      await hold(usual, id);
      const asked = await askByForm(usual, email);
      await prove(usual, asked);
      await inState(usual, asked.requestId, 'approving');
      await usual.owner.updateTable('legal_holds').set({ category: 'all' }).where('customer_id', '=', id).execute();
      await usual.steward.operateErasure(asked.requestId, 'approve', officer('bob'));
      await keepEnd(keep, usual, asked.requestId, 'refused');
    },
  );

  way('erasure-cancelled', 'somebody asks Temporal to cancel it; an officer approves all the same', async (keep) => {
    const { id } = await addCustomer(usual);
    const requestId = await askFor(usual, { customerId: id }, 'ann');
    await inState(usual, requestId, 'approving');
    await officerMails(requestId, 'approval');
    await usual.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).cancel();
    await usual.steward.operateErasure(requestId, 'approve', officer('bob'));
    await keepEnd(keep, usual, requestId, 'erased');
  });

  way('erasure-refused', 'an officer vouches for somebody, another refuses', async (keep) => {
    const requestId = await askFor(usual, { customerId: (await addCustomer(usual)).id }, 'ann');
    await inState(usual, requestId, 'approving');
    await usual.steward.operateErasure(requestId, 'refuse', { ...officer('bob'), reason: 'it is needed' });
    await keepEnd(keep, usual, requestId, 'refused');
  });

  way('erasure-behind', 'waits behind an earlier request of the same person, and finds nobody', async (keep) => {
    const { id, email } = await addCustomer(usual);
    const first = await askFor(usual, { customerId: id }, 'ann');
    await inState(usual, first, 'approving');
    const second = await askFor(usual, { email }, 'ann');
    await inState(usual, second, 'waiting');
    await usual.steward.operateErasure(first, 'approve', officer('bob'));
    await keepEnd(keep, usual, second, 'nobody');
  });

  way('erasure-superseded', 'an officer vouches for somebody, who then proves a request of their own', async (keep) => {
    const { id, email } = await addCustomer(usual);
    const vouched = await askFor(usual, { customerId: id }, 'ann');
    await inState(usual, vouched, 'approving');
    await officerMails(vouched, 'approval');
    await prove(usual, await askByForm(usual, email));
    await keepEnd(keep, usual, vouched, 'superseded');
  });

  way('erasure-vouched', 'an officer vouches for a request that is there, another approves', async (keep) => {
    const { requestId } = await askByForm(usual, (await addCustomer(usual)).email);
    await codeOf(providers, requestId);
    await usual.steward.operateErasure(requestId, 'vouch', officer('ann'));
    await inState(usual, requestId, 'approving');
    await usual.steward.operateErasure(requestId, 'approve', officer('bob'));
    await keepEnd(keep, usual, requestId, 'erased');
  });

  way(
    'erasure-parked',
    'the code’s mail fails four times and is retried by an operator, the last mail is refused and left out',
    async (keep) => {
      const { email } = await addCustomer(usual);
      providers.aws.failNext('500', { action: 'SendRawEmail' }, 4);
      const asked = await askByForm(usual, email);
      await parkedAt(usual, asked.requestId, 'sendCode');
      await usual.steward.operateErasure(asked.requestId, 'retry', {});
      await prove(usual, asked);
      providers.aws.rejected.add(email);
      await parkedAt(usual, asked.requestId, 'tellPerson');
      await usual.steward.operateErasure(asked.requestId, 'skip', { step: 'tellPerson' });
      await keepEnd(keep, usual, asked.requestId, 'erased');
    },
  );

  way('erasure-found', 'something is left, which both looks find: the officers hear of it each time', async (keep) => {
    const { email } = await addCustomer(usual);
    await writeFile(join(usual.stateDir, 'left.log'), `sent to ${email}\n`);
    const asked = await askByForm(usual, email);
    await prove(usual, asked);
    await keepEnd(keep, usual, asked.requestId, 'erased');
  });

  way(
    'erasure-silent',
    'a recipient that does not answer is asked once more, then beside, until the window closes',
    async (keep) => {
      const { email } = await addCustomer(unheard);
      silent.current.failNext('500', {}, 1_000);
      const asked = await askByForm(unheard, email);
      await prove(unheard, asked);
      await keepEnd(keep, unheard, asked.requestId, 'erased');
    },
  );

  way(
    'erasure-extended',
    'the officers are warned of the deadline, one takes two months more; it waits for their approval',
    async (keep) => {
      const requestId = await askFor(warned, { customerId: (await addCustomer(warned)).id }, 'ann');
      await inState(warned, requestId, 'approving');
      await officerMails(requestId, 'warning');
      await warned.steward.operateErasure(requestId, 'extend', { ...officer('bob'), reason: 'it is much' });
      await outcome(() => expect(lettersAbout(requestId, 'extension')).toHaveLength(1));
      await keep(warned, erasureWorkflowId(requestId));
    },
  );

  way(
    'erasure-letter-first',
    'the letter about more time is stuck while another officer approves; retried, it goes out before the outcome',
    async (keep) => {
      const { id, email } = await addCustomer(usual);
      const requestId = await askFor(usual, { customerId: id }, 'ann');
      await inState(usual, requestId, 'approving');
      await officerMails(requestId, 'approval');
      providers.aws.rejected.add(email);
      await usual.steward.operateErasure(requestId, 'extend', { ...officer('bob'), reason: 'it is much' });
      await parkedAt(usual, requestId, 'tellExtension');
      await usual.steward.operateErasure(requestId, 'approve', officer('bob'));
      await inState(usual, requestId, 'telling');
      providers.aws.rejected.delete(email);
      await usual.steward.operateErasure(requestId, 'retry', { step: 'tellExtension' });
      await keepEnd(keep, usual, requestId, 'erased');
    },
  );

  way('erasure-not-proved', 'nobody enters the code', async (keep) => {
    const { requestId } = await askByForm(usual, (await addCustomer(usual)).email);
    await keepEnd(keep, usual, requestId, 'notProved');
  });

  way('erasure-late', 'the legal period is over: the officers hear of it', async (keep) => {
    const requestId = newErasureId();
    const asked = JSON.stringify({ email: 'nobody@customer.example' });
    await createErasureIntake(warned.owner).create({
      id: requestId,
      via: 'cli',
      sealed: await warned.composed.ring.seal(requestKey(requestId), asked),
      dueAt: new Date(Date.now() - 1_000),
      requester: null,
      voucher: null,
      assertedAt: null,
      provedBy: null,
    });
    await warned.steward.requestErasure(requestId);
    await officerMails(requestId, 'late');
    await keepEnd(keep, warned, requestId, 'notProved');
  });

  way('erasure-abandoned', 'a request that was never written down', async (keep) => {
    const requestId = newErasureId();
    await usual.steward.requestErasure(requestId);
    await keepEnd(keep, usual, requestId, 'abandoned');
  });
}
