import { sql } from 'kysely';
import type { ErasureStore } from '../deps-erasure-store.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';
import { toJson } from './json.ts';

type Kept = Pick<
  ErasureStore,
  'unproved' | 'proved' | 'stillKeeping' | 'holderOf' | 'freezeKept' | 'thawKept' | 'endKept' | 'keptReviewed'
>;

/** Of a ticket `t`: an erasure has been there. */
export const KEY_SHREDDED = sql`exists (
  select 1 from data_keys k where k.name = 'ticket-' || t.id and k.shredded_at is not null)`;

/** What an erasure kept, and whose rows hold it by now. */
export function createKept(db: Database): Kept {
  return {
    async unproved(after, limit) {
      const { rows } = await sql<{ id: string }>`select id from erasures
        where ended_at is null and proved_at is null and received_at < now() - interval '1 day' and id > ${after} order by id limit ${limit}`.execute(
        db,
      );
      return rows.map(({ id }) => id);
    },

    async proved(after, limit) {
      const { rows } = await sql<{ id: string }>`select id from erasures
        where ended_at is null and superseded_by is null and proved_at < now() - interval '1 hour' and id > ${after} order by id limit ${limit}`.execute(
        db,
      );
      return rows.map(({ id }) => id);
    },

    async stillKeeping(after, limit) {
      const { rows } = await sql<{ id: string }>`select id from erasures
        where still_kept <> '{}' and ended_at is not null and id > ${after} order by id limit ${limit}`.execute(db);
      return rows.map(({ id }) => id);
    },

    async holderOf(id) {
      // The erasure shredded the key of each of the person's tickets: one whose key is not shredded came after it.
      const { rows } = await sql<{ ours: boolean; others: boolean; back: boolean }>`
        select coalesce(bool_or(c.erasure_id = ${id}), false) as ours,
          coalesce(bool_or(c.erasure_id is distinct from ${id}), false) as others,
          coalesce(bool_or(c.erased_at is null
            and exists (select 1 from tickets t where t.customer_id = c.id and not ${KEY_SHREDDED})), false) as back
        from customers c where c.erasure_id = ${id} or c.kept_by = ${id}`.execute(db);
      const [found] = rows;
      if (found?.others) return 'anotherRequest';
      if (!found?.ours) return 'nobody';
      return found.back ? 'cameBack' : 'erasure';
    },

    async freezeKept(id) {
      await sql`with changed as (update customers set frozen_at = now()
          where erasure_id = ${id} and erased_at is null and frozen_at is null returning 1)
        ${insertAudit([said(id, 'frozen')], CHANGED)}`.execute(db);
    },

    async thawKept(id) {
      await sql`update customers c set frozen_at = null from erasures e
        where c.erasure_id = ${id} and e.id = ${id} and e.ended_at is not null and c.erased_at is null and c.frozen_at is not null`.execute(
        db,
      );
    },

    async endKept(id, category, how, by) {
      const entry = { ...said(id, 'keptEnded', { category, how }), actor: by };
      const { rows } = await sql<{ ended: boolean }>`with changed as (
          update erasures set still_kept = array_remove(still_kept, ${category}),
            kept_ended = kept_ended || jsonb_build_array(${toJson({ category, how })}::jsonb || jsonb_build_object('at', now()))
          where id = ${id} and ${category} = any(still_kept) returning 1),
        logged as (${insertAudit([entry], CHANGED)})
        select exists (select 1 from changed) as ended`.execute(db);
      return rows[0]?.ended === true;
    },

    async keptReviewed(id, review, by) {
      const entry = { ...said(id, 'keptReviewed', review), actor: by };
      const last = sql`(select a.after from audit_entries a where a.object = ${entry.object} and a.action = ${entry.action}
        order by a.id desc limit 1)`;
      const stillKept = sql`exists (select 1 from erasures where id = ${id} and still_kept <> '{}')`;
      await insertAudit([entry], sql`${stillKept} and ${last} is distinct from ${toJson(review)}::jsonb`).execute(db);
    },
  };
}
