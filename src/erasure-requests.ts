/** Taking in the wish to be forgotten, and its proof: the same for every door. Knows nobody: who it is about is looked up later, elsewhere. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type ErasureIntake, requestKey } from './deps-erasure.ts';
import type { ErasureRow, RecipientRow } from './deps-erasure-store.ts';
import type { DataKeys } from './deps-keys.ts';
import { dueDate, MONTHS_TO_ANSWER } from './domain/calendar.ts';
import { type Asked, type AskedVia, readCode } from './domain/erase.ts';
import { StewardError, sayProblems } from './domain/errors.ts';
import { normalise } from './domain/fingerprint.ts';
import { assertVoucher, type Identity } from './domain/identity.ts';
import { assertMayVouch } from './domain/officers.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';

export function newErasureId(): string {
  return `ERA-${randomBytes(8).toString('hex')}`;
}

/** An event that comes again is the same request. */
export function erasureIdOf(source: string, eventId: string): string {
  return `ERA-${createHmac('sha256', source).update(eventId).digest('hex').slice(0, 16)}`;
}

export interface ErasureRequestsParts {
  readonly store: ErasureIntake;
  readonly keys: Pick<DataKeys, 'seal' | 'open'>;
  readonly policy: Pick<PrivacyPolicy, 'erasure' | 'controller' | 'officers'>;
  readonly codeDigest: (requestId: string, code: string) => Uint8Array;
  readonly limitBuckets: (email: string) => readonly Uint8Array[];
  readonly sourceBucket: (source: string) => Uint8Array;
  /** Says whether the signed word of the support platform holds that this very person is signed in there, and until when. */
  readonly checkAssertion: (
    assertion: string,
    asked: Asked,
  ) => { readonly signed: string; readonly until: Date } | { readonly wrong: string };
  readonly assertionDigest: (signed: string) => Uint8Array;
  /** The platform's word does not stand in for the code: both are asked for. */
  readonly secondFactor: boolean;
  readonly start: (requestId: string) => Promise<void>;
  readonly tellProved: (requestId: string) => Promise<void>;
  readonly tellWithdrawn: (requestId: string) => Promise<unknown>;
}

export interface ErasureWish {
  readonly requestId: string;
  readonly asked: Asked;
  readonly via: AskedVia;
  /** Where a stranger's came from, for the limit. */
  readonly source?: string | undefined;
  readonly assertion?: string | undefined;
  /** Who asks for the person, where it is not they themself. */
  readonly by?: Identity | undefined;
  /** That one is an officer who knows the person: no code is needed, another officer has to approve. */
  readonly vouches?: boolean | undefined;
}

export type CodeAnswer = 'proved' | 'wrong' | 'over';
export interface ErasureLook {
  readonly row: ErasureRow;
  readonly recipients: readonly RecipientRow[];
  /** The code that proves it: still awaited, or its tries or its time are over. Null: none was made, or none is needed any more. */
  readonly code: 'awaited' | 'triesOver' | 'timeOver' | null;
}
export interface ErasureRequests {
  /**
   * @throws StewardError TooManyRequests, InvalidRequest (an assertion that does not hold, an officer that nobody knows), RequestConflict
   * (the id is another request's: somebody else's, or one that is over)
   */
  ask(wish: ErasureWish): Promise<{ readonly known: boolean }>;
  /** Counts a try. `over`: no try is left, or the code's time is over, or there is none (yet). @throws StewardError InvalidRequest */
  enterCode(requestId: string, typed: string): Promise<CodeAnswer>;
  /** The person stops it. `over`: it can not be stopped (any more). */
  withdraw(requestId: string): Promise<'withdrawn' | 'over'>;
  look(requestId: string): Promise<ErasureLook | null>;
}

export function createErasureRequests(parts: ErasureRequestsParts): ErasureRequests {
  const { store, policy } = parts;
  return {
    async ask(wish) {
      const { requestId, asked, via, assertion, by } = wish;
      const vouched = assertion === undefined ? null : parts.checkAssertion(assertion, asked);
      if (vouched !== null && 'wrong' in vouched) throw wrongAssertion(vouched.wrong);
      if (wish.vouches === true) {
        assertVoucher(by);
        assertMayVouch(policy, by);
      }
      // A repeat is no further request; whether there is one tells nothing about the person.
      const known = await store.row(requestId);
      if (!(await store.countRequest(bucketsOf(parts, wish, known !== null)))) {
        throw new StewardError(
          'TooManyRequests',
          'There were too many such requests today. Try again tomorrow, or write to us.',
        );
      }
      if (known !== null) await assertSame(parts, wish, known);
      // Whoever has seen it on its way shall not use it for a request of their own.
      if (vouched !== null) {
        const digest = parts.assertionDigest(vouched.signed);
        if (!(await store.spendAssertion(digest, requestId, vouched.until))) {
          throw wrongAssertion('was used for another request; each request needs one of its own');
        }
      }
      const sealed = await parts.keys.seal(requestKey(requestId), JSON.stringify(asked));
      // First the workflow: should we die before the row is there, it ends by itself, nobody was told yes, and a repeat starts it anew.
      await parts.start(requestId);
      const created = await store.create({
        id: requestId,
        via,
        sealed,
        dueAt: dueDate(new Date(), { ...policy.controller, months: MONTHS_TO_ANSWER.first }),
        requester: by ?? null,
        voucher: wish.vouches === true ? (by ?? null) : null,
        assertedAt: vouched === null ? null : new Date(),
        provedBy: provedBy(wish, parts.secondFactor),
      });
      // Another wish may have taken the id since we looked.
      const taken = known === null && created.known ? await store.row(requestId) : null;
      if (taken !== null) await assertSame(parts, wish, taken);
      return created;
    },

    async enterCode(requestId, typed) {
      const read = readCode(typed);
      if ('problems' in read)
        throw new StewardError('InvalidRequest', sayProblems(read.problems), { problems: read.problems });
      const right = await store.tryCode(requestId, policy.erasure.tries);
      if (right === null) {
        // Entered twice: the first time may have been lost on the way to the workflow.
        if ((await store.row(requestId))?.provedBy !== 'code') return 'over';
        await parts.tellProved(requestId);
        return 'over';
      }
      const given = parts.codeDigest(requestId, read.code);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return 'wrong';
      await store.prove(requestId, 'code');
      await parts.tellProved(requestId);
      return 'proved';
    },

    async withdraw(requestId) {
      try {
        await parts.tellWithdrawn(requestId);
        return 'withdrawn';
      } catch (error) {
        if (!(error instanceof StewardError) || !/^(UnlawfulTransition|InvalidRequest)$/.test(error.code)) throw error;
        return 'over';
      }
    },

    async look(requestId) {
      const row = await store.row(requestId);
      return row && { row, recipients: await store.recipients(requestId), code: codeOf(row, policy.erasure.tries) };
    },
  };
}

/** The same whether we know the person: a code is made for either. */
function codeOf({ provedAt, endedAt, codeExpiresAt, codeAttempts }: ErasureRow, tries: number): ErasureLook['code'] {
  if (provedAt !== null || endedAt !== null || codeExpiresAt === null) return null;
  if (codeAttempts >= tries) return 'triesOver';
  return codeExpiresAt.getTime() <= Date.now() ? 'timeOver' : 'awaited';
}

/** What makes a code needless: an officer's word, or the platform's where it is not asked for beside the code. */
function provedBy({ vouches, assertion }: ErasureWish, secondFactor: boolean) {
  if (vouches === true) return 'officer';
  return assertion !== undefined && !secondFactor ? 'assertion' : null;
}

function wrongAssertion(message: string): StewardError {
  return new StewardError('InvalidRequest', `assertion: ${message}`, { problems: [{ field: 'assertion', message }] });
}

/**
 * What the request's own key opens is compared, and nothing is kept for it: with the key goes the answer, so that an id whose request is
 * over is taken by nobody any more. One text for both, which tells nothing of whom we know.
 * @throws StewardError RequestConflict; logged first, so that a wish whose sender does not listen is not lost
 */
async function assertSame({ store, keys }: ErasureRequestsParts, wish: ErasureWish, row: ErasureRow): Promise<void> {
  const { requestId, asked, via, by } = wish;
  const sealed =
    row.endedAt === null && row.sealed.length > 0 ? await keys.open(requestKey(requestId), row.sealed) : null;
  if (sealed !== null && isSame(JSON.parse(sealed) as Asked, asked)) return;
  await store.refuseReuse(requestId, { via, by: by ?? null });
  throw new StewardError(
    'RequestConflict',
    'This id belongs to another request for erasure: of somebody else, or one that is over. Nothing was taken; send the wish again under an id of its own.',
  );
}

function isSame(one: Asked, other: Asked): boolean {
  if (one.email === undefined || other.email === undefined) return one.customerId === other.customerId;
  return normalise('email', one.email) === normalise('email', other.email);
}

/**
 * Only strangers are limited by where they come from: whoever has a key answers for it, and passes on what many people ask. A repeat
 * counts for where it comes from alone, lest somebody try out by it whose request a page is.
 */
function bucketsOf(parts: ErasureRequestsParts, { asked, source }: ErasureWish, repeated: boolean) {
  const { perAddressAndDay: perAddress, perSourceAndDay: perSource } = parts.policy.erasure;
  // An id is limited as an address is.
  const named = repeated ? [] : parts.limitBuckets(asked.email ?? asked.customerId);
  const whom = named.map((bucket) => ({ bucket, limit: perAddress }));
  return source === undefined ? whom : [...whom, { bucket: parts.sourceBucket(source), limit: perSource }];
}
