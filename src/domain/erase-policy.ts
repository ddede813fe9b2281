/** Which of what we hold of a person is erased, and which is kept: why, by which law, and until when. */
import { periodEnd } from './calendar.ts';
import { type ErasureFacts, type ErasureRules, faultsOf } from './erase-facts.ts';
import { CATEGORIES, type Category, type CategoryRule, EXCEPTIONS, GROUNDS, type Ground } from './privacy-policy.ts';

export interface CategoryDecision {
  readonly category: Category;
  readonly verdict: 'erase' | 'keep';
  /** For the person. */
  readonly why: string;
  readonly statute?: string;
  /** Where it is kept and the end is known. */
  readonly until?: string;
}

export type Decision =
  | {
      readonly verdict: 'erase' | 'partly' | 'refuse';
      /** A privacy officer has to approve first. */
      readonly approval: boolean;
      readonly categories: readonly CategoryDecision[];
    }
  /** Nothing could be decided, so nothing is erased. */
  | { readonly verdict: 'denied'; readonly errors: readonly string[] };
/** A decision that something follows from; one that was denied erases nothing and waits for people. */
export type MadeDecision = Exclude<Decision, { readonly verdict: 'denied' }>;

/** What shows that a request was dealt with is kept by its nature, and says nothing about whether the request was granted. */
const NOT_ASKED_FOR: readonly Category[] = ['requestRecord'];

/** Is something kept of what was asked for? Of a request that is granted. */
export function isPartly(categories: readonly CategoryDecision[]): boolean {
  return categories.some(({ category, verdict }) => verdict === 'keep' && !NOT_ASKED_FOR.includes(category));
}

/** Never throws: whatever is missing, unknown or broken denies. */
export function decide(policy: ErasureRules, facts: ErasureFacts, now: Date): Decision {
  try {
    const errors = faultsOf(policy, facts, now);
    if (errors.length > 0) return { verdict: 'denied', errors };
    const categories = CATEGORIES.map((category) => decideCategory(category, policy, facts, now));
    const verdict = verdictOn(categories);
    const approval = policy.approval === 'always' || (policy.approval === 'whenRefused' && verdict !== 'erase');
    return { verdict, approval, categories };
  } catch (error) {
    return { verdict: 'denied', errors: [error instanceof Error ? error.message : 'the decision failed'] };
  }
}

function verdictOn(categories: readonly CategoryDecision[]): MadeDecision['verdict'] {
  const asked = categories.filter(({ category }) => !NOT_ASKED_FOR.includes(category));
  const erased = asked.filter(({ verdict }) => verdict === 'erase');
  return erased.length === asked.length ? 'erase' : erased.length > 0 ? 'partly' : 'refuse';
}

/**
 * What is kept by either decision: nobody has approved of erasing what was to be kept when they were asked, though its reason has gone since.
 * `approval`: as it is made now.
 */
export function keepingBoth(before: MadeDecision, now: MadeDecision): MadeDecision {
  const categories = now.categories.map((one) => {
    const known = before.categories.find(({ category }) => category === one.category);
    return one.verdict === 'erase' && known?.verdict === 'keep' ? known : one;
  });
  return { verdict: verdictOn(categories), approval: now.approval, categories };
}

function decideCategory(category: Category, policy: ErasureRules, facts: ErasureFacts, now: Date): CategoryDecision {
  const rule = policy.categories[category];
  const reasons = [...holdsOf(category, facts, now), ...dutiesOf(rule, facts, now, policy.controller.timeZone)];
  if (reasons.length > 0) return keep(category, reasons);
  const claimed = facts.ground === 'any' ? rule.grounds : rule.grounds.filter((ground) => ground === facts.ground);
  const ground = claimed.find((ground) => applies(ground, rule, facts));
  if (ground)
    return { category, verdict: 'erase', why: WHY_ERASED[ground], statute: `Art. 17(1)(${GROUNDS[ground]}) GDPR` };
  return keep(category, [{ why: whyNot(claimed, rule, facts), statute: 'Art. 17(1) GDPR', until: undefined }]);
}

interface Reason {
  readonly why: string;
  readonly statute: string;
  readonly until: Date | undefined;
}

/** Of a legal hold alone: a duty to keep names its own statute behind it. */
export const HOLD_STATUTE = `Art. 17(3)(${EXCEPTIONS.legalClaims}) GDPR`;

function holdsOf(category: Category, { holds }: ErasureFacts, now: Date): Reason[] {
  return holds
    .filter((hold) => hold.category === category || hold.category === 'all')
    .map(({ why, until }) => ({
      why,
      statute: HOLD_STATUTE,
      until: until === null ? undefined : new Date(until),
    }))
    .filter((reason) => stands(reason, now));
}

function dutiesOf(rule: CategoryRule, { events }: ErasureFacts, now: Date, timeZone: string): Reason[] {
  return rule.keep
    .filter(({ from }) => events[from] !== 'never')
    .map(({ why, statute, exception, period, from }) => ({
      why,
      statute: `Art. 17(3)(${EXCEPTIONS[exception]}) GDPR, ${statute}`,
      // What is still to come comes now at the earliest.
      until: periodEnd(events[from] === 'notYet' ? now : new Date(events[from]), period, timeZone),
    }))
    .filter((reason) => stands(reason, now));
}

function stands({ until }: Reason, now: Date): boolean {
  return until === undefined || until.getTime() >= now.getTime();
}

/** All reasons are told; it is kept until the last of them is over. */
function keep(category: Category, reasons: readonly Reason[]): CategoryDecision {
  const ends = reasons.map(({ until }) => until?.getTime() ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...ends);
  const said = (what: 'why' | 'statute') => [...new Set(reasons.map((reason) => reason[what]))].join('; ');
  return {
    category,
    verdict: 'keep',
    why: said('why'),
    statute: said('statute'),
    ...(Number.isFinite(last) ? { until: new Date(last).toISOString() } : {}),
  };
}

/** Art. 17(1)(b): consent withdrawn suffices only where there is no other legal ground for the processing. */
function applies(ground: Ground, rule: CategoryRule, { consents }: ErasureFacts): boolean {
  const states = rule.purposes.map((purpose) => consents[purpose]);
  const consentAlone = rule.legalBases.every((basis) => basis === 'consent');
  if (ground === 'consentWithdrawn') {
    return consentAlone && states.includes('withdrawn') && !states.includes('granted');
  }
  // What rests on a consent that stands is not unlawful.
  if (ground === 'unlawful' && consentAlone) return !states.includes('granted');
  return true;
}

function whyNot(claimed: readonly Ground[], rule: CategoryRule, { consents }: ErasureFacts): string {
  if (claimed.length === 0) return 'the reason given does not apply to this';
  if (rule.purposes.some((purpose) => consents[purpose] === 'granted')) return 'the consent that it rests on stands';
  const others = rule.legalBases.filter((basis) => basis !== 'consent');
  return others.length > 0 ? 'another legal basis for it stands' : 'no reason for erasure applies to this';
}

const WHY_ERASED: Readonly<Record<Ground, string>> = {
  noLongerNecessary: 'no longer necessary for what it was collected for',
  consentWithdrawn: 'consent was withdrawn, and nothing else carries it',
  objection: 'you object, and nothing overrides that',
  unlawful: 'there is no legal basis for it',
  duty: 'a law demands that it be erased',
  child: 'it was collected from a child for a service on the Internet',
};
