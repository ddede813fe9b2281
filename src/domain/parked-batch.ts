/** The same word to many parked steps. */

export const BATCH_ACTS = ['retry', 'fix', 'skip', 'abort'] as const;
export type BatchAct = (typeof BATCH_ACTS)[number];

/**
 * - `done`: the step took it.
 * - `gone`: it was not parked any more, or parked anew.
 * - `refused`: the ticket can't do that with this step.
 * - `failed`: nobody knows that it took it.
 */
export const ITEM_OUTCOMES = ['done', 'gone', 'refused', 'failed'] as const;
export type ItemOutcome = (typeof ITEM_OUTCOMES)[number];

/** `cancelled`: what has no outcome was left as it was. */
export type BatchEnding = 'finished' | 'cancelled';

export type BatchCounts = Readonly<Record<ItemOutcome | 'untouched', number>>;

export function countOutcomes(outcomes: readonly (ItemOutcome | null)[]): BatchCounts {
  const counts = { done: 0, gone: 0, refused: 0, failed: 0, untouched: 0 };
  for (const outcome of outcomes) counts[outcome ?? 'untouched'] += 1;
  return counts;
}

/** `abort` of a message beside the flow gives the message up: so the timeline calls it. */
export function isSaidBy(act: BatchAct, answeredBy: string): boolean {
  return answeredBy === act || (act === 'abort' && answeredBy === 'giveUp');
}

export function sayCounts({ done, gone, refused, failed, untouched }: BatchCounts): string {
  return `${done} done, ${gone} gone, ${refused} refused, ${failed} failed, ${untouched} untouched`;
}
