import { condition } from '@temporalio/workflow';
import type { Delivery } from '../domain/delivery.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';

/** Word to our own people. */
export interface Telling {
  readonly occasion: string;
  /** Puts it on record and queues it; `mail`: once more, where Slack won't take it. */
  readonly queue: (channel?: 'mail') => Promise<readonly Delivery[]>;
  /** It is no news any more. */
  readonly isStale: () => boolean;
}

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** By Slack where that is configured, by mail when Slack won't take it; again and again, until somebody was told or it is no news any more. */
export async function tellUntilHeard(
  desk: Desk,
  { occasion, queue, isStale }: Telling,
  first?: readonly Delivery[],
): Promise<void> {
  const queued = first ?? (await queue());
  const bySlack = queued.some((delivery) => delivery.channel === 'slack');
  let mails: readonly Delivery[] | undefined;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    if ((await desk.sendQuietly(queued)) === 'sent') return;
    if (bySlack && !isStale()) {
      mails ??= await queue('mail');
      if ((await desk.sendQuietly(mails)) === 'sent') return own.giveUpDeliveries(desk.memory.ticketId, occasion);
    }
    if (await condition(isStale, pause, { summary: 'Telling them again' })) {
      return own.giveUpDeliveries(desk.memory.ticketId, occasion);
    }
  }
}
