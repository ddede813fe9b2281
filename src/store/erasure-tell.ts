import { sql } from 'kysely';
import type { ErasureStore, RecipientRow } from '../deps-erasure-store.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';

type Teller = Pick<ErasureStore, 'recipients' | 'saveRecipient' | 'beginMail' | 'finishMail' | 'failMail'>;

/** Whom an erasure writes to: recipients of the data, and by mail the person and our officers. */
export function createTeller(db: Database): Teller {
  return {
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

    async failMail(id, occasion, code) {
      await insertAudit([{ ...said(id, 'mailFailed', { occasion }), why: code }]).execute(db);
    },

    async finishMail(id, occasion) {
      await sql`with changed as (update erasure_mails set status = 'sent', updated_at = now()
          where erasure_id = ${id} and occasion = ${occasion} and status <> 'sent' returning 1)
        ${insertAudit([said(id, 'mailSent', { occasion })], CHANGED)}`.execute(db);
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
