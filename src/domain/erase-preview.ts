/** What an erasure would make of what we hold of a person, told before anything is done. */
import { staysTheirs } from './erase-linked.ts';
import type { CategoryDecision, Decision } from './erase-policy.ts';
import type { Category } from './privacy-policy.ts';

/** Rows, files, messages or histories of one store. */
export interface Held {
  readonly store: string;
  readonly category: Category;
  readonly count: number;
}

/** `unnamed`: labels and numbers stay, under a random name that leads to nobody. */
export type Fate = 'erased' | 'unnamed' | 'kept';

export interface PreviewLine extends Held {
  readonly fate: Fate;
  readonly why: string;
  readonly statute?: string;
  /** Of what is kept, where the end is known; ISO 8601. */
  readonly until?: string;
}

/** These rows stay whatever is decided about them; with the person's name and address goes whose they were. */
const UNNAMED = ['tickets', 'ratings', 'consents', 'consent_history', 'legal_holds'];
/** The shred knows no parts, and letters of earlier requests serve nothing: once anything is erased, all of these go. */
const WHOLE = ['temporal', 'keys', 'letters'];

export function previewOf(held: readonly Held[], decision: Decision): PreviewLine[] {
  if (decision.verdict === 'denied') {
    const why = `nothing is erased while this is unclear: ${decision.errors.join('; ')}`;
    return held.map((one) => ({ ...one, fate: 'kept', why }));
  }
  const theirs = staysTheirs(decision.categories.filter(({ verdict }) => verdict === 'keep'));
  const by = new Map(decision.categories.map((one) => [one.category, one]));
  return held.map((one) => {
    if (WHOLE.includes(one.store) && decision.verdict !== 'refuse') {
      return { ...one, fate: 'erased', why: 'goes with whatever is erased; what is kept is kept in the database' };
    }
    const unnamed = UNNAMED.includes(one.store);
    const decided = by.get(one.category);
    if (decided === undefined) return { ...one, fate: 'kept', why: 'nothing is decided about it' };
    if (!unnamed) return { ...one, ...fateOf(decided, false) };
    // Its own reason keeps nothing of it that says whose it was.
    return { ...one, ...fateOf({ category: one.category, ...(theirs ?? by.get('identity') ?? decided) }, true) };
  });
}

function fateOf({ verdict, why, statute, until }: CategoryDecision, unnamed: boolean): Omit<PreviewLine, keyof Held> {
  const fate = verdict === 'keep' ? 'kept' : unnamed ? 'unnamed' : 'erased';
  return { fate, why, ...(statute === undefined ? {} : { statute }), ...(until === undefined ? {} : { until }) };
}
