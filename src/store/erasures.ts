import { type RawBuilder, sql } from 'kysely';
import type { ErasureStore } from '../deps-erasure-store.ts';
import type { MadeDecision } from '../domain/erase.ts';
import { factsOf } from '../domain/erase-known.ts';
import { CHANGED, insertAudit, insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';
import { createEmptier } from './erasure-empty.ts';
import { createKept } from './erasure-kept.ts';
import { createPerson } from './erasure-person.ts';
import { restoreErasure, unapplied } from './erasure-restore.ts';
import { erasureRow } from './erasure-row.ts';
import { createRulings } from './erasure-rulings.ts';
import { createSearch } from './erasure-search.ts';
import { createTeller } from './erasure-tell.ts';
import { toJson } from './json.ts';
import { knownOfPerson } from './known-of-person.ts';

/**
 * The workflow's half: the request's own row is here, what an erasure does to other rows in the files beside. Each effect and its entry in
 * the audit log are one statement.
 */
export function createErasureStore(db: Database): ErasureStore {
  return {
    row: (id) => erasureRow(db, id),

    async endedOf(ids) {
      const ended = db.selectFrom('erasures').select('id').where('id', 'in', ids).where('ended_at', 'is not', null);
      return (await ended.execute()).map(({ id }) => id);
    },

    async setState(id, state) {
      await sql`with changed as (update erasures set state = ${state} where id = ${id} and state <> ${state} and ended_at is null returning 1)
        ${insertAudit([said(id, 'state', { state })], CHANGED)}`.execute(db);
    },

    async setCode(id, digest, expiresAt) {
      await sql`with changed as (update erasures set code_digest = ${Buffer.from(digest)}, code_expires_at = ${expiresAt},
          codes_sent = codes_sent + 1 where id = ${id} and proved_at is null returning 1)
        ${insertAudit([said(id, 'codeMade')], CHANGED)}`.execute(db);
    },

    async decisionFacts(id, purposes) {
      const customers = await db.selectFrom('customers').select('id').where('erasure_id', '=', id).execute();
      const request = await db
        .selectFrom('erasures')
        .select('received_at')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      const known = await knownOfPerson(
        db,
        customers.map((customer) => customer.id),
      );
      return factsOf(known, purposes, { ground: 'any', receivedAt: request.received_at.toISOString() });
    },

    saveDecision: (id, decision) => writeDecision(db, id, decision, 'decided', sql`decision is null`),

    async hasEmptied(id) {
      const actions = ['emptied', 'filesRemoved', 'filesMasked'] as const;
      const { rows } = await sql<{ has: boolean }>`select exists (select 1 from audit_entries
        where object = ${said(id, 'emptied').object} and action = any(${actions.map((what) => said(id, what).action)}::text[])) as has`.execute(
        db,
      );
      return rows[0]?.has === true;
    },

    async replaceDecision(id, decision) {
      const isOther = sql`erased_at is null and decision is distinct from ${toJson(decision)}::jsonb`;
      await writeDecision(db, id, decision, 'decidedAgain', isOther);
    },

    async subjectRef(id, fresh) {
      const { rows } = await sql<{
        subject_ref: string;
      }>`update erasures set subject_ref = coalesce(subject_ref, ${fresh})
        where id = ${id} returning subject_ref`.execute(db);
      return rows[0]?.subject_ref ?? fresh;
    },

    ...createPerson(db),
    ...createEmptier(db),
    ...createKept(db),
    ...createSearch(db),
    ...createTeller(db),

    unapplied: (entries) => unapplied(db, entries),
    restore: (entry, by, digest) => restoreErasure(db, entry, by, digest),

    async intend(id, step, facts, by) {
      const entry = { ...said(id, `${step}Intent`, facts), ...(by && { actor: by }) };
      const isNew = sql`not exists (select 1 from erasure_steps where erasure_id = ${id} and step = ${step})`;
      await insertAudit([entry], isNew).execute(db);
    },

    async done(id, step, counts, by) {
      await sql`${insertAudit([{ ...said(id, step, counts), ...(by && { actor: by }) }])}`.execute(db);
    },

    async settle(id, step, outcome, counts, by) {
      const entry = { ...said(id, outcome, counts), ...(by && { actor: by }) };
      const intent = said(id, `${step}Intent`).action;
      const last = sql`(select a.action from audit_entries a where a.object = ${entry.object}
        and a.action = any(${[intent, entry.action]}::text[]) order by a.id desc limit 1)`;
      await insertAudit([entry], sql`${last} = ${intent}`).execute(db);
    },

    async receipt(id, step, receipt) {
      await sql`with changed as (insert into erasure_steps (erasure_id, step, receipt) values (${id}, ${step}, ${toJson(receipt)}::jsonb)
          on conflict (erasure_id, step) do nothing returning 1)
        ${insertAudit([said(id, step, receipt)], CHANGED)}`.execute(db);
    },

    async receiptOf(id, step, { actions, store = null, none }) {
      const { actor, object } = said(id, step);
      await sql`with counts as (
          select key, sum(value::bigint) as n from audit_entries a, jsonb_each_text(a.after - 'store')
          where a.object = ${object} and a.action = any(${actions.map((action) => said(id, action).action)}::text[])
            and (${store}::text is null or a.after->>'store' = ${store}::text) group by key),
        changed as (insert into erasure_steps (erasure_id, step, receipt)
          select ${id}::text, ${step}::text, ${toJson(none)}::jsonb || coalesce(jsonb_object_agg(key, n), '{}') from counts
          on conflict (erasure_id, step) do update set receipt = excluded.receipt
            where erasure_steps.receipt is distinct from excluded.receipt returning receipt)
        ${insertAuditFrom(
          said(id, step).action,
          sql`${actor.kind}::text, ${actor.id}::text, ${object}::text,
          null::text, null::jsonb, receipt from changed`,
        )}`.execute(db);
    },

    async end(id, outcome) {
      await sql`with changed as (update erasures set state = 'ended', outcome = ${outcome}, ended_at = now(),
            particulars = null, sealed = '', code_digest = null,
            still_kept = case when ${outcome} = 'partlyErased' then array(select c->>'category' from jsonb_array_elements(decision->'categories') c
              where c->>'verdict' = 'keep' and c->>'category' <> 'requestRecord') else '{}' end
          where id = ${id} and ended_at is null returning 1)
        ${insertAudit([said(id, 'ended', { outcome })], CHANGED)}`.execute(db);
    },

    async markErased(id) {
      // Where the person's id is kept, their rows are theirs again.
      await sql`update customers set frozen_at = null, kept_by = ${id} where erasure_id = ${id} and erased_at is null`.execute(
        db,
      );
      await db.deleteFrom('erasure_assertions').where('erasure_id', '=', id).execute();
      await sql`with changed as (update erasures set erased_at = now(), particulars = null, sealed = '' where id = ${id} and erased_at is null returning 1)
        ${insertAudit([said(id, 'erased')], CHANGED)}`.execute(db);
    },

    ...createRulings(db),

    async forgetLimits(buckets) {
      await sql`delete from request_limits where bucket = any(${buckets.map((bucket) => Buffer.from(bucket))}::bytea[])`.execute(
        db,
      );
    },
  };
}

/** `when`: a condition on the request's row. */
async function writeDecision(
  db: Database,
  id: string,
  decision: MadeDecision,
  what: 'decided' | 'decidedAgain',
  when: RawBuilder<unknown>,
): Promise<void> {
  const categories = decision.categories.map(({ category, verdict }) => ({ category, verdict }));
  await sql`with changed as (update erasures set decision = ${toJson(decision)}::jsonb where id = ${id} and ${when} returning 1)
    ${insertAudit([said(id, what, { verdict: decision.verdict, categories })], CHANGED)}`.execute(db);
}
