import type { AuditFinding } from '../domain/audit.ts';
import { type ChainRow, chainFrom } from './audit-chain.ts';
import { type EntryRow, hashEntry } from './audit-hash.ts';
import type { Database } from './database.ts';

/**
 * The hash of a position does not fit what stands there. Where an entry that stands further on does fit, the two were swapped: by their
 * places in the chain, by their hashes, or by their contents.
 */
export async function explainMismatch(
  db: Database,
  bad: ChainRow & { readonly entry: EntryRow },
  previous: string,
): Promise<AuditFinding> {
  const { position, entryId } = bad;
  for await (const rows of chainFrom(db, position + 1)) {
    for (const other of rows) {
      if (other.entry === null) continue;
      const asItIs = hashEntry(position, previous, other.entry);
      const underThisId = hashEntry(position, previous, { ...other.entry, id: entryId });
      if (asItIs !== bad.hash && asItIs !== other.hash && underThisId !== bad.hash) continue;
      const message = `position ${position} holds the entry that belongs to position ${other.position}, and the other way round`;
      return { position, kind: 'reordered', entryId, message };
    }
  }
  const before = position === 1 ? '' : `, or the hash at position ${position - 1} was changed`;
  return {
    position,
    kind: 'edited',
    entryId,
    message: `entry ${entryId} at position ${position} is not what was hashed: it or its hash was changed${before}`,
  };
}
