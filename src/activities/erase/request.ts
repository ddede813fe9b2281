import { erasureWorkflowId, superseded } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import { type ErasureDeps, noticeKey, requestKey } from '../../deps-erasure.ts';
import type { ErasureRow, Particulars } from '../../deps-erasure-store.ts';
import { due, MONTHS_TO_ANSWER, mayExtend } from '../../domain/calendar.ts';
import {
  type Asked,
  type ErasureOutcome,
  type ErasureState,
  keptCategories,
  keptOf,
  type MadeDecision,
} from '../../domain/erase.ts';
import { decide, keepingBoth } from '../../domain/erase-policy.ts';
import { StewardError } from '../../domain/errors.ts';
import { assertShown, assertVoucher, type Identity } from '../../domain/identity.ts';
import { namesPerson, sayNaming } from '../../domain/names-person.ts';
import { assertMayDecide, assertMayVouch } from '../../domain/officers.ts';
import { here, isRunning, pause, unlessGone } from '../engine.ts';
import { mailFile, TO_PERSON } from './mail-file.ts';
import { removeFiles } from './outbox.ts';
import { destroySealed } from './sealed.ts';

export interface OpenedErasure {
  /** In ms. */
  readonly timings: {
    readonly codeMs: number;
    /** How long the person may stop it once it is proved; absent: not at all. */
    readonly coolingOffMs?: number;
    /** How often a request looks whether the one before it has ended. */
    readonly turnMs: number;
    /** Before the end of the legal period. */
    readonly warnMs: number;
    readonly lookAgainMs: number;
    /** When a silent recipient is asked for the first time again; longer each time. */
    readonly askAgainMs: number;
  };
  /** Which providers have a queue of their own here. */
  readonly queues: { readonly mail: boolean; readonly slack: boolean };
  readonly dueAtMs: number;
  readonly proved: boolean;
  /** Who asked for the person and who vouched for them; missing in histories from before. */
  readonly parties?: readonly Identity[];
  /** Set where its workflow was lost and begins anew. */
  readonly ruling?: Ruling['ruling'];
  /** The same, behind the point from which nothing tells any more whom it is about. */
  readonly resume?: { readonly at: 'shred' | 'look'; readonly verdict: MadeDecision['verdict'] };
}

export interface Redecided {
  readonly verdict: MadeDecision['verdict'];
  /** It was decided without an officer, and by now one has to be asked. */
  readonly mustBeApproved: boolean;
}

export interface Ruling {
  readonly requestId: string;
  readonly ruling: 'approved' | 'refused';
  readonly by: Identity;
  readonly reason: string | null;
}

export type RequestParts = Pick<Deps, 'transports'> & { readonly erasure: ErasureDeps };

/** Steps of a request up to its decision. */
export function erasureRequestActivities({ erasure, transports }: RequestParts) {
  const { store, policy, keys } = erasure;

  async function resumeOf(row: ErasureRow): Promise<Pick<OpenedErasure, 'resume'>> {
    const { decision } = row;
    if (row.provedAt === null || decision === null) return {};
    if (row.erasedAt !== null) return { resume: { at: 'look', verdict: decision.verdict } };
    const isShredded = (await keys.open(requestKey(row.id), row.sealed)) === null;
    return isShredded ? { resume: { at: 'shred', verdict: decision.verdict } } : {};
  }

  return {
    /** Null when the request was never written down, or has ended. The gateway may be about to: asked again for a while. */
    async openErasure(requestId: string): Promise<OpenedErasure | null> {
      const row = await awaitRow(store, requestId);
      if (row === null || row.endedAt !== null) return null;
      return {
        timings: timingsOf(policy.erasure),
        queues: { mail: transports.mail === 'ses', slack: transports.slack === 'slack' },
        dueAtMs: (row.extendedTo ?? row.dueAt).getTime(),
        proved: row.provedAt !== null,
        parties: [row.requester, row.voucher].filter((party) => party !== null),
        ...(row.approval === null ? {} : { ruling: row.approval }),
        ...(await resumeOf(row)),
      };
    },

    async enterState(requestId: string, state: ErasureState): Promise<void> {
      await store.setState(requestId, state);
    },

    async isProved(requestId: string): Promise<boolean> {
      const { provedAt, provedBy, assertedAt } = await rowOf(store, requestId);
      // Who could not be asked for a second proof is somebody whom an officer vouches for.
      const second = !erasure.secondFactor || assertedAt !== null || provedBy === 'officer';
      return provedAt !== null && second;
    },

    /** Takes the person's rows for this request. `found: 0`: nobody of that address or id is known (any more). */
    async takeTurn(requestId: string): Promise<{ found: number; behind: string | null }> {
      const asked = await askedOf(erasure, await rowOf(store, requestId));
      let turn = await store.takeTurn(requestId, asked);
      if (turn.found === 0 && (await isSpokenOf(erasure, asked))) {
        await store.takeIn(asked, digestsOf(erasure, asked));
        turn = await store.takeTurn(requestId, asked);
      }
      if (turn.behind !== null && !(await isRunning(erasureWorkflowId(turn.behind)))) {
        // Somebody terminated it: what it had begun is this request's to end. The row last: until then the next try finds it again.
        await abandon(erasure, turn.behind, requestId);
        await store.takeOver(turn.behind, requestId);
        turn = await store.takeTurn(requestId, asked);
      }
      await tellSuperseded(erasure, requestId);
      return turn;
    },

    /** Decided once: the same request gets the same answer again. @throws StewardError DecisionDenied */
    async decideErasure(requestId: string): Promise<MadeDecision> {
      const row = await rowOf(store, requestId);
      if (row.decision !== null) return row.decision;
      const decided = await decideNow(erasure, requestId);
      // An officer's word in the place of a code needs another officer's.
      const decision = { ...decided, approval: decided.approval || row.provedBy === 'officer' };
      await store.saveDecision(requestId, decision);
      return decision;
    },

    /**
     * Looks once more before anything is destroyed. Before the first store is emptied (`start`), what is to be kept by now is kept, and if
     * that is everything, the request is refused; before the shred, which knows no parts, the erasure waits. `emptying` is asked by
     * workflows of before, which know no late refusal. Answers how far it goes. @throws StewardError DecisionDenied
     */
    async decideAgain(
      requestId: string,
      before: 'start' | 'emptying' | 'shred',
    ): Promise<MadeDecision['verdict'] | Redecided> {
      const { decision, approval } = await rowOf(store, requestId);
      if (decision === null) throw new StewardError('InvalidRequest', `request ${requestId} has no decision yet`);
      const now = await decideNow(erasure, requestId);
      const known = keptCategories(decision);
      const more = keptOf(now).filter(({ category }) => !known.has(category));
      const told = (verdict: MadeDecision['verdict'], mustBeApproved: boolean) =>
        before === 'start' ? { verdict, mustBeApproved } : verdict;
      // One that begins anew was left where an officer was to be asked.
      if (more.length === 0) return told(decision.verdict, decision.approval && approval === null);
      const next = keepingBoth(decision, now);
      // Half an erasure can't be refused any more: its person would read that nothing was erased.
      const canBeRefused = before === 'start' && !(await store.hasEmptied(requestId));
      if (before === 'shred' || (next.verdict === 'refuse' && !canBeRefused)) {
        const said = more.map(({ category, why }) => `${category} (${why})`).join(', ');
        throw new StewardError(
          'DecisionDenied',
          `meanwhile this has to be kept: ${said}; it goes on once that is over or lifted`,
        );
      }
      const mustBeApproved = before === 'start' && next.approval && approval === null;
      await store.replaceDecision(requestId, { ...next, approval: decision.approval || mustBeApproved });
      return told(next.verdict, mustBeApproved);
    },

    /**
     * @throws StewardError OwnRequest: who asked or vouched; InvalidRequest: a label that is none, a reason that names the person;
     * UnlawfulTransition: it is decided
     */
    async ruleErasure({ requestId, ruling, by, reason }: Ruling): Promise<void> {
      assertShown(by);
      assertMayDecide(policy, by);
      if (reason !== null) await assertNamesNobody(erasure, requestId, reason);
      if (await store.rule(requestId, ruling, by, reason)) return;
      throw new StewardError('UnlawfulTransition', 'another officer has decided already');
    },

    /** @throws StewardError InvalidRequest, UnlawfulTransition */
    async vouchErasure({ requestId, by }: { requestId: string; by: Identity }): Promise<void> {
      assertVoucher(by);
      assertMayVouch(policy, by);
      if (await store.vouch(requestId, by)) return;
      throw new StewardError('UnlawfulTransition', 'it is proved already, or over');
    },

    /** That an operator's word sends a parked step on, before it does. */
    async logStepAnswer(said: {
      requestId: string;
      step: string;
      act: 'retry' | 'skip';
      by: Identity | null;
    }): Promise<void> {
      await store.logStepAnswer(said.requestId, said.act, said.step, said.by);
    },

    async extendErasure(said: { requestId: string; by: Identity; reason: string }): Promise<{ dueAtMs: number }> {
      assertShown(said.by);
      assertMayDecide(policy, said.by);
      await assertNamesNobody(erasure, said.requestId, said.reason);
      const row = await rowOf(store, said.requestId);
      const { timeZone, holidays } = policy.controller;
      const calendar = { timeZone, holidays, warnDays: 0, now: new Date() };
      const to = due(row.receivedAt, calendar, { ...calendar, months: MONTHS_TO_ANSWER.extended }).aim;
      if (row.extendedTo === null && !mayExtend(row.receivedAt, calendar, calendar.now)) {
        throw new StewardError('UnlawfulTransition', 'the first month is over: the person had to be told within it');
      }
      await store.extend(said.requestId, to, said.reason, said.by);
      return { dueAtMs: to.getTime() };
    },

    async releaseSubject(requestId: string): Promise<void> {
      await store.release(requestId);
    },

    /** Whatever was sealed for the request goes, however it ended. */
    async endErasure(requestId: string, outcome: ErasureOutcome): Promise<void> {
      // Once more: a worker of before has taken the word and let nothing follow.
      await tellSuperseded(erasure, requestId);
      await store.release(requestId);
      // They say whom it was about, and serve nothing any more. The outcome's serves: who it is to has only now been answered.
      const letters = ['code', 'cooling', 'extension'].map((occasion) => mailFile(requestId, occasion));
      await removeFiles(erasure, requestId, letters);
      await destroySealed(keys, requestId, [requestKey(requestId)]);
      await store.end(requestId, outcome);
    },
  };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function timingsOf({
  codeMinutes,
  coolingOffHours,
  warnDays,
  lookAgainDays,
}: ErasureDeps['policy']['erasure']): OpenedErasure['timings'] {
  const codeMs = codeMinutes * MINUTE;
  const lookAgainMs = lookAgainDays * DAY;
  return {
    codeMs,
    ...(coolingOffHours === null ? {} : { coolingOffMs: coolingOffHours * 60 * MINUTE }),
    turnMs: Math.min(MINUTE, codeMs),
    warnMs: warnDays * DAY,
    lookAgainMs,
    askAgainMs: Math.min(MINUTE, lookAgainMs / 10),
  };
}

/** What a request whose workflow is gone can't take away any more: its letters, and the keys of what was sealed for it. */
export async function abandon(erasure: ErasureDeps, requestId: string, by: string): Promise<void> {
  const { store, keys } = erasure;
  await removeFiles(
    erasure,
    by,
    TO_PERSON.map((occasion) => mailFile(requestId, occasion)),
  );
  const recipients = await store.recipients(requestId);
  const notices = recipients.map(({ recipient }) => noticeKey(requestId, recipient));
  await destroySealed(keys, requestId, [requestKey(requestId), ...notices], by);
  for (const row of recipients) if (row.notice !== null) await store.saveRecipient(requestId, { ...row, notice: null });
}

/** Those in whose place this request goes on end by themselves; one whose workflow is gone is ended here. */
async function tellSuperseded(erasure: ErasureDeps, requestId: string): Promise<void> {
  const { client } = here();
  for (const other of await erasure.store.supersededBy(requestId)) {
    const workflowId = erasureWorkflowId(other);
    await unlessGone(() => client.workflow.getHandle(workflowId).signal(superseded));
    if (await isRunning(workflowId)) continue;
    // It may have ended by itself just now, and then this changes nothing.
    await abandon(erasure, other, requestId);
    await erasure.store.takeOver(other, requestId);
  }
}

/** @throws StewardError DecisionDenied: whatever is unclear denies */
async function decideNow({ store, policy }: ErasureDeps, requestId: string): Promise<MadeDecision> {
  const decided = decide(policy, await store.decisionFacts(requestId, policy.purposes), new Date());
  if (decided.verdict !== 'denied') return decided;
  throw new StewardError('DecisionDenied', `nothing is erased while this is unclear: ${decided.errors.join('; ')}`);
}

/** The workflow's validator has judged the reason by its look; it does not know who the person is. @throws StewardError InvalidRequest */
async function assertNamesNobody(erasure: ErasureDeps, requestId: string, reason: string): Promise<void> {
  const asked = await askedOf(erasure, await rowOf(erasure.store, requestId));
  const named = namesPerson(reason, await erasure.store.knownBy(requestId, asked));
  if (named !== null) throw new StewardError('InvalidRequest', sayNaming('reason', named));
}

const LOOKS = 25;
const PAUSE_MS = 400;

/** Ten seconds: the gateway gives its own request up long before. */
async function awaitRow(store: ErasureDeps['store'], requestId: string): Promise<ErasureRow | null> {
  for (let look = 0; look < LOOKS; look++) {
    const row = await store.row(requestId);
    if (row !== null) return row;
    await pause(PAUSE_MS);
  }
  return null;
}

export async function rowOf(store: ErasureDeps['store'], requestId: string): Promise<ErasureRow> {
  const row = await store.row(requestId);
  if (row === null) throw new StewardError('InvalidRequest', `no erasure request ${requestId}`);
  return row;
}

/** @throws StewardError KeyShredded when the request is over */
export async function askedOf(erasure: ErasureDeps, row: ErasureRow): Promise<Asked> {
  const text = await erasure.keys.open(requestKey(row.id), row.sealed);
  if (text === null) throw new StewardError('KeyShredded', `what request ${row.id} was about is erased`);
  return JSON.parse(text) as Asked;
}

/** Do we hold something of whom no ticket and no CRM has named? */
export function isSpokenOf(erasure: ErasureDeps, asked: Asked): Promise<boolean> {
  return erasure.store.isSpokenOf(asked, digestsOf(erasure, asked));
}

function digestsOf({ subjectDigests }: ErasureDeps, { email, customerId }: Asked): readonly Uint8Array[] {
  return subjectDigests({
    ...(email === undefined ? {} : { email }),
    ...(customerId === undefined ? {} : { customerId }),
  });
}

/** What was remembered of the person; null before that, and once it is shredded. */
export async function particularsOf({ keys }: ErasureDeps, row: ErasureRow): Promise<Particulars | null> {
  const text = row.particulars && (await keys.open(requestKey(row.id), row.particulars));
  return text ? (JSON.parse(text) as Particulars) : null;
}
