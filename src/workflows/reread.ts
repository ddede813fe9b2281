import { chooseSentiment, isDegraded } from '../domain/enrich.ts';
import { priorityAfter } from '../domain/route.ts';
import { own, source } from './activities.ts';
import { askAgain } from './ask-again.ts';
import type { Desk } from './desk.ts';
import { failureOf } from './failure.ts';

/**
 * How the customer feels now, by the message that this occasion brought: written down beside how they felt at first. Worse raises the
 * priority by the rule that the first message is judged by; nothing lowers it. Best effort: nobody waits longer than for the source, but
 * where it is read `again` since Comprehend is back.
 */
export async function reread(desk: Desk, occasion: string, again?: 'again'): Promise<void> {
  const { memory, journal } = desk;
  try {
    const [{ finding, ms }, asked] = await Promise.all([
      own.readMessage(memory.ticketId, occasion),
      again ? lookAgain(desk, occasion) : ask(desk, occasion),
    ]);
    const sentiment = chooseSentiment({
      ...asked,
      local: { finding: finding ?? undefined, ms },
      platformScore: undefined,
    });
    // No word of it said anything: that is no news.
    if (sentiment.source === 'none') return;
    const { tier } = memory.row;
    const before = memory.row.priority;
    const priority = priorityAfter(before, sentiment.label, tier);
    memory.facts = { ...memory.facts, sentimentNow: { ...sentiment } };
    if (isDegraded(sentiment)) memory.rereadDegraded = occasion;
    else delete memory.rereadDegraded;
    memory.labels = { ...memory.labels, ...(priority === null ? {} : { priority }) };
    const { label, source: by, outcome, ms: took } = sentiment;
    await journal.commit(
      {
        kind: 'reread',
        facts: { sentiment: { label, source: by, outcome, ms: took }, before, priority, tier },
        row: (row) => ({ priority: priorityAfter(row.priority, sentiment.label, row.tier) }),
      },
      own.recordChange,
    );
  } catch (error) {
    // What is not known now is known by who reads the message.
    failureOf(error);
  }
}

async function lookAgain({ memory }: Desk, occasion: string) {
  const provider = await askAgain(memory, occasion);
  return provider === null ? { providerFailure: 'asked again in vain' } : { provider };
}

async function ask({ memory }: Desk, occasion: string) {
  const plan = memory.sources.find(({ fact }) => fact === 'sentiment');
  if (plan?.by !== 'comprehend') return {};
  try {
    const { sentiment } = await source('comprehend', plan.deadlineMs).detectSentiment(memory.ticketId, occasion);
    return { provider: sentiment };
  } catch (error) {
    return { providerFailure: failureOf(error).cause };
  }
}
