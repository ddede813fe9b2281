/** What erasures kept, as a month's report tells it: what is still there, what has ended, and what should not be there any more. */
import { type ErasureOutcome, type KeptEnd, keptOf, type MadeDecision } from './erase.ts';
import { type CategoryDecision, HOLD_STATUTE } from './erase-policy.ts';
import type { KeptEndFigure, KeptFigures, KeptStill, WithoutReason } from './measure.ts';
import type { Span } from './month.ts';
import type { Category } from './privacy-policy.ts';

/** Why something is kept, in words that may stand in the audit log. */
export interface KeptReason {
  readonly category: Category;
  readonly why: string;
  readonly statute: string;
  /** ISO 8601; null: nobody knows the end. */
  readonly until: string | null;
}

/** What a night found of a request that still keeps something. `unclear`: nothing could be decided. `anotherRequest`: that one decides. */
export type KeptReview =
  | { readonly state: 'decided'; readonly kept: readonly KeptReason[] }
  | { readonly state: 'unclear' | 'anotherRequest' };

/** An erasure that kept something, as it stood when the month ended. */
export interface KeptFacts {
  readonly id: string;
  readonly erasedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: ErasureOutcome | null;
  /** Never another one once it is erased. */
  readonly decision: MadeDecision | null;
  /** What the log says by then: what has ended, and what the nights found. */
  readonly ended: readonly (Pick<KeptEnd, 'category' | 'how'> & { readonly at: Date })[];
  readonly lastReview: KeptReview['state'] | null;
  /** Of the last night that could decide. */
  readonly lastReasons: readonly KeptReason[] | null;
}

/** The night after a reason has ended takes what it kept, and the one after that makes up for it: later is too late. */
export const KEPT_GRACE_MS = 2 * 86_400_000;

export const WITHOUT_REASON_WORDS: Readonly<Record<WithoutReason['why'], string>> = {
  unclear: 'nothing could be decided in the last night',
  windowOpen: 'its request has not ended: the second look is to come',
  anotherRequest: 'an open request of the same person decides',
  notReviewed: 'no night has looked at it since',
  notEnded: 'a night has looked at it, and it is there',
};

/** A hold's own words are for the person it is about: they may tell of whom it speaks. */
export function reasonOf({ why, statute = '' }: Pick<CategoryDecision, 'why' | 'statute'>) {
  const held = statute.split('; ').includes(HOLD_STATUTE);
  return { why: held ? 'held by law' : why, statute };
}

export function keptReasons(decision: Pick<MadeDecision, 'categories'>, categories: readonly Category[]): KeptReason[] {
  return keptOf(decision)
    .filter(({ category }) => categories.includes(category))
    .map((one) => ({ category: one.category, ...reasonOf(one), until: one.until ?? null }));
}

/** `lastReview`: when a night last looked at what is kept, before the month's end. */
export function measureKept(requests: readonly KeptFacts[], lastReview: Date | null, span: Span): KeptFigures {
  const still = requests.flatMap((request) => stillKeptBy(request, span).map((reason) => ({ request, reason })));
  const over = (at: Date | null) => at !== null && at.getTime() + KEPT_GRACE_MS < span.to.getTime();
  return {
    requests: new Set(still.map(({ request }) => request.id)).size,
    still: grouped(still.map(({ reason }) => reason)),
    ended: endsIn(requests, span),
    withoutReason: still
      .flatMap(({ request, reason }) => withoutReason(request, reason, lastReview, span))
      .sort((a, b) => order(`${a.requestId} ${a.category}`, `${b.requestId} ${b.category}`)),
    lastReview: lastReview?.toISOString() ?? null,
    reviewMissing: still.some(({ request }) => over(request.endedAt)) && (lastReview === null || over(lastReview)),
  };
}

/** The record of the request itself is always kept, and is none of it. */
function stillKeptBy(request: KeptFacts, { to }: Span): KeptReason[] {
  const { decision, endedAt, outcome, ended, lastReasons } = request;
  const hasEnded = endedAt !== null && endedAt < to;
  if (decision === null || (hasEnded && outcome !== 'partlyErased')) return [];
  const gone = new Set(ended.map(({ category }) => category));
  const kept = keptOf(decision).filter(({ category }) => category !== 'requestRecord' && !gone.has(category));
  const told = keptReasons(
    decision,
    kept.map(({ category }) => category),
  );
  return told.map((reason) => lastReasons?.find(({ category }) => category === reason.category) ?? reason);
}

function withoutReason(
  { id, endedAt, lastReview: found }: KeptFacts,
  { category, until }: KeptReason,
  lastReview: Date | null,
  { to }: Span,
): WithoutReason[] {
  const isPast = until !== null && Date.parse(until) + KEPT_GRACE_MS < to.getTime();
  const say = (why: WithoutReason['why']): WithoutReason[] => [{ requestId: id, category, until, why }];
  if (found === 'unclear') return say('unclear');
  if (!isPast) return [];
  if (endedAt === null || endedAt >= to) return say('windowOpen');
  if (found === 'anotherRequest') return say('anotherRequest');
  return say(lastReview === null || lastReview.getTime() < Date.parse(until) ? 'notReviewed' : 'notEnded');
}

function grouped(reasons: readonly KeptReason[]): KeptStill[] {
  const groups = new Map<string, KeptStill>();
  for (const { category, why, statute, until } of reasons) {
    const key = JSON.stringify([category, why, statute]);
    const so = groups.get(key) ?? {
      category,
      why,
      statute,
      requests: 0,
      openEnded: 0,
      firstUntil: null,
      lastUntil: null,
    };
    groups.set(key, {
      ...so,
      requests: so.requests + 1,
      openEnded: so.openEnded + (until === null ? 1 : 0),
      firstUntil: until === null || (so.firstUntil !== null && so.firstUntil < until) ? so.firstUntil : until,
      lastUntil: until === null || (so.lastUntil !== null && so.lastUntil > until) ? so.lastUntil : until,
    });
  }
  return sorted(groups);
}

function endsIn(requests: readonly KeptFacts[], { from, to }: Span): KeptEndFigure[] {
  const figures = new Map<string, KeptEndFigure>();
  for (const { category, how, at } of requests.flatMap(({ ended }) => ended)) {
    if (at < from || at >= to) continue;
    const key = JSON.stringify([category, how]);
    figures.set(key, { category, how, requests: (figures.get(key)?.requests ?? 0) + 1 });
  }
  return sorted(figures);
}

function sorted<T>(figures: ReadonlyMap<string, T>): T[] {
  return [...figures].sort(([a], [b]) => order(a, b)).map(([, figure]) => figure);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `2036-11-02`, `2034-01-01 to 2036-11-02`, `2036-11-02; no end is known of 2`: by UTC. */
export function sayUntil({ openEnded, requests, firstUntil, lastUntil }: KeptStill): string {
  const days = [...new Set([firstUntil, lastUntil].flatMap((at) => (at === null ? [] : [at.slice(0, 10)])))];
  if (days.length === 0) return 'no end is known';
  return days.join(' to ') + (openEnded === 0 ? '' : `; no end is known of ${openEnded} of ${requests}`);
}

/** What must not be overlooked, for a line of a report; none where all is well. */
export function keptAlarms({ withoutReason, reviewMissing }: KeptFigures): string[] {
  const [count, data] = [withoutReason.length, withoutReason.length === 1 ? 'category' : 'categories'];
  return [
    ...(count === 0 ? [] : [`${count} ${data} of data kept without a reason that is known.`]),
    ...(reviewMissing ? ['No night of the last two looked at what is kept.'] : []),
  ];
}
