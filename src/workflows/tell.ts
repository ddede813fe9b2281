import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Delivery } from '../domain/delivery.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { condition } from './rest.ts';

/** Word to our own people. */
export interface Telling {
  readonly occasion: string;
  /** Puts it on record and queues it; `mail`: once more, where Slack won't take it. */
  readonly queue: (channel?: 'mail') => Promise<readonly Delivery[]>;
  /** It is no news any more. */
  readonly isStale: () => boolean;
  /** In the place of a plain send. */
  readonly send?: (deliveries: readonly Delivery[]) => Promise<'sent' | 'failed' | 'overtaken'>;
}

/** Somebody said that they have it, or the ticket waits no longer: checked again when our turn to write has come. */
export class Overtaken extends Error {}

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** By Slack where that is configured, by mail when Slack won't take it; again and again, until somebody was told or it is no news any more. */
export async function tellUntilHeard(
  desk: Desk,
  { occasion, queue, isStale, send = desk.sendQuietly }: Telling,
  first?: readonly Delivery[],
): Promise<void> {
  const queued = first ?? (await queue());
  const bySlack = queued.some((delivery) => delivery.channel === 'slack');
  let mails: readonly Delivery[] | undefined;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    if ((await send(queued)) === 'sent') return;
    if (bySlack && !isStale()) {
      mails ??= await queue('mail');
      if ((await send(mails)) === 'sent') return own.giveUpDeliveries(desk.memory.ticketId, occasion);
    }
    if (await condition(isStale, pause, { summary: 'Telling them again' })) {
      return own.giveUpDeliveries(desk.memory.ticketId, occasion);
    }
  }
}

/**
 * Once somebody has the ticket, an attempt that was lost is not repeated by Temporal. One that is under way ends as it may. `overtaken`: it
 * was cancelled before anybody answered.
 */
export async function sendUnless(
  isStale: () => boolean,
  send: () => Promise<'sent' | 'failed'>,
): Promise<'sent' | 'failed' | 'overtaken'> {
  const scope = new CancellationScope();
  const sending = scope.run(send);
  let isOver = false;
  let isCancelled = false;
  void condition(() => isOver || isStale()).then(() => {
    if (isOver) return;
    isCancelled = true;
    scope.cancel();
  });
  try {
    return await sending;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return isCancelled ? 'overtaken' : 'failed';
  } finally {
    isOver = true;
  }
}
