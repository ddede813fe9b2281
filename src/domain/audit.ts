import type { AuditAction } from './audit-actions.ts';
import type { JsonObject } from './json.ts';

/**
 * Who did it. A person is named by a label or an id of the team (`operator`, `customer`, an agent's id), never by what is theirs: the audit
 * log is kept for good, so not even a customer's id stands in it.
 */
export interface AuditActor {
  readonly kind: 'person' | 'key' | 'workflow' | 'system';
  readonly id: string;
}

/** One effect, or the intent of one. */
export interface AuditEntry {
  readonly actor: AuditActor;
  readonly action: AuditAction;
  /** What it was done to: `ticket/TKT-1`, `delivery/12`. */
  readonly object: string;
  /** A label, or words without personal data. */
  readonly why?: string;
  /** Ids, labels and numbers; never personal data. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/** The newest position and its hash (hex): whoever keeps it elsewhere can tell later whether what is before it was rewritten. */
export interface AuditHead {
  readonly position: number;
  readonly hash: string;
}

export interface KeptHead extends AuditHead {
  /** ISO 8601. */
  readonly at: string;
}

/**
 * - `edited`: the entry is not what was hashed.
 * - `reordered`: it stands in another's place.
 * - `removed`: it is gone, or everything from here on is.
 * - `rewritten`: the chain is whole in itself, but it is not the one whose head was kept elsewhere.
 * - `unplaced`: it has no position, long after it was written.
 */
export type AuditFault = 'edited' | 'reordered' | 'removed' | 'rewritten' | 'unplaced';

export interface AuditFinding {
  /** The first bad position; of an entry without one, the next that would be given. */
  readonly position: number;
  readonly kind: AuditFault;
  readonly message: string;
  /** Where known: which entry it is about. */
  readonly entryId?: string;
  /** `rewritten`: somewhere in these positions; none before them differs from the heads that were kept. */
  readonly range?: readonly [first: number, last: number];
}

export interface AuditVerdict {
  readonly ok: boolean;
  /** How many entries were looked at, up to the first bad one. */
  readonly checked: number;
  /** The newest good one; null while there is none. */
  readonly head: AuditHead | null;
  readonly firstBad?: AuditFinding;
  /** What nobody can vouch for, such as a log without kept heads. */
  readonly warnings: readonly string[];
}

/** The log, and whether what keeps it from being changed is on. */
export interface GuardedVerdict extends AuditVerdict {
  /** What is not, in words with the mend; `ok` only where this is empty. */
  readonly openGuards: readonly string[];
}

/** Who made a ticket's timeline entry, as the audit log names it. */
export function actorOf(workflowId: string, actor: string): AuditActor {
  if (actor === 'steward') return { kind: 'workflow', id: workflowId };
  if (actor === 'platform') return { kind: 'system', id: actor };
  return { kind: 'person', id: actor };
}
