import { expect, test } from 'vitest';
import { STORES } from '../../src/domain/erase.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { by, OFFICERS, placeHold, playWay, type Way } from './erasure-way.ts';
import { useStage } from './stage.ts';

/**
 * T4, of the ways that not every request goes: an officer approves or vouches, something is kept, there is time to stop it, another request waits.
 * `erasure.test.ts` goes through the ordinary one, so that here only those steps are killed that such a request takes, or takes otherwise.
 */

const stage = useStage();
/** Waits are short, and nothing else is. */
const IN_A_SECOND = { coolingOffHours: 1 / 3_600 };
/** Do the same whatever was decided, or what they did before. */
const SAME = /^(enterState|drainTickets|rememberSubject|tellRecipient|deleteHistories|giveUpRecipients)$/;
const timesOf = (step: string, before: readonly string[]) => before.filter((other) => other === step).length;

const kept: Way = {
  rules: { policy: OFFICERS },
  async begin(scene) {
    const owner = await scene.known();
    await placeHold(scene, owner);
    return { askers: [await scene.ask(owner)] };
  },
  async tend(scene, { askers }, rows, officers) {
    await scene.enterCodes();
    for (const { requestId } of askers)
      if (rows.get(requestId)?.state === 'approving') officers.say(requestId, 'approve', 'bob');
  },
  outcomes: ['partlyErased'],
  killedAt(step, _, before) {
    // The second time there is nothing left to empty.
    if (SAME.test(step) || (step === 'emptyStore' && timesOf(step, before) >= STORES.length)) return false;
    return step === 'decideErasure' || before.includes('decideErasure');
  },
};

/** By an officer’s word from the beginning; with time to stop it, more time for us, and a second wish that waits behind it. */
const vouched: Way = {
  rules: { policy: OFFICERS, hurry: { ...IN_A_SECOND, codeMinutes: 1 / 30 } },
  async begin(scene) {
    const owner = await scene.known();
    const first = await scene.ask(owner, { by: by('ann'), vouches: true });
    return { askers: [first, { ...owner, requestId: newErasureId() }] };
  },
  async tend(scene, { askers: [first, second] }, rows, officers) {
    if (!first || !second) return;
    const state = rows.get(first.requestId)?.state ?? '';
    const isAsked = scene.persons.some(({ requestId }) => requestId === second.requestId);
    if (!isAsked && ['cooling', 'deciding', 'approving'].includes(state)) {
      await scene.ask(second, { by: by('ann'), vouches: true }, second.requestId);
    }
    if (state !== 'approving' || rows.get(second.requestId)?.state !== 'waiting') return;
    // Approved a moment later, though whoever sends the letter about it may have been killed meanwhile.
    const isExtended = rows.get(first.requestId)?.extended_to != null;
    officers.say(first.requestId, isExtended ? 'approve' : 'extend', 'bob');
  },
  outcomes: ['erased', 'nobody'],
  killedAt(step, of, before) {
    if (of === 1)
      return /^(enterState|mailOutcome|endErasure)$/.test(step) || (step === 'takeTurn' && timesOf(step, before) < 2);
    return !/^(openErasure|takeTurn)$/.test(step) && (!before.includes('ruleErasure') || step === 'endErasure');
  },
};

/** An officer’s word comes when the code is out already. */
const vouchedLater: Way = {
  rules: { policy: OFFICERS },
  async begin(scene) {
    return { askers: [await scene.ask(await scene.known())] };
  },
  async tend(scene, { askers }, rows, officers) {
    for (const { requestId } of askers) {
      const state = rows.get(requestId)?.state;
      const hasCode = scene.aws.mails.some(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-code`));
      if (state === 'proving' && hasCode) officers.say(requestId, 'vouch', 'ann');
      if (state === 'approving') officers.say(requestId, 'approve', 'bob');
    }
  },
  outcomes: ['erased'],
  killedAt: (step) => step === 'vouchErasure',
};

/** The person proves a request of their own while an officer’s word for them waits for another’s. */
const superseded: Way = {
  rules: { policy: OFFICERS },
  async begin(scene) {
    const owner = await scene.known();
    const first = await scene.ask(owner, { by: by('ann'), vouches: true });
    return { askers: [first, { ...owner, requestId: newErasureId() }] };
  },
  async tend(scene, { askers: [first, second] }, rows) {
    if (!first || !second) return;
    const isAsked = scene.persons.some(({ requestId }) => requestId === second.requestId);
    if (!isAsked && rows.get(first.requestId)?.state === 'approving') await scene.ask(second, {}, second.requestId);
    await scene.enterCodes();
  },
  outcomes: ['superseded', 'erased'],
  killedAt: (step, of, before) =>
    of === 0
      ? /^(mailOfficers|endErasure)$/.test(step)
      : /^(takeTurn|endErasure)$/.test(step) || (step === 'decideErasure' && before.length > 0),
};

/** Nothing goes, and the person is free again. */
const refused: Way = {
  ...kept,
  async tend(scene, { askers }, rows, officers) {
    await scene.enterCodes();
    for (const { requestId } of askers)
      if (rows.get(requestId)?.state === 'approving') officers.say(requestId, 'refuse', 'bob');
  },
  outcomes: ['refused'],
  killedAt: (step, _, before) =>
    step === 'ruleErasure' || (before.includes('ruleErasure') && step !== 'enterState') || step === 'mailOfficers',
};

/** By the time that an officer approves of a part, everything has to be kept. */
const refusedLate: Way = {
  ...kept,
  async tend(scene, { askers }, rows, officers) {
    await scene.enterCodes();
    for (const asker of askers) {
      if (rows.get(asker.requestId)?.state !== 'approving') continue;
      const holds = scene.db.selectFrom('legal_holds').select('id').where('customer_id', '=', asker.customerId);
      if ((await holds.where('category', '=', 'all').execute()).length === 0) await placeHold(scene, asker, ['all']);
      officers.say(asker.requestId, 'approve', 'bob');
    }
  },
  outcomes: ['refused'],
  killedAt: (step, _, before) =>
    /^(freezeSubject|decideAgain|releaseSubject)$/.test(step) ||
    (before.includes('decideAgain') && /^(mailOutcome|endErasure)$/.test(step)),
};

const withdrawn: Way = {
  rules: { policy: OFFICERS, hurry: { coolingOffHours: 1 } },
  async begin(scene) {
    return { askers: [await scene.ask(await scene.known())] };
  },
  async tend(scene, { askers }, rows) {
    await scene.enterCodes();
    for (const { requestId } of askers) {
      // Whoever hears nothing says it again, and is told that it is over.
      if (rows.get(requestId)?.state === 'cooling')
        await scene.client.withdrawErasure(requestId).catch(() => undefined);
    }
  },
  outcomes: ['withdrawn'],
  killedAt: (step) => /^(mailCoolingOff|endErasure)$/.test(step),
};

const notProved: Way = {
  rules: { policy: OFFICERS, hurry: { codeMinutes: 1 / 30 } },
  async begin(scene) {
    return { askers: [await scene.ask(await scene.known())] };
  },
  tend: async () => {},
  outcomes: ['notProved'],
  killedAt: (step) => /^(openErasure|mailCode|isProved|endErasure)$/.test(step),
};

test.each([
  { name: 'something is kept, by an officer’s approval', way: kept, points: 36 },
  { name: 'vouched for, cooled off, given more time and approved, with another behind it', way: vouched, points: 24 },
  { name: 'vouched for when the code is out', way: vouchedLater, points: 2 },
  { name: 'superseded by the person’s own', way: superseded, points: 6 },
  { name: 'refused by an officer', way: refused, points: 10 },
  { name: 'refused by what came since an officer was asked', way: refusedLate, points: 10 },
  { name: 'stopped by the person', way: withdrawn, points: 4 },
  { name: 'proved by nobody', way: notProved, points: 8 },
])('T4: killed before and after each step: $name', { timeout: 1_800_000 }, async ({ way, points }) => {
  // A new step is killed too.
  expect(await playWay(stage, way)).toBeGreaterThanOrEqual(points);
});
