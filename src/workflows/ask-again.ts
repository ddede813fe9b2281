import { sleep } from '@temporalio/workflow';
import type { Sentiment } from '../domain/enrich.ts';
import { source } from './activities.ts';
import { isSince } from './changes.ts';
import { failureOf, retryDelayMs } from './failure.ts';
import type { Memory } from './memory.ts';

/**
 * Comprehend's word on a message that was judged without it; `occasion`: of which one, without it the first. Nobody waits for it, and an answer
 * that was lost with its worker is asked for again. Null: it is not asked any more, or does not answer.
 */
export async function askAgain({ ticketId, sources }: Memory, occasion?: string): Promise<Sentiment | null> {
  const plan = sources.find(({ fact }) => fact === 'sentiment');
  if (plan?.by !== 'comprehend') return null;
  const ask = () => {
    const { detectSentiment } = source('comprehend', plan.deadlineMs);
    return occasion === undefined ? detectSentiment(ticketId) : detectSentiment(ticketId, occasion);
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return (await ask()).sentiment;
    } catch (error) {
      const delay = retryDelayMs(failureOf(error), attempt);
      if (delay === undefined || !isSince('asks-again-till-answered')) return null;
      await sleep(delay, { summary: 'sentiment: asked again' });
    }
  }
}
