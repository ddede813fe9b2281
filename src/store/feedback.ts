import { sql } from 'kysely';
import type { FailedOutcome, Feedback } from '../domain/feedback.ts';
import type { FeedbackStore } from '../http/deps.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** Later than this no message is taken, by its own timestamp: its id need not be known any more. */
const REMEMBERED = sql`interval '1 day'`;

/** What the mail provider says of mails that it took. */
export function createFeedbackStore(db: Database): FeedbackStore {
  return {
    async take(messageId) {
      const { rows } = await sql<{ known: boolean }>`
        with forgotten as (delete from sns_messages where taken_at < now() - ${REMEMBERED}),
        taken as (insert into sns_messages (message_id) values (${messageId}) on conflict do nothing)
        select exists (select 1 from sns_messages where message_id = ${messageId} and finished_at is not null) as known`.execute(
        db,
      );
      return { known: rows[0]?.known === true };
    },

    async finish(messageId) {
      await sql`update sns_messages set finished_at = now() where message_id = ${messageId}`.execute(db);
    },

    record: (feedback) => record(db, feedback),
  };
}

/** The same of what a flow without a ticket told: its customer is written to no more, and nobody else has to hear of it. */
async function recordOfRun(db: Database, feedback: Feedback): ReturnType<FeedbackStore['record']> {
  const { providerMessageId, outcome, reason, forGood } = feedback;
  const by = sql`'system', 'ses'`;
  const { rows } = await sql`
    with o as (select id, status from run_messages
      where provider_message_id = ${providerMessageId} and transport = 'ses' order by id for update),
    rows as (update run_messages m set status = ${outcome}, reason = ${reason}, updated_at = now() from o
      where m.id = o.id and o.status = any(${newsAfter(feedback)}::text[])
      returning m.id, m.recipient_kind, m.recipient_id, m.attempts, o.status as was),
    told as (${insertAuditFrom(
      'runMessage.outcome',
      sql`${by}, 'runMessage/' || id, ${reason}::text, jsonb_build_object('status', was),
      jsonb_build_object('status', ${outcome}::text, 'attempt', attempts) from rows order by id`,
    )}),
    listed as (insert into suppressions (customer_id, reason)
      select distinct c.id, ${outcome}::text from rows join customers c on c.id = recipient_id
      where recipient_kind = 'customer' and ${forGood} and c.frozen_at is null and c.erased_at is null
      on conflict (customer_id) do update set reason = excluded.reason
        where suppressions.reason = 'bounced' and excluded.reason = 'complained'
      returning id),
    noted as (${insertAuditFrom(
      'suppression.listed',
      sql`${by}, 'suppression/' || listed.id, ${outcome}::text, null::jsonb,
      jsonb_build_object('runMessages', (select jsonb_agg(id) from rows)) from listed`,
    )})
    select id from o`.execute(db);
  return rows.length === 0 ? null : { failed: [] };
}

/** Of which statuses a word of the provider's is news: bounces come after "delivered" where the other side took the mail at first. */
function newsAfter({ outcome, forGood }: Feedback): readonly string[] {
  if (outcome === 'complained') return ['sent', 'delivered', 'bounced'];
  // One that is not for good may be an out-of-office reply to a mail that arrived.
  return outcome === 'bounced' && forGood ? ['sent', 'delivered'] : ['sent'];
}

async function record(db: Database, feedback: Feedback): ReturnType<FeedbackStore['record']> {
  const { providerMessageId, outcome, reason, forGood } = feedback;
  const by = sql`'system', 'ses'`;
  const { rows } = await sql<{ id: string; ticket_id: string; failed: boolean }>`
    with o as (select id, ticket_id, status from deliveries
      where provider_message_id = ${providerMessageId} and transport = 'ses' order by id for update),
    rows as (update deliveries d set status = ${outcome}, reason = ${reason}, updated_at = now() from o
      where d.id = o.id and o.status = any(${newsAfter(feedback)}::text[])
      returning d.id, d.ticket_id, d.recipient_kind, d.recipient_id, d.template, d.attempts, o.status as was),
    told as (${insertAuditFrom(
      'delivery.outcome',
      sql`${by}, 'delivery/' || id, ${reason}::text, jsonb_build_object('status', was),
      jsonb_build_object('status', ${outcome}::text, 'ticket', ticket_id, 'template', template, 'recipient', recipient_kind, 'attempt', attempts)
      from rows order by id`,
    )}),
    -- Nobody who is being erased is put on a list.
    listed as (insert into suppressions (customer_id, reason)
      select distinct recipient_id, ${outcome}::text from rows join customers c on c.id = recipient_id
      where recipient_kind = 'customer' and ${forGood} and c.frozen_at is null and c.erased_at is null
      on conflict (customer_id) do update set reason = excluded.reason
        where suppressions.reason = 'bounced' and excluded.reason = 'complained'
      returning id),
    -- Not whose it is: the log outlives the customer.
    noted as (${insertAuditFrom(
      'suppression.listed',
      sql`${by}, 'suppression/' || listed.id, ${outcome}::text, null::jsonb,
      jsonb_build_object('deliveries', (select jsonb_agg(id) from rows)) from listed`,
    )})
    select id, ticket_id, ${outcome !== 'delivered'} and (status = ${outcome} or id in (select id from rows)) as failed from o`.execute(
    db,
  );
  if (rows.length === 0) return recordOfRun(db, feedback);
  const failed = rows.filter((row) => row.failed);
  return {
    failed: failed.map((row) => ({
      ticketId: row.ticket_id,
      deliveryId: row.id,
      outcome: outcome as FailedOutcome,
    })),
  };
}
