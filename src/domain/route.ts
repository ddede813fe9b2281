import type { SentimentLabel } from './enrich.ts';

export type Priority = 'HIGH' | 'MEDIUM';

/** HIGH when the sentiment is NEGATIVE and the tier is premium, else MEDIUM (the reference analysis). */
export function priorityOf(sentiment: SentimentLabel, tier: string): Priority {
  return sentiment === 'NEGATIVE' && tier === 'premium' ? 'HIGH' : 'MEDIUM';
}
