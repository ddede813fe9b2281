import { sql } from 'kysely';
import type { ErasureIntake } from '../deps-erasure.ts';
import { actorBy, sayIdentity } from '../domain/identity.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';
import { erasureRow } from './erasure-row.ts';
import { recipientsOf } from './erasure-tell.ts';

/** As the buckets' names have it: that of the session may begin at another hour, and each beginning starts the counts anew. */
const TODAY = sql`(now() at time zone 'utc')::date`;

/** The gateway's half: it writes a request down and counts codes, and never looks a person up. */
export function createErasureIntake(db: Database): ErasureIntake {
  return {
    async countRequest(buckets) {
      if (buckets.length === 0) return true;
      const wanted = buckets.map(({ bucket }) => Buffer.from(bucket));
      const { rows } = await sql<{ bucket: Buffer; count: number }>`
        with gone as (delete from request_limits where day < ${TODAY})
        insert into request_limits (bucket, day, count) select b, ${TODAY}, 1 from unnest(${wanted}::bytea[]) as b
        on conflict (bucket, day) do update set count = request_limits.count + 1 returning bucket, count`.execute(db);
      const limits = new Map(buckets.map(({ bucket, limit }) => [Buffer.from(bucket).toString('hex'), limit]));
      return rows.every(({ bucket, count }) => count <= (limits.get(bucket.toString('hex')) ?? 0));
    },

    async refuseReuse(id, { via, by }) {
      const actor = by ? actorBy(by) : { kind: 'system' as const, id: via };
      await insertAudit([{ ...said(id, 'idReused', { via, ...(by ? { by } : {}) }), actor }]).execute(db);
    },

    async spendAssertion(digest, id, until) {
      const { rows } = await sql<{ erasure_id: string }>`
        with gone as (delete from erasure_assertions where until < now() and digest <> ${Buffer.from(digest)})
        insert into erasure_assertions (digest, erasure_id, until) values (${Buffer.from(digest)}, ${id}, ${until})
        on conflict (digest) do update set until = excluded.until returning erasure_id`.execute(db);
      return rows[0]?.erasure_id === id;
    },

    async create({ id, via, sealed, dueAt, requester, voucher, assertedAt, provedBy }) {
      const requestedBy = requester && sayIdentity(requester);
      const actor = requester ? actorBy(requester) : { kind: 'system' as const, id: via };
      const asked = { ...said(id, 'requested', { via, requestedBy, ...(requester ? { by: requester } : {}) }), actor };
      const entries = provedBy === null ? [asked] : [asked, said(id, 'proved', { by: provedBy })];
      const { rows } = await sql<{ fresh: boolean }>`with changed as (
          insert into erasures (id, via, state, sealed, due_at, requested_by, requester, voucher, asserted_at, proved_at, proved_by)
          values (${id}, ${via}, 'proving', ${Buffer.from(sealed)}, ${dueAt}, ${requestedBy}, ${requester}, ${voucher}, ${assertedAt},
            ${provedBy === null ? null : sql`now()`}, ${provedBy})
          on conflict (id) do nothing returning 1),
        logged as (${insertAudit(entries, CHANGED)})
        select exists (select 1 from changed) as fresh`.execute(db);
      return { known: rows[0]?.fresh !== true };
    },

    row: (id) => erasureRow(db, id),

    async tryCode(id, tries) {
      const { rows } = await sql<{ code_digest: Buffer }>`with changed as (
          update erasures set code_attempts = code_attempts + 1
          where id = ${id} and code_attempts < ${tries} and proved_at is null and code_expires_at > now() and code_digest is not null
            and ended_at is null
          returning code_digest),
        logged as (${insertAudit([said(id, 'codeTried')], CHANGED)})
        select code_digest from changed`.execute(db);
      return rows[0]?.code_digest ?? null;
    },

    async prove(id, by) {
      await sql`with changed as (update erasures set proved_at = now(), proved_by = ${by}, code_digest = null
          where id = ${id} and proved_at is null and ended_at is null returning 1)
        ${insertAudit([said(id, 'proved', { by })], CHANGED)}`.execute(db);
    },

    recipients: (id) => recipientsOf(db, id),
  };
}
