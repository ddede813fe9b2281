import type { ErasureDeps } from '../../deps-erasure.ts';
import type { AuditActor } from '../../domain/audit.ts';
import { normalise } from '../../domain/fingerprint.ts';
import { lettersLeft } from './letters.ts';

export type OutboxParts = Pick<ErasureDeps, 'store' | 'outboxMails' | 'removeFromOutbox' | 'forgetAddressee'>;

/**
 * Removes what lies of the person in the outbox. Where their words are kept and their address is not, the mails stay as they were sent
 * but for whom they were to. The log says so before, and how many files after; by the request's workflow unless told. May be done again.
 */
export async function emptyOutbox(
  parts: OutboxParts,
  requestId: string,
  keep: ReadonlySet<string>,
  emails: readonly string[],
  by?: AuditActor,
): Promise<void> {
  const theirs = new Set(emails.map((email) => normalise('email', email)));
  const letters = await lettersLeft(parts, (address) => theirs.has(address));
  const deliveries = await parts.store.outboxDeliveries(requestId);
  const goes = keep.has('conversations') ? [] : deliveries.map(({ deliveryId }) => deliveryId);
  await removeFiles(parts, requestId, [...letters, ...goes], by);
  if (!keep.has('conversations') || keep.has('contact')) return;
  const toPerson = deliveries.filter((delivery) => delivery.toPerson).map(({ deliveryId }) => deliveryId);
  await maskFiles(parts, requestId, toPerson, by);
}

/** Removes files of the outbox: the log says so before, and how many there were after. */
export async function removeFiles(
  { removeFromOutbox, store }: Pick<ErasureDeps, 'removeFromOutbox' | 'store'>,
  requestId: string,
  deliveryIds: readonly string[],
  by?: AuditActor,
): Promise<void> {
  const files = await removeFromOutbox(deliveryIds, (wanted) =>
    store.intend(requestId, 'removeFiles', { files: wanted }, by),
  );
  await store.settle(requestId, 'removeFiles', 'filesRemoved', { files }, by);
}

/** Takes out whom mails of the outbox are to; logged like a removal. */
async function maskFiles(
  { forgetAddressee, store }: Pick<ErasureDeps, 'forgetAddressee' | 'store'>,
  requestId: string,
  deliveryIds: readonly string[],
  by?: AuditActor,
): Promise<void> {
  const masked = await forgetAddressee(deliveryIds, (wanted) =>
    store.intend(requestId, 'maskFiles', { files: wanted }, by),
  );
  await store.settle(requestId, 'maskFiles', 'filesMasked', { masked }, by);
}
