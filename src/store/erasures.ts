import { type RawBuilder, sql } from 'kysely';
import type { ErasureRow, ErasureStore, Particulars, RecipientRow } from '../deps-erasure.ts';
import type { Asked, MadeDecision } from '../domain/erase.ts';
import { factsOf } from '../domain/erase-known.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';
import { createEmptier } from './erasure-empty.ts';
import { restoreErasure, unapplied } from './erasure-restore.ts';
import { createSearch } from './erasure-search.ts';
import { toJson } from './json.ts';
import { knownOfPerson } from './known-of-person.ts';
import { isNamed } from './people.ts';

/** What the workflow does to a request's rows. Each effect and its entry in the audit log are one statement. */
export function createErasureStore(db: Database): ErasureStore {
  return {
    row: (id) => erasureRow(db, id),

    async setState(id, state) {
      await sql`with changed as (update erasures set state = ${state} where id = ${id} and state <> ${state} and ended_at is null returning 1)
        ${insertAudit([said(id, 'state', { state })], CHANGED)}`.execute(db);
    },

    async setCode(id, digest, expiresAt) {
      await sql`with changed as (update erasures set code_digest = ${Buffer.from(digest)}, code_expires_at = ${expiresAt},
          codes_sent = codes_sent + 1 where id = ${id} and proved_at is null returning 1)
        ${insertAudit([said(id, 'codeMade')], CHANGED)}`.execute(db);
    },

    customersOf: (asked) => customersOf(db, asked).execute(),

    async takeTurn(id, asked) {
      return db.transaction().execute(async (trx) => {
        // In the order of their ids, so that two requests never wait for each other. What an erasure took away meanwhile is not there.
        const found = await customersOf(trx, asked).forUpdate().execute();
        if (found.length === 0) return { found: 0, behind: null };
        const ids = found.map((customer) => customer.id);
        const { rows } = await sql<{ erasure_id: string }>`
          select c.erasure_id from customers c join erasures e on e.id = c.erasure_id
          where c.id = any(${ids}::text[]) and c.erasure_id <> ${id}
            and e.ended_at is null and e.erased_at is null`.execute(trx);
        const behind = rows[0]?.erasure_id ?? null;
        if (behind !== null) return { found: found.length, behind };
        await sql`with changed as (update customers set erasure_id = ${id} where id = any(${ids}::text[])
            and erasure_id is distinct from ${id} returning 1)
          ${insertAudit([said(id, 'turn', { customers: found.length })], CHANGED)}`.execute(trx);
        return { found: found.length, behind: null };
      });
    },

    async takeOver(from, id) {
      await sql`with moved as (update customers set erasure_id = ${id} where erasure_id = ${from} returning 1),
        changed as (update erasures set state = 'ended', outcome = 'abandoned', ended_at = now()
          where id = ${from} and ended_at is null returning 1)
        ${insertAudit([said(id, 'tookOver', { from })], CHANGED)}`.execute(db);
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

    async replaceDecision(id, decision) {
      const isOther = sql`erased_at is null and decision is distinct from ${toJson(decision)}::jsonb`;
      await writeDecision(db, id, decision, 'decidedAgain', isOther);
    },

    async freeze(id) {
      await sql`with changed as (update customers set frozen_at = now() where erasure_id = ${id} and frozen_at is null returning 1)
        ${insertAudit([said(id, 'frozen')], CHANGED)}`.execute(db);
    },

    async remember(id, seal) {
      const sealed = await seal(await particularsOf(db, id));
      await sql`update erasures set particulars = ${Buffer.from(sealed)}
        where id = ${id} and particulars is null and erased_at is null`.execute(db);
    },

    async openTickets(id) {
      const { rows } = await sql<{ id: string }>`select t.id from customers c join tickets t on t.customer_id = c.id
        where c.erasure_id = ${id} and t.state <> 'closed' order by t.id`.execute(db);
      return rows.map((row) => row.id);
    },

    async closeTickets(id) {
      // What its workflow would have written; that one is gone, so nobody else writes this row any more.
      await sql`with closing as (
          select t.id, t.state, t.revision from customers c join tickets t on t.customer_id = c.id
          where c.erasure_id = ${id} and t.state <> 'closed' for update of t),
        changed as (update tickets t set state = 'closed', needs_attention = false, revision = t.revision + 1, updated_at = now()
          from closing where t.id = closing.id returning t.id, t.revision, t.updated_at),
        told as (insert into timeline (ticket_id, seq, at, kind, actor, facts)
          select id, revision, updated_at, 'closed', 'operator', '{"source":"erasure"}' from changed on conflict do nothing)
        ${insertAudit([said(id, 'ticketsClosed')], CHANGED)}`.execute(db);
    },

    async workflows(id) {
      const { rows } = await sql<{ name: string; clear_text: boolean }>`
        select names.name, coalesce(bool_or(k.clear_text), true) as clear_text from (
          select 'ticket-' || t.id as name from customers c join tickets t on t.customer_id = c.id where c.erasure_id = ${id}
          union select k.name from customers c join data_keys k on k.subject_id = c.id where c.erasure_id = ${id}
        ) as names left join data_keys k on k.name = names.name group by names.name order by names.name`.execute(db);
      return rows.map((row) => ({ workflowId: row.name, clearText: row.clear_text }));
    },

    async subjectRef(id, fresh) {
      const { rows } = await sql<{
        subject_ref: string;
      }>`update erasures set subject_ref = coalesce(subject_ref, ${fresh})
        where id = ${id} returning subject_ref`.execute(db);
      return rows[0]?.subject_ref ?? fresh;
    },

    ...createEmptier(db),
    ...createSearch(db),

    unapplied: (ids) => unapplied(db, ids),
    restore: (entry, digest) => restoreErasure(db, entry, digest),

    async intend(id, step, facts) {
      await sql`${insertAudit([said(id, `${step}Intent`, facts)])}`.execute(db);
    },

    async receipt(id, step, receipt) {
      await sql`with changed as (insert into erasure_steps (erasure_id, step, receipt) values (${id}, ${step}, ${toJson(receipt)}::jsonb)
          on conflict (erasure_id, step) do nothing returning 1)
        ${insertAudit([said(id, step, receipt)], CHANGED)}`.execute(db);
    },

    recipients: (id) => recipientsOf(db, id),

    async saveRecipient(id, row) {
      const { recipient, kind, status, attempts, reason, notice } = row;
      await sql`with changed as (insert into erasure_recipients (erasure_id, recipient, kind, status, attempts, reason, notice)
          values (${id}, ${recipient}, ${kind}, ${status}, ${attempts}, ${reason}, ${notice && Buffer.from(notice)})
          on conflict (erasure_id, recipient) do update set status = excluded.status, attempts = excluded.attempts,
            reason = excluded.reason, notice = excluded.notice, updated_at = now() returning 1)
        ${insertAudit([said(id, 'recipient', { recipient, status, attempts, reason })], CHANGED)}`.execute(db);
    },

    async beginMail(id, occasion) {
      const { rows } = await sql<{ begun: boolean }>`with changed as (
          insert into erasure_mails (erasure_id, occasion, status) values (${id}, ${occasion}, 'sending')
          on conflict (erasure_id, occasion) do update set attempts = erasure_mails.attempts + 1, updated_at = now()
            where erasure_mails.status <> 'sent' returning 1),
        logged as (${insertAudit([said(id, 'mailIntent', { occasion })], CHANGED)})
        select exists (select 1 from changed) as begun`.execute(db);
      return rows[0]?.begun === true;
    },

    async finishMail(id, occasion) {
      await sql`with changed as (update erasure_mails set status = 'sent', updated_at = now()
          where erasure_id = ${id} and occasion = ${occasion} and status <> 'sent' returning 1)
        ${insertAudit([said(id, 'mailSent', { occasion })], CHANGED)}`.execute(db);
    },

    async release(id) {
      await sql`update customers set erasure_id = null, frozen_at = null where erasure_id = ${id} and erased_at is null`.execute(
        db,
      );
    },

    async end(id, outcome) {
      await sql`with changed as (update erasures set state = 'ended', outcome = ${outcome}, ended_at = now(),
            particulars = null, sealed = '', code_digest = null
          where id = ${id} and ended_at is null returning 1)
        ${insertAudit([said(id, 'ended', { outcome })], CHANGED)}`.execute(db);
    },

    async markErased(id) {
      // Where the person's id is kept, their rows are theirs again.
      await sql`update customers set frozen_at = null where erasure_id = ${id} and erased_at is null`.execute(db);
      await sql`with changed as (update erasures set erased_at = now(), particulars = null, sealed = '' where id = ${id} and erased_at is null returning 1)
        ${insertAudit([said(id, 'erased')], CHANGED)}`.execute(db);
    },

    async rule(id, ruling, officerId, reason) {
      const entry = { ...said(id, ruling, {}), actor: { kind: 'person' as const, id: officerId } };
      await sql`with changed as (update erasures set approval = ${ruling}, ruled_by = ${officerId}, ruling_reason = ${reason}
          where id = ${id} and approval is null returning 1)
        ${insertAudit([entry], CHANGED)}`.execute(db);
      const row = await erasureRow(db, id);
      return row?.approval === ruling && row.ruledBy === officerId;
    },

    async extend(id, to, reason, officerId) {
      const entry = {
        ...said(id, 'extended', { to: to.toISOString() }),
        actor: { kind: 'person' as const, id: officerId },
      };
      await sql`with changed as (update erasures set extended_to = ${to}, extension_reason = ${reason}
          where id = ${id} and extended_to is null and ended_at is null returning 1)
        ${insertAudit([entry], CHANGED)}`.execute(db);
    },

    async forgetLimits(buckets) {
      await sql`delete from request_limits where bucket = any(${buckets.map((bucket) => Buffer.from(bucket))}::bytea[])`.execute(
        db,
      );
    },
  };
}

export async function recipientsOf(db: Database, id: string): Promise<RecipientRow[]> {
  const rows = await db
    .selectFrom('erasure_recipients')
    .selectAll()
    .where('erasure_id', '=', id)
    .orderBy('recipient')
    .execute();
  return rows.map(({ recipient, kind, status, attempts, reason, notice }) => ({
    recipient,
    kind,
    status,
    attempts,
    reason,
    notice,
  }));
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

function customersOf(db: Database, asked: Asked) {
  return db
    .selectFrom('customers')
    .select(['id', 'email', 'name'])
    .where('erased_at', 'is', null)
    .where(isNamed(asked))
    .orderBy('id');
}

/** All that will be needed of the person once their rows tell nothing. */
async function particularsOf(db: Database, id: string): Promise<Particulars> {
  const customers = await db
    .selectFrom('customers')
    .select(['id', 'name', 'email', 'phone'])
    .where('erasure_id', '=', id)
    .execute();
  const { rows } = await sql<{ provider_message_id: string }>`
    select d.provider_message_id from customers c join tickets t on t.customer_id = c.id join deliveries d on d.ticket_id = t.id
    where c.erasure_id = ${id} and d.transport = 'slack' and d.provider_message_id is not null order by d.id`.execute(
    db,
  );
  const given = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null))];
  return {
    customerIds: customers.map((customer) => customer.id),
    emails: given(customers.map(({ email }) => email)),
    phones: given(customers.map(({ phone }) => phone)),
    name: customers.find(({ name }) => name !== null)?.name ?? null,
    slack: rows.map((row) => row.provider_message_id),
  };
}

export async function erasureRow(db: Database, id: string): Promise<ErasureRow | null> {
  const row = await db.selectFrom('erasures').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    via: row.via,
    state: row.state,
    outcome: row.outcome,
    receivedAt: row.received_at,
    dueAt: row.due_at,
    extendedTo: row.extended_to,
    extensionReason: row.extension_reason,
    sealed: row.sealed,
    particulars: row.particulars,
    codeExpiresAt: row.code_expires_at,
    codesSent: row.codes_sent,
    provedAt: row.proved_at,
    provedBy: row.proved_by,
    assertedAt: row.asserted_at,
    decision: row.decision,
    approval: row.approval,
    ruledBy: row.ruled_by,
    rulingReason: row.ruling_reason,
    requestedBy: row.requested_by,
    subjectRef: row.subject_ref,
    endedAt: row.ended_at,
    erasedAt: row.erased_at,
  };
}
