import { type RawBuilder, sql } from 'kysely';
import type { AuditLog } from '../deps.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';

/** That the effect did something, where its part of the statement is called `changed`. */
export const CHANGED = sql`exists (select 1 from changed)`;

/** For a CTE of the effect's own statement: no effect without its entry. `when` is a further SQL condition. */
export function insertAudit(
  entries: readonly AuditEntry[],
  when: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  return insertAuditFrom(sql`select e.actor->>'kind', e.actor->>'id', e.action, e.object, e.why, e.before, e.after
    from jsonb_to_recordset(${toJson(entries)}::jsonb)
      as e(actor jsonb, action text, object text, why text, before jsonb, after jsonb)
    where ${when}`);
}

/** The same where only the statement itself knows what changed: selects actor kind, actor id, action, object, why, before, after. */
export function insertAuditFrom(select: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`insert into audit_entries (actor_kind, actor_id, action, object, why, before, after) ${select}`;
}

export function createAuditLog(db: Database): AuditLog {
  return {
    async append(entries) {
      if (entries.length > 0) await insertAudit(entries).execute(db);
    },
  };
}
