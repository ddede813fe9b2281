/** The way of an erasure, in names: what a request goes through, how it ends, and what an operator may say to a step. */
import { withLinked } from './erase-linked.ts';
import type { CategoryDecision, MadeDecision } from './erase-policy.ts';
import type { Problem } from './errors.ts';
import { CATEGORIES, type Category } from './privacy-policy.ts';

/** Where a request stands. */
export const ERASURE_STATES = [
  'proving',
  'waiting',
  'cooling',
  'deciding',
  'approving',
  'freezing',
  'erasing',
  'telling',
  'shredding',
  'looking',
  'ended',
] as const;
export type ErasureState = (typeof ERASURE_STATES)[number];

/**
 * `superseded`: vouched for and not approved yet, when the person proved a request of their own, which goes on in its place.
 * `withdrawn`: stopped by the person while it was cooling off.
 */
export const ERASURE_OUTCOMES = [
  'erased',
  'partlyErased',
  'refused',
  'notProved',
  'nobody',
  'superseded',
  'withdrawn',
  'abandoned',
] as const;
export type ErasureOutcome = (typeof ERASURE_OUTCOMES)[number];

export type AskedVia = 'form' | 'api' | 'cli' | 'event';
export type ProvedBy = 'code' | 'assertion' | 'officer';

/** What a person is found by. */
export type Asked =
  | { readonly email: string; readonly customerId?: undefined }
  | { readonly customerId: string; readonly email?: undefined };

/** `ERA-` and 16 hex digits, random: the request's name everywhere, which tells nothing of the person. */
export const ERASURE_ID = /^ERA-[0-9a-f]{16}$/;

/** Stores that hold data of a person, in the order in which they are emptied: what leads to others goes last.
 *  Another order is another history: behind `patched()`. */
export const STORES = ['messages', 'deliveries', 'outbox', 'customers'] as const;
export type Store = (typeof STORES)[number];

/** Steps that may be left out by an operator's word: they tell others, or look again. The others are the erasure itself. */
export function isSkippable(step: string): boolean {
  return /^(tell|look|sendCode)/.test(step);
}

export type { MadeDecision } from './erase-policy.ts';

export function keptOf(decision: Pick<MadeDecision, 'categories'>): CategoryDecision[] {
  return decision.categories.filter(({ verdict }) => verdict === 'keep');
}

export function keptCategories(decision: Pick<MadeDecision, 'categories'>): ReadonlySet<Category> {
  return new Set(keptOf(decision).map(({ category }) => category));
}

/**
 * `erased`: its reason had ended. `cameBack`: the person is a customer again, and their row is of the new dealings. `gone`: a later request of
 * the person has taken it.
 */
export interface KeptEnd {
  readonly category: Category;
  readonly how: 'erased' | 'cameBack' | 'gone';
  /** ISO 8601. */
  readonly at: string;
}

/**
 * What stays with us of a request to this day, and is still theirs. An officer who refuses it keeps everything: what the policy would erase for
 * their own reason.
 */
export function keptIn(request: {
  readonly decision: Pick<MadeDecision, 'categories'> | null;
  readonly approval: 'approved' | 'refused' | null;
  readonly rulingReason: string | null;
  readonly keptEnded?: readonly KeptEnd[];
}): CategoryDecision[] {
  const { decision, approval, rulingReason, keptEnded = [] } = request;
  if (decision === null) return [];
  const ended = new Set(keptEnded.map(({ category }) => category));
  if (approval !== 'refused') {
    const kept = keptOf(decision).filter(({ category }) => !ended.has(category));
    return withLinked(
      kept,
      keptEnded.some(({ category, how }) => category === 'identity' && how === 'cameBack'),
    );
  }
  return decision.categories.map((one) =>
    one.verdict === 'keep' ? one : { category: one.category, verdict: 'keep', why: rulingReason ?? '' },
  );
}

/** What is gone of a request that was granted, in part or as a whole: all that is not kept, or no longer. A decision that was restored names only that. */
export function erasedIn(request: Parameters<typeof keptIn>[0]): Category[] {
  if (request.decision === null || request.approval === 'refused') return [];
  const kept = new Set(keptIn(request).map(({ category }) => category));
  // Of who came back the row is of the new dealings.
  for (const { category, how } of request.keptEnded ?? []) if (how === 'cameBack') kept.add(category);
  return CATEGORIES.filter((category) => !kept.has(category));
}

const CODE = /^\d{8}$/;

/** A code as people type it: blanks and dashes between the digits do no harm. */
export function readCode(typed: string): { code: string } | { problems: Problem[] } {
  const code = typed.replace(/[\s-]/g, '');
  if (CODE.test(code)) return { code };
  return { problems: [{ field: 'code', message: 'the 8 digits of the mail, such as 0123 4567' }] };
}
