/** What an erasure kept goes once the reason for it has ended. */

import type { ErasureDeps } from '../../deps-erasure.ts';
import type { ErasureRow } from '../../deps-erasure-store.ts';
import type { AuditActor } from '../../domain/audit.ts';
import { type KeptEnd, keptOf, STORES } from '../../domain/erase.ts';
import { CATEGORIES, type Category } from '../../domain/privacy-policy.ts';
import { emptyOutbox, type OutboxParts } from './outbox.ts';

export type KeptParts = OutboxParts & Pick<ErasureDeps, 'ledger'>;

/** Rows in one transaction. */
const BATCH = 500;

/** They stand in the person's own row: where the person came back, they are of the new dealings as well. */
const OF_WHO_CAME_BACK: ReadonlySet<Category> = new Set(['identity', 'contact', 'consents']);

/** Tells recipients that these go. */
export type TellLater = (goes: readonly Category[]) => Promise<{ readonly isInSlack: boolean }>;
/** Where all of it was told already, before a backup brought it back. */
const TOLD: TellLater = async () => ({ isInSlack: false });

/**
 * Ends what a request still keeps in these categories. Killed anywhere, it may be done again: the row is written last, and the ledger
 * before it. Answers how many ended; none while another request has the person. Conversations that still stand in Slack have not ended,
 * though they are gone here: the next night tries again.
 */
export async function endCategories(
  parts: KeptParts,
  row: ErasureRow,
  ended: readonly Category[],
  by: AuditActor,
  beat: () => void = () => {},
  tell: TellLater = TOLD,
): Promise<number> {
  const { store } = parts;
  const holder = await store.holderOf(row.id);
  if (holder === 'anotherRequest') return 0;
  const goes =
    holder === 'erasure'
      ? ended
      : holder === 'cameBack'
        ? ended.filter((category) => !OF_WHO_CAME_BACK.has(category))
        : [];
  const stays = new Set<Category>();
  if (goes.length > 0) {
    await store.intend(row.id, 'endKept', { categories: goes }, by);
    // While their rows still tell whom it is about.
    const { isInSlack } = await tell(goes);
    await empty(parts, row.id, goes, by, beat);
    if (isInSlack) {
      stays.add('conversations');
      await store.done(row.id, 'keptInSlack', { categories: 1 }, by);
    } else if (goes.includes('conversations') && !keepsDeliveries(row, goes)) await store.forgetSlack(row.id);
  }
  const over = ended.filter((category) => !stays.has(category));
  await noteInLedger(parts, row, holder === 'nobody' ? over : goes.filter((category) => over.includes(category)));
  const howOf = (category: Category): KeptEnd['how'] => {
    if (goes.includes(category)) return 'erased';
    return holder === 'cameBack' ? 'cameBack' : 'gone';
  };
  let count = 0;
  for (const category of over) if (await store.endKept(row.id, category, howOf(category), by)) count += 1;
  return count;
}

/** Then the ids of messages are kept by themselves, and lead nowhere. */
function keepsDeliveries({ stillKept }: ErasureRow, goes: readonly Category[]): boolean {
  return stillKept.includes('deliveries') && !goes.includes('deliveries');
}

/** Only what ends now: what the request erased then may have come again since. Keys and histories went with the erasure, which knows no parts there. */
async function empty(
  parts: KeptParts,
  requestId: string,
  goes: readonly Category[],
  by: AuditActor,
  beat: () => void,
): Promise<void> {
  const { store } = parts;
  const keep = new Set<string>(CATEGORIES.filter((category) => !goes.includes(category)));
  // While their row still tells the address: letters to it are found by nothing else.
  const emails = keep.has('contact') ? [] : await store.emailsOf(requestId);
  await emptyOutbox(parts, requestId, keep, emails, by);
  for (const name of STORES) {
    for (let left = true; left; ) {
      left = (await store.emptyStore(requestId, name, keep, BATCH)).left;
      beat();
    }
  }
}

/** A restored database asks the ledger what was kept: its last line of a request counts. */
async function noteInLedger({ ledger }: KeptParts, row: ErasureRow, gone: readonly Category[]): Promise<void> {
  const last = (await ledger.read()).findLast((entry) => entry.requestId === row.id);
  if (last === undefined) return;
  const kept = last.kept.filter(({ category }) => !gone.includes(category));
  if (kept.length < last.kept.length) await ledger.append({ ...last, kept });
}

/** Of what the request still keeps: is that to go, by a decision of today? */
export function endedBy(row: ErasureRow, decision: Parameters<typeof keptOf>[0]): Category[] {
  const kept = new Set(keptOf(decision).map(({ category }) => category));
  return row.stillKept.filter((category) => !kept.has(category));
}
