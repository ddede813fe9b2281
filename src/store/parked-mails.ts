import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { ParkedMailStore } from '../http/deps.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** Who has not looked by then will not. */
const KEPT = sql`interval '30 days'`;
const MOST_LISTED = 200;

/** Mails for which nobody has answered yet. The log knows them by a hash and why, never by what they say. */
export function createParkedMailStore(db: Database): ParkedMailStore {
  return {
    async forgetOld() {
      await sql`with old as (delete from parked_mails where at < now() - ${KEPT} returning id)
        ${insertAuditFrom(sql`select 'system', 'gateway', 'mail.expired', 'parked-mail/' || id, 'nobody has looked', null::jsonb, null::jsonb
          from old`)}`.execute(db);
    },

    async park({ reason, sender, mail, providerId }) {
      const id = `PM-${hash('sha256', providerId, 'hex').slice(0, 16)}`;
      const { rows } = await sql<{ fresh: boolean }>`
        with fresh as (insert into parked_mails (id, reason, sender, mail, provider_id)
          values (${id}, ${reason}, ${sender}, ${mail}, ${providerId}) on conflict (id) do nothing returning id),
        told as (${insertAuditFrom(sql`select 'system', 'gateway', 'mail.parked', 'parked-mail/' || id, ${reason}::text, null::jsonb, null::jsonb from fresh`)})
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
        told as (${insertAuditFrom(sql`select 'key', ${by}::text, 'mail.read', 'parked-mail/' || id, reason, null::jsonb, null::jsonb from found`)})
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
        told as (${insertAuditFrom(sql`select 'key', ${by}::text, ${`mail.${why}`}::text, 'parked-mail/' || id, reason, null::jsonb, null::jsonb from gone`)})
        select id from gone`.execute(db);
      return rows.length > 0;
    },
  };
}
