import type { ErasureRow } from '../deps-erasure-store.ts';
import { identityOfLabel } from '../domain/identity.ts';
import type { Database } from './database.ts';

export async function erasureRow(db: Database, id: string): Promise<ErasureRow | null> {
  const row = await db.selectFrom('erasures').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    via: row.via,
    state: row.state,
    outcome: row.outcome,
    receivedAt: row.received_at,
    dueAt: row.due_at,
    extendedTo: row.extended_to,
    extensionReason: row.extension_reason,
    sealed: row.sealed,
    particulars: row.particulars,
    codeExpiresAt: row.code_expires_at,
    codesSent: row.codes_sent,
    codeAttempts: row.code_attempts,
    provedAt: row.proved_at,
    provedBy: row.proved_by,
    assertedAt: row.asserted_at,
    decision: row.decision,
    approval: row.approval,
    ruledBy: row.ruled_by,
    rulingReason: row.ruling_reason,
    requester: row.requester ?? (row.requested_by === null ? null : identityOfLabel(row.requested_by)),
    voucher: row.voucher,
    supersededBy: row.superseded_by,
    subjectRef: row.subject_ref,
    endedAt: row.ended_at,
    erasedAt: row.erased_at,
    stillKept: row.still_kept,
    keptEnded: row.kept_ended,
  };
}
