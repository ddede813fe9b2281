import type { ErasureDeps } from '../../deps-erasure.ts';
import { normalise } from '../../domain/fingerprint.ts';
import { lettersLeft } from './letters.ts';

export type OutboxParts = Pick<ErasureDeps, 'store' | 'outboxMails' | 'removeFromOutbox' | 'forgetAddressee'>;

/**
 * Removes what lies of the person in the outbox. Where their words are kept and their address is not, the mails stay as they were sent
 * but for whom they were to. May be done again.
 */
export async function emptyOutbox(
  parts: OutboxParts,
  requestId: string,
  keep: ReadonlySet<string>,
  emails: readonly string[],
): Promise<{ files: number; masked: number }> {
  const theirs = new Set(emails.map((email) => normalise('email', email)));
  const letters = await lettersLeft(parts, (address) => theirs.has(address));
  const deliveries = await parts.store.outboxDeliveries(requestId);
  const goes = keep.has('conversations') ? [] : deliveries.map(({ deliveryId }) => deliveryId);
  const files = await parts.removeFromOutbox([...letters, ...goes]);
  if (!keep.has('conversations') || keep.has('contact')) return { files, masked: 0 };
  const toPerson = deliveries.filter((delivery) => delivery.toPerson).map(({ deliveryId }) => deliveryId);
  return { files, masked: await parts.forgetAddressee(toPerson) };
}
