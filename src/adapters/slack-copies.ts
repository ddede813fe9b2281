/** What we wrote in Slack of somebody is taken away there. */
import type { LostSlackMessage, SlackCopies, SlackCopy } from '../deps.ts';
import { ProviderError } from '../domain/errors.ts';
import type { SlackEraser } from './slack.ts';

type Place<Copy> = { readonly copy: Copy; readonly messageId: string };

/** `accountOf`: where somebody of us is written to in Slack. Without `slack` none is taken away, and the error says so. */
export function createSlackCopies(
  slack: SlackEraser | undefined,
  accountOf: (recipient: LostSlackMessage['recipient']) => string | null,
): SlackCopies {
  return {
    async takeAway(copies, gone, signal) {
      if (copies.length === 0) return null;
      if (slack === undefined) return new ProviderError('slack', 'not configured', { retryable: false });
      const work = { slack, accountOf, gone, signal };
      // Below what is gone nobody finds anything: all are looked for before the first one goes.
      const { places, error } = await locateAll(copies, work);
      if (error?.retryable) return error;
      return (await removeAll(places, work)) ?? error;
    },
  };
}

interface Work<Copy> {
  readonly slack: SlackEraser;
  readonly accountOf: (recipient: LostSlackMessage['recipient']) => string | null;
  readonly gone: (copy: Copy, stood: boolean) => Promise<void>;
  readonly signal: AbortSignal;
}

async function locateAll<Copy extends SlackCopy>(
  copies: readonly Copy[],
  { slack, accountOf, gone, signal }: Work<Copy>,
): Promise<{ places: Place<Copy>[]; error: ProviderError | null }> {
  const places = copies.flatMap((copy) => (copy.messageId === null ? [] : [{ copy, messageId: copy.messageId }]));
  const found: { readonly ticketId: string; readonly messageId: string }[] = [];
  let refused: ProviderError | null = null;
  for (const copy of copies.filter(({ messageId }) => messageId === null).sort((a, b) => begun(a) - begun(b))) {
    const { lost } = copy;
    if (lost === undefined) continue;
    const { recipient, ...message } = lost;
    const channel = accountOf(recipient);
    // One that was lost as well may be what it stands below.
    const others = found.flatMap(({ ticketId, messageId }) => (ticketId === lost.ticketId ? [messageId] : []));
    const error = await refusalOf(async () => {
      if (channel === null) throw NOBODYS;
      const messageId = await slack.locate({ ...message, channel, earlier: [...lost.earlier, ...others] }, signal);
      if (messageId === null) return gone(copy, false);
      found.push({ ticketId: lost.ticketId, messageId });
      places.push({ copy, messageId });
    });
    if (error?.retryable) return { places: [], error };
    refused ??= error;
  }
  return { places, error: refused };
}

async function removeAll<Copy>(
  places: readonly Place<Copy>[],
  { slack, gone, signal }: Work<Copy>,
): Promise<ProviderError | null> {
  let refused: ProviderError | null = null;
  // Slack leaves the place of a message below which something stands.
  for (const { copy, messageId } of [...places].sort((a, b) => postedAt(b) - postedAt(a))) {
    const error = await refusalOf(async () => {
      await slack.remove(messageId, signal);
      await gone(copy, true);
    });
    if (error?.retryable) return error;
    refused ??= error;
  }
  return refused;
}

const NOBODYS = new ProviderError('slack', 'look-up: who got it has no Slack account here any more', {
  retryable: false,
});

async function refusalOf(act: () => Promise<void>): Promise<ProviderError | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

function begun({ lost }: SlackCopy): number {
  return lost?.from ?? 0;
}

function postedAt({ messageId }: { readonly messageId: string }): number {
  return Number(messageId.split(':')[1]);
}
