import { hash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { AuditActor } from '../domain/audit.ts';
import type { AuditAction } from '../domain/audit-actions.ts';
import type { ParkedMailStore } from '../http/deps.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** Who has not looked by then will not. */
const KEPT = sql`interval '30 days'`;
const MOST_LISTED = 200;

const GATEWAY = { kind: 'system', id: 'gateway' } as const;

/** An entry for each mail of a CTE. */
function logged(
  from: 'old' | 'fresh' | 'found' | 'gone',
  { kind, id }: AuditActor,
  action: AuditAction,
  why: RawBuilder<unknown> = sql.ref('reason'),
): RawBuilder<unknown> {
  return insertAuditFrom(
    action,
    sql`${kind}::text, ${id}::text, 'parked-mail/' || id, ${why}, null::jsonb, null::jsonb from ${sql.ref(from)}`,
  );
}

/** Mails for which nobody has answered yet. The log knows them by a hash and why, never by what they say. */
export function createParkedMailStore(db: Database): ParkedMailStore {
  return {
    async forgetOld() {
      await sql`with old as (delete from parked_mails where at < now() - ${KEPT} returning id)
        ${logged('old', GATEWAY, 'mail.expired', sql`'nobody has looked'`)}`.execute(db);
    },

    async park({ reason, sender, mail, providerId }) {
      const id = `PM-${hash('sha256', providerId, 'hex').slice(0, 16)}`;
      const { rows } = await sql<{ fresh: boolean }>`
        with fresh as (insert into parked_mails (id, reason, sender, mail, provider_id)
          values (${id}, ${reason}, ${sender}, ${mail}, ${providerId}) on conflict (id) do nothing returning id),
        told as (${logged('fresh', GATEWAY, 'mail.parked', sql`${reason}::text`)})
        select exists (select 1 from fresh) as fresh`.execute(db);
      return { id, fresh: rows[0]?.fresh === true };
    },

    async list() {
      const rows = await db
        .selectFrom('parked_mails')
        .select(['id', 'reason', 'sender', 'provider_id', 'at'])
        .orderBy('at', 'desc')
        .limit(MOST_LISTED)
        .execute();
      return rows.map(({ provider_id, at, ...row }) => ({ ...row, providerId: provider_id, at: at.toISOString() }));
    },

    async read(id, by) {
      const { rows } = await sql<{ mail: string }>`
        with found as (select id, reason, mail from parked_mails where id = ${id} and mail is not null),
        told as (${logged('found', { kind: 'key', id: by }, 'mail.read')})
        select mail from found`.execute(db);
      return rows[0]?.mail ?? null;
    },

    async find(id) {
      const row = await db
        .selectFrom('parked_mails')
        .select(['mail', 'provider_id as providerId'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    async drop(id, why, by) {
      const { rows } = await sql<{ id: string }>`
        with gone as (delete from parked_mails where id = ${id} returning id, reason),
        told as (${logged('gone', { kind: 'key', id: by }, `mail.${why}`)})
        select id from gone`.execute(db);
      return rows.length > 0;
    },
  };
}
