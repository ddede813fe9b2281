import { sql } from 'kysely';
import { erasureWorkflowId } from '../contract.ts';
import type { AuditEntry } from '../domain/audit.ts';

/** The effect's part of a statement is called `changed`. */
export const CHANGED = sql`exists (select 1 from changed)`;

/** An entry about a request, by its workflow. */
export function said(id: string, what: string, after: object = {}): AuditEntry {
  return {
    actor: { kind: 'workflow', id: erasureWorkflowId(id) },
    action: `erasure.${what}`,
    object: `erasure/${id}`,
    after: after as NonNullable<AuditEntry['after']>,
  };
}
