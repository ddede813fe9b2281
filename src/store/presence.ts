import { sql } from 'kysely';
import type { PresenceStore } from '../deps-assignments.ts';
import type { AuditActor } from '../domain/audit.ts';
import type { Presence } from '../domain/presence.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** Whoever says that an agent is there or not. A word that changes nothing is no entry of the audit log. */
export function createPresenceStore(db: Database, by: AuditActor): PresenceStore {
  return {
    async set(agentId, presence) {
      const { rows } = await sql<{ before: Presence }>`
        with o as (select id, presence from agents where id = ${agentId} for update),
        row as (update agents a set presence = ${presence}::text, presence_at = now() from o
          where a.id = o.id and o.presence <> ${presence}::text returning a.id, o.presence as before, a.presence as after),
        audit as (${insertAuditFrom(
          'agent.presence',
          sql`${by.kind}::text, ${by.id}::text, 'agent/' || id, null,
          jsonb_build_object('presence', before), jsonb_build_object('presence', after) from row`,
        )})
        select presence as before from o`.execute(db);
      return rows[0]?.before ?? null;
    },
  };
}

/** Whom nobody calls. */
export async function agentsOff(db: Database): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('agents').select('id').where('presence', '=', 'off').execute();
  return new Set(rows.map(({ id }) => id));
}
