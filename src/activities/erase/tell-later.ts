/** Who was given what an erasure kept hears when it goes. */
import type { ErasureDeps } from '../../deps-erasure.ts';
import type { ErasureRow, RecipientRow } from '../../deps-erasure-store.ts';
import type { AuditActor } from '../../domain/audit.ts';
import { ProviderError } from '../../domain/errors.ts';
import type { Category } from '../../domain/privacy-policy.ts';

/**
 * Tells each recipient once of what it was given and goes now; who does not answer is open. Answers whether something still stands in
 * Slack: its words are no longer kept only once they are gone there.
 */
export async function tellLater(
  { store, recipients }: Pick<ErasureDeps, 'store' | 'recipients'>,
  { id }: Pick<ErasureRow, 'id'>,
  goes: readonly Category[],
  by: AuditActor,
  signal: AbortSignal,
): Promise<{ readonly isInSlack: boolean }> {
  const particulars = await store.leftToTell(id);
  const rows = new Map((await store.recipients(id)).map((row) => [row.recipient, row]));
  let isInSlack = false;
  // Slack first: of what stays there nobody else is told that it is gone.
  for (const recipient of [...recipients].sort((a, b) => Number(b.kind === 'slack') - Number(a.kind === 'slack'))) {
    const { name, kind } = recipient;
    const ends = goes.filter((category) => !(isInSlack && kind !== 'slack' && category === 'conversations'));
    const categories = recipient.categories.filter((category) => ends.includes(category));
    if (categories.length === 0 || recipient.isGiven?.(particulars) === false) continue;
    const known = rows.get(name);
    const attempts = (known?.attempts ?? 0) + 1;
    const said = async (row: Pick<RecipientRow, 'status' | 'reason'>) =>
      store.saveRecipient(id, { recipient: name, kind, attempts, notice: null, ...row });
    const { customerIds, emails, phones } = particulars;
    // By the request's id alone it finds them where it has heard of it.
    const isNobody = [...customerIds, ...emails, ...phones].length === 0 && known?.status !== 'told';
    if (kind !== 'slack' && isNobody) {
      await said({ status: 'open', reason: 'nobody knows any more whom it is about' });
      continue;
    }
    await store.intend(id, 'tell', { recipient: name, attempt: attempts }, by);
    try {
      const status = await recipient.tell({ requestId: id, categories, particulars, later: true }, signal);
      await said({ status: known?.status === 'told' ? 'told' : status, reason: null });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      await said({ status: 'open', reason: error.reason });
      if (kind === 'slack') isInSlack = true;
    }
  }
  return { isInSlack };
}
