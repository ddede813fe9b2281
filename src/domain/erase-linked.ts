/**
 * What can't be told apart from name and address. Rows about tickets stay as labels and numbers, whatever becomes of their words: whose they are
 * says the person's row alone. While that still names them, so do these, and nobody may be told that they were erased.
 */
import type { CategoryDecision } from './erase-policy.ts';
import type { Category } from './privacy-policy.ts';

const LINKED: readonly Category[] = ['ticketFacts', 'deliveries', 'ratings', 'consents'];
const NAMING: Readonly<Partial<Record<Category, string>>> = { identity: 'your name', contact: 'your address' };

/** Why, by which law and until when such rows stay theirs; null: nothing that is kept names anybody. */
export function staysTheirs(kept: readonly CategoryDecision[]): Omit<CategoryDecision, 'category'> | null {
  const naming = kept.filter(({ category }) => category in NAMING);
  if (naming.length === 0) return null;
  const said = (of: 'why' | 'statute') => [...new Set(naming.flatMap((one) => one[of] ?? []))].join('; ');
  const names = naming.map(({ category }) => NAMING[category]).join(' and ');
  const ends = naming.map(({ until }) => until);
  const last = ends.includes(undefined) ? undefined : ends.toSorted().at(-1);
  return {
    verdict: 'keep',
    why: `it stays yours while we keep ${names}: ${said('why')}`,
    ...(said('statute') === '' ? {} : { statute: said('statute') }),
    ...(last === undefined ? {} : { until: last }),
  };
}

/** Of somebody who is a customer again. */
const THEIRS_AGAIN = { verdict: 'keep', why: 'you are our customer again, under the name that we had kept' } as const;

/** What is kept, and what stays theirs with it. `isBack`: the person is a customer again, under the name that had been kept. */
export function withLinked(kept: readonly CategoryDecision[], isBack: boolean): CategoryDecision[] {
  const why = isBack ? THEIRS_AGAIN : staysTheirs(kept);
  const others = LINKED.filter((one) => !kept.some(({ category }) => category === one));
  return [...kept, ...(why === null ? [] : others.map((category) => ({ category, ...why })))];
}
