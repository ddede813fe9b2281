import { erasureWorkflowId } from '../contract.ts';
import type { AuditEntry } from '../domain/audit.ts';

/** Why a ticket was closed that nobody had closed. */
export const ERASURE = 'erasure';

/** An entry about a request, by its workflow. */
export function said(id: string, what: string, after: object = {}): AuditEntry {
  return {
    actor: { kind: 'workflow', id: erasureWorkflowId(id) },
    action: `erasure.${what}`,
    object: `erasure/${id}`,
    after: after as NonNullable<AuditEntry['after']>,
  };
}
