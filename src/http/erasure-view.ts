import type { ErasureRow, RecipientRow } from '../deps-erasure-store.ts';
import { erasedIn, keptIn } from '../domain/erase.ts';

/** A request as programs see it: nothing of it tells who it is about, nor, before it is proved, whether we know them. */
export function sayErasure({
  row,
  recipients,
}: {
  readonly row: ErasureRow;
  readonly recipients: readonly RecipientRow[];
}) {
  return {
    requestId: row.id,
    state: row.state,
    outcome: row.outcome,
    supersededBy: row.supersededBy,
    receivedAt: row.receivedAt.toISOString(),
    dueAt: (row.extendedTo ?? row.dueAt).toISOString(),
    extended: row.extendedTo !== null,
    proved: row.provedAt !== null,
    /** Then it was done with the erasure; what goes on is looking again. */
    erasedAt: row.erasedAt?.toISOString() ?? null,
    erased: row.erasedAt === null ? [] : erasedIn(row),
    kept: keptIn(row),
    recipients: recipients.map(({ recipient, kind, status }) => ({ recipient, kind, status })),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
