import { randomBytes } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { KeyRole } from '../domain/access.ts';
import type { AuditActor } from '../domain/audit.ts';
import type { AuditAction } from '../domain/audit-actions.ts';
import type { Identity } from '../domain/identity.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: KeyRole;
  /** Whose own it is; null: it speaks for many. */
  readonly agent: string | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

/** API keys by their hash; the key itself is never here. `by` makes and revokes them, for the audit log, with all that was shown of them. */
export function createKeyStore(db: Database, by: AuditActor, shown: Identity = [by.id]) {
  // Not a key's name: it says whose the key is.
  const entry = (
    action: AuditAction,
    { id, role, agent, when }: Readonly<Record<'id' | 'role' | 'agent' | 'when', RawBuilder<unknown>>>,
  ) =>
    insertAuditFrom(
      action,
      sql`${by.kind}::text, ${by.id}::text, 'key/' || ${id}, null::text, null::jsonb,
      jsonb_strip_nulls(jsonb_build_object('role', ${role}, 'agent', ${agent}, 'by', ${JSON.stringify(shown)}::jsonb)) from ${when}`,
    );
  return {
    /** The role with the fewest rights, unless another is asked for. `agent`: whose own it is, if anybody's. */
    async add(name: string, hash: string, role: KeyRole = 'agent', agent: string | null = null): Promise<string> {
      const id = randomBytes(6).toString('hex');
      const made = { id: sql`${id}::text`, role: sql`${role}::text`, agent: sql`${agent}::text` };
      await sql`with made as (insert into api_keys (id, name, hash, role, agent_id)
          values (${id}, ${name}, ${hash}, ${role}, ${agent}))
        ${entry('key.made', { ...made, when: sql`(select 1) as made_one` })}`.execute(db);
      return id;
    },
    async list(): Promise<KeyRow[]> {
      const rows = await db
        .selectFrom('api_keys')
        .select(['id', 'name', 'role', 'agent_id', 'created_at', 'revoked_at'])
        .orderBy('created_at')
        .execute();
      return rows.map((r) => ({
        id: r.id,
        name: r.name,
        role: r.role,
        agent: r.agent_id,
        createdAt: r.created_at,
        revokedAt: r.revoked_at,
      }));
    },
    /** Null when there is no such key, or it is revoked. */
    async live(id: string): Promise<Pick<KeyRow, 'id' | 'name' | 'role' | 'agent'> | null> {
      const found = db
        .selectFrom('api_keys')
        .select(['id', 'name', 'role', 'agent_id as agent'])
        .where('id', '=', id)
        .where('revoked_at', 'is', null);
      return (await found.executeTakeFirst()) ?? null;
    },
    /** False when there is no such key, or it is revoked already. */
    async revoke(id: string): Promise<boolean> {
      const { rows } = await sql`with revoked as (
          update api_keys set revoked_at = now() where id = ${id} and revoked_at is null returning id, role, agent_id),
        audit as (${entry('key.revoked', { id: sql`revoked.id`, role: sql`revoked.role`, agent: sql`revoked.agent_id`, when: sql`revoked` })})
        select id from revoked`.execute(db);
      return rows.length > 0;
    },
  };
}
export type KeyStore = ReturnType<typeof createKeyStore>;
