import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { WhatOf } from '../../src/domain/audit-actions.ts';
import type { ErasureOutcome, MadeDecision } from '../../src/domain/erase.ts';
import type { Database } from '../../src/store/database.ts';

/** An entry as it would have been written then; only the database's owner can say when it was. */
export async function logAt(db: Database, at: string, entry: AuditEntry): Promise<void> {
  const { actor, action, object, after = null } = entry;
  await sql`insert into audit_entries (at, actor_kind, actor_id, action, object, after)
    values (${new Date(at)}, ${actor.kind}, ${actor.id}, ${action}, ${object}, ${after && JSON.stringify(after)}::jsonb)`.execute(
    db,
  );
}

export interface SeededErasure {
  readonly received: string;
  readonly due: string;
  readonly proved?: string;
  readonly extendedTo?: string;
  readonly erased?: string;
  readonly ended?: string;
  readonly outcome?: ErasureOutcome;
  readonly kept?: MadeDecision['categories'];
  /** Without: that of `kept`. */
  readonly verdict?: MadeDecision['verdict'];
}

/** A request, with the entries that its workflow would have left. */
export async function seedErasure(db: Database, seeded: SeededErasure): Promise<string> {
  const id = `ERA-${randomBytes(8).toString('hex')}`;
  const { kept = [], outcome = null } = seeded;
  const time = (at: string | undefined) => (at === undefined ? null : new Date(at));
  const verdict = seeded.verdict ?? (kept.length > 0 ? 'partly' : 'erase');
  const decided = seeded.erased !== undefined || seeded.verdict !== undefined;
  await db
    .insertInto('erasures')
    .values({
      id,
      via: 'form',
      state: seeded.ended ? 'ended' : 'looking',
      sealed: Buffer.alloc(0),
      received_at: new Date(seeded.received),
      due_at: new Date(seeded.due),
      extended_to: time(seeded.extendedTo),
      proved_at: time(seeded.proved),
      erased_at: time(seeded.erased),
      ended_at: time(seeded.ended),
      outcome,
      decision: decided ? JSON.stringify({ verdict, approval: false, categories: kept }) : null,
    } as never)
    .execute();
  const say = (at: string, what: WhatOf<'erasure'>, after: object = {}) =>
    logAt(db, at, {
      actor: { kind: 'workflow', id: `erasure-${id}` },
      action: `erasure.${what}`,
      object: `erasure/${id}`,
      after: after as NonNullable<AuditEntry['after']>,
    });
  await say(seeded.received, 'requested', { via: 'form' });
  const steps = ['decided', 'shredIntent', 'shred', 'lookAtOnce', 'erased'] as const;
  if (seeded.erased) for (const what of steps) await say(seeded.erased, what);
  if (seeded.erased && seeded.ended) await say(seeded.ended, 'lookLater');
  if (seeded.ended) await say(seeded.ended, 'ended', { outcome });
  return id;
}
