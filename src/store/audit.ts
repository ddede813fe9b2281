import { type RawBuilder, sql } from 'kysely';
import type { AuditLog } from '../deps.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { AuditAction } from '../domain/audit-actions.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';

/** That the effect did something, where its part of the statement is called `changed`. */
export const CHANGED = sql`exists (select 1 from changed)`;

/** For a CTE of the effect's own statement: no effect without its entry. `when` is a further SQL condition. */
export function insertAudit(
  entries: readonly AuditEntry[],
  when: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  return insertAuditFrom(
    sql<AuditAction>`e.action`,
    sql`e.actor->>'kind', e.actor->>'id', e.object, e.why, e.before, e.after from jsonb_to_recordset(${toJson(entries)}::jsonb)
      as e(actor jsonb, action text, object text, why text, before jsonb, after jsonb)
    where ${when}`,
  );
}

/** The same where only the statement itself knows what changed. `rest`: actor kind, actor id, object, why, before, after, and from where. */
export function insertAuditFrom(
  action: AuditAction | RawBuilder<AuditAction>,
  rest: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`insert into audit_entries (action, actor_kind, actor_id, object, why, before, after) select ${says(action)}, ${rest}`;
}

/** An action as SQL. */
export function says(action: AuditAction | RawBuilder<AuditAction>): RawBuilder<AuditAction> {
  return typeof action === 'string' ? sql<AuditAction>`${action}::text` : action;
}

export function createAuditLog(db: Database): AuditLog {
  return {
    async append(entries) {
      if (entries.length > 0) await insertAudit(entries).execute(db);
    },
  };
}
