import type { SentimentLabel } from './enrich.ts';

export type Priority = 'HIGH' | 'MEDIUM';

/** HIGH when the sentiment is NEGATIVE and the tier is premium, else MEDIUM (the reference analysis). */
export function priorityOf(sentiment: SentimentLabel, tier: string): Priority {
  return sentiment === 'NEGATIVE' && tier === 'premium' ? 'HIGH' : 'MEDIUM';
}

/** After a further message: the same rule can raise it, and nothing lowers it. Null stays null, for what was never judged. */
export function priorityAfter(
  before: Priority | null,
  sentiment: SentimentLabel,
  tier: string | null,
): Priority | null {
  if (before === null) return null;
  return priorityOf(sentiment, tier ?? '') === 'HIGH' ? 'HIGH' : before;
}
