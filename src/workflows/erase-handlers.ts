import { ActivityFailure, ApplicationFailure, setHandler } from '@temporalio/workflow';
import * as contract from '../contract.ts';
import { isSkippable } from '../domain/erase.ts';
import { StewardError } from '../domain/errors.ts';
import { erasing, mailing } from './erase-activities.ts';
import type { Matter } from './erase-matter.ts';
import { toUpdateFailure } from './update-failure.ts';

/** What one may say to an erasure. Who may rule is judged where the officers' list is: in the activity. */
export function hearErasure(matter: Matter): void {
  setHandler(contract.erasure, () => matter.view());
  setHandler(contract.proved, () => {
    matter.proved = true;
  });
  setHandler(contract.approveErasure, ({ officerId }) => rule(matter, 'approved', officerId), {
    validator: (said) => lawful(() => assertRuling(matter, said)),
    description: 'A privacy officer lets the erasure go on',
  });
  setHandler(contract.refuseErasure, ({ officerId, reason }) => rule(matter, 'refused', officerId, reason), {
    validator: (said) =>
      lawful(() => {
        assertRuling(matter, said);
        assertReason(said.reason);
      }),
    description: 'A privacy officer refuses it, with the reason that the person is told',
  });
  setHandler(contract.extendErasure, ({ officerId, reason }) => extend(matter, officerId, reason), {
    validator: (said) =>
      lawful(() => {
        assertOfficer(said);
        assertReason(said.reason);
        const proving = matter.state === 'proving';
        if (!proving && !isAnswered(matter)) return;
        const why = proving ? 'nobody has proved yet whose request it is' : 'the person has had the answer';
        throw new StewardError('UnlawfulTransition', `no more time can be taken: ${why}`);
      }),
    description: 'Two more months, with a reason that the person is told',
  });
  setHandler(contract.retryErasure, (said?: contract.ParkedStep) => answer(matter, said, 'retry'), {
    validator: (said?: contract.ParkedStep) => lawful(() => stepOf(matter, said)),
    description: 'A parked step is tried again',
  });
  setHandler(contract.skipErasure, (said?: contract.ParkedStep) => answer(matter, said, 'skip'), {
    validator: (said?: contract.ParkedStep) =>
      lawful(() => {
        const step = stepOf(matter, said);
        if (isSkippable(step)) return;
        throw new StewardError('InvalidRequest', `${step} is a part of the erasure itself; it can be retried only`);
      }),
    description: 'A parked step is left out',
  });
}

function answer(matter: Matter, said: contract.ParkedStep | undefined, act: 'retry' | 'skip'): contract.ErasureView {
  matter.answer(stepOf(matter, said), act);
  return matter.view();
}

async function rule(matter: Matter, ruling: 'approved' | 'refused', officerId: string, reason?: string) {
  return lawfully(async () => {
    await erasing().ruleErasure({ requestId: matter.requestId, ruling, officerId, reason: reason ?? null });
    matter.ruling = ruling;
    return matter.view();
  });
}

async function extend(matter: Matter, officerId: string, reason: string) {
  return lawfully(async () => {
    const { dueAtMs } = await erasing().extendErasure({ requestId: matter.requestId, officerId, reason });
    matter.dueAt = dueAtMs;
    await mailing(matter).mailExtension(matter.requestId);
    return matter.view();
  });
}

function stepOf(matter: Matter, said: contract.ParkedStep | undefined): string {
  const step = said?.step ?? [...matter.parked.keys()][0];
  if (step !== undefined && matter.parked.has(step)) return step;
  throw new StewardError('NotParked', step === undefined ? 'nothing is parked' : `${step} is not parked`);
}

function assertRuling(matter: Matter, said: contract.Officer): void {
  assertOfficer(said);
  if (matter.state !== 'approving' || matter.ruling !== undefined) {
    throw new StewardError('UnlawfulTransition', `the request is ${matter.state}: no officer is waited for`);
  }
}

/** From the shred on nobody can be written to any more. */
function isAnswered({ ended, state }: Matter): boolean {
  return ended || ['shredding', 'looking', 'ended'].includes(state);
}

function assertOfficer(said: contract.Officer | undefined): void {
  if (typeof said?.officerId === 'string' && said.officerId !== '') return;
  throw new StewardError(
    'InvalidRequest',
    'officerId: expected the id of a privacy officer, as in policies/privacy.yaml',
  );
}

function assertReason(reason: unknown): void {
  if (typeof reason === 'string' && reason.trim() !== '' && reason.length <= 500) return;
  throw new StewardError('InvalidRequest', 'reason: expected 1 to 500 characters; the person reads it');
}

function lawful(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw toUpdateFailure(error);
  }
}

async function lawfully<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    // What an activity refuses, the caller is told as if we had said it.
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    throw cause instanceof ApplicationFailure ? cause : toUpdateFailure(error);
  }
}
