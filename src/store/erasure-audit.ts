import { erasureWorkflowId } from '../contract.ts';
import type { AuditActor, AuditEntry } from '../domain/audit.ts';
import type { WhatOf } from '../domain/audit-actions.ts';

/** Why a ticket was closed that nobody had closed. */
export const ERASURE = 'erasure';

/** A request's own workflow, as the log names it. */
export function byRequest(id: string): AuditActor {
  return { kind: 'workflow', id: erasureWorkflowId(id) };
}

/** An entry about a request, by its workflow. */
export function said(id: string, what: WhatOf<'erasure'>, after: object = {}): AuditEntry {
  return {
    actor: byRequest(id),
    action: `erasure.${what}`,
    object: `erasure/${id}`,
    after: after as NonNullable<AuditEntry['after']>,
  };
}
