import { ActivityFailure, ApplicationFailure, CancellationScope, setHandler } from '@temporalio/workflow';
import * as contract from '../contract.ts';
import { isSkippable } from '../domain/erase.ts';
import { StewardError } from '../domain/errors.ts';
import { assertAnother, assertShown, assertVoucher, type Identity } from '../domain/identity.ts';
import { MARK_WORDS, markOf } from '../domain/mark.ts';
import { namesSomebody } from '../domain/names-somebody.ts';
import { isSince } from './changes.ts';
import { erasing, mailing } from './erase-activities.ts';
import type { Matter } from './erase-matter.ts';
import { toUpdateFailure } from './update-failure.ts';

/**
 * What one may say to an erasure. That nobody decides about a request of their own is judged here, before anything is in the history, and
 * once more in the transaction that writes the decision. Labels of officers are judged where their list is: in the activity.
 */
export function hearErasure(matter: Matter): void {
  setHandler(contract.erasure, () => matter.view());
  setHandler(contract.proved, () => {
    matter.proved = true;
  });
  setHandler(contract.superseded, () => {
    // Under code from before nothing followed from it.
    if (isSince('superseded')) matter.superseded = true;
  });
  setHandler(contract.approveErasure, ({ by }) => rule(matter, 'approved', by), {
    validator: (said) => lawful(() => assertRuling(matter, said)),
    description: 'A privacy officer lets the erasure go on',
  });
  setHandler(contract.refuseErasure, ({ by, reason }) => rule(matter, 'refused', by, reason), {
    validator: (said) =>
      lawful(() => {
        assertRuling(matter, said);
        assertReason(said.reason);
      }),
    description: 'A privacy officer refuses it, with the reason that the person is told',
  });
  setHandler(contract.extendErasure, ({ by, reason }) => extend(matter, by, reason), {
    validator: (said) =>
      lawful(() => {
        assertShown(said?.by);
        assertReason(said.reason);
        const why = whyNoMoreTime(matter);
        if (why === null) return;
        throw new StewardError('UnlawfulTransition', `no more time can be taken: ${why}`);
      }),
    description: 'Two more months, with a reason that the person is told',
  });
  setHandler(contract.vouchErasure, ({ by }) => vouch(matter, by), {
    validator: (said) =>
      lawful(() => {
        assertVoucher(said?.by);
        if (matter.state === 'proving' && !matter.proved) return;
        throw new StewardError('UnlawfulTransition', `the request is ${matter.state}: no proof is waited for`);
      }),
    description: 'A privacy officer stands in for the code; another has to approve',
  });
  setHandler(contract.withdrawErasure, () => withdraw(matter), {
    validator: () =>
      lawful(() => {
        if (matter.state === 'cooling' && !matter.withdrawn) return;
        throw new StewardError(
          'UnlawfulTransition',
          `the request is ${matter.state}: it can not be stopped (any more)`,
        );
      }),
    description: 'The person stops it, while it is cooling off',
  });
  setHandler(contract.retryErasure, (said?: contract.ErasureStep) => answer(matter, said, 'retry'), {
    validator: (said?: contract.ErasureStep) => lawful(() => parkedStep(matter, said)),
    description: 'A parked step is tried again',
  });
  setHandler(contract.skipErasure, (said?: contract.ErasureStep) => answer(matter, said, 'skip'), {
    validator: (said?: contract.ErasureStep) =>
      lawful(() => {
        const step = parkedStep(matter, said);
        if (isSkippable(step)) return;
        throw new StewardError('InvalidRequest', `${step} is a part of the erasure itself; it can be retried only`);
      }),
    description: 'A parked step is left out',
  });
}

function withdraw(matter: Matter): contract.ErasureView {
  matter.withdrawn = true;
  return matter.view();
}

async function answer(matter: Matter, said: contract.ErasureStep | undefined, act: 'retry' | 'skip') {
  return lawfully(async () => {
    const step = stepOf(matter, said);
    if (isSince('steps-answered-by')) {
      await erasing().logStepAnswer({ requestId: matter.requestId, step, act, by: said?.by ?? null });
      // It may have come right by itself meanwhile; an answer would wait for the next time that it gets stuck.
      if (!matter.parked.has(step)) return matter.view();
    }
    matter.answer(step, act);
    return matter.view();
  });
}

async function rule(matter: Matter, ruling: 'approved' | 'refused', by: Identity, reason?: string) {
  return lawfully(async () => {
    await erasing().ruleErasure({ requestId: matter.requestId, ruling, by, reason: reason ?? null });
    matter.ruling = ruling;
    return matter.view();
  });
}

async function vouch(matter: Matter, by: Identity) {
  return lawfully(async () => {
    await erasing().vouchErasure({ requestId: matter.requestId, by });
    matter.parties = [...matter.parties, by];
    if (matter.ended) throw new StewardError('UnlawfulTransition', 'the time to prove it ended meanwhile');
    matter.proved = true;
    return matter.view();
  });
}

async function extend(matter: Matter, by: Identity, reason: string): Promise<contract.ErasureView> {
  // Histories from before wait in the update until the letter is out.
  const isBeside = isSince('extension-letter-first');
  if (isBeside) matter.extending += 1;
  try {
    return await lawfully(async () => {
      const { dueAtMs } = await erasing().extendErasure({ requestId: matter.requestId, by, reason });
      matter.dueAt = dueAtMs;
      if (isBeside) tellExtension(matter);
      else await mailing(matter).mailExtension(matter.requestId);
      return matter.view();
    });
  } finally {
    if (isBeside) matter.extending -= 1;
  }
}

/** A step like any other: where it is stuck an operator sees it, and what comes after it waits. However often it is said, it is one letter. */
function tellExtension(matter: Matter): void {
  if (matter.extensionLetter) return;
  const sent = CancellationScope.nonCancellable(() =>
    matter.step('tellExtension', () => mailing(matter).mailExtension(matter.requestId)),
  );
  matter.extensionLetter = sent.finally(() => {
    matter.extensionLetter = undefined;
  });
}

function parkedStep(matter: Matter, said: contract.ErasureStep | undefined): string {
  // Who says nothing means the step that is parked; what can't be read, or names none where it should, is not nothing.
  const mark = markOf(said);
  if (mark !== undefined) throw new StewardError('InvalidRequest', `what was said ${MARK_WORDS[mark]}`);
  if (said !== undefined && said !== null && (typeof said !== 'object' || Array.isArray(said))) {
    throw new StewardError('InvalidRequest', 'expected an object with step and by, or nothing');
  }
  if (said?.by !== undefined) assertShown(said.by);
  return stepOf(matter, said);
}

function stepOf(matter: Matter, said: contract.ErasureStep | undefined): string {
  const step = said?.step ?? [...matter.parked.keys()][0];
  if (step !== undefined && matter.parked.has(step)) return step;
  throw new StewardError('NotParked', step === undefined ? 'nothing is parked' : `${step} is not parked`);
}

function assertRuling(matter: Matter, said: contract.Officer | undefined): void {
  assertShown(said?.by);
  assertAnother(matter.parties, said.by);
  if (matter.superseded) {
    throw new StewardError('UnlawfulTransition', 'the person has proved a request of their own, which goes on instead');
  }
  if (matter.state !== 'approving' || matter.ruling !== undefined) {
    throw new StewardError('UnlawfulTransition', `the request is ${matter.state}: no officer is waited for`);
  }
}

function whyNoMoreTime({ ended, state, parked }: Matter): string | null {
  if (state === 'proving') return 'nobody has proved yet whose request it is';
  // From the shred on nobody can be written to any more; before, two letters would cross.
  if (ended || ['shredding', 'looking', 'ended'].includes(state)) return 'the person has had the answer';
  // Where something is stuck, the month may run out before anybody has an answer.
  if (parked.size > 0 && (state === 'freezing' || state === 'erasing')) return null;
  return ['freezing', 'erasing', 'telling'].includes(state) ? 'the data is being erased already' : null;
}

function assertReason(reason: unknown): void {
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 500) {
    throw new StewardError('InvalidRequest', 'reason: expected 1 to 500 characters; the person reads it');
  }
  const named = namesSomebody(reason);
  if (named === null) return;
  throw new StewardError(
    'InvalidRequest',
    `reason: holds ${named}; it is kept when the person is gone, so name nobody`,
  );
}

function lawful(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw toUpdateFailure(error);
  }
}

/**
 * Whoever asks Temporal to cancel it is not followed: what officers say is done all the same, said before, after or in the same moment. Else
 * nobody could end it any more. A history from before has their words fail there.
 */
async function lawfully<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await (isSince('heard-though-cancelled') ? CancellationScope.nonCancellable(act) : act());
  } catch (error) {
    // What an activity refuses, the caller is told as if we had said it.
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    throw cause instanceof ApplicationFailure ? cause : toUpdateFailure(error);
  }
}
