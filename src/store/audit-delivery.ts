import { type RawBuilder, sql } from 'kysely';
import type { AuditAction } from '../domain/audit-actions.ts';
import { insertAuditFrom, says } from './audit.ts';

/**
 * The intent to send, of the CTE `rows`: it stands in the log before anything is sent, or nothing is sent. What is meant for the outbox is
 * written as soon as it is queued.
 */
export function auditQueued(): RawBuilder<unknown> {
  return insertAuditFrom(
    sql<AuditAction>`case when transport = 'outbox' and status = 'queued' then ${says('delivery.intent')} else ${says('delivery.queued')} end`,
    sql`'workflow', 'ticket-' || ticket_id, 'delivery/' || id, coalesce(reason, template), null::jsonb, ${WHAT} || jsonb_build_object('status', status)
    from rows where fresh order by id`,
  );
}

export function auditIntent(): RawBuilder<unknown> {
  return insertAuditFrom(
    'delivery.intent',
    sql`'workflow', 'ticket-' || ticket_id, 'delivery/' || id, template,
      jsonb_build_object('status', was), ${WHAT} || jsonb_build_object('status', status, 'attempt', attempts, 'repeats', repeats)
    from rows`,
  );
}

/** Sets deliveries to what became of them, and logs that; only where they were not settled before. */
export function settle(which: RawBuilder<unknown>, set: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`with o as (select id, status from deliveries where ${which} order by id for update),
    rows as (update deliveries d set ${set}, updated_at = now() from o where d.id = o.id returning d.*, o.status as was)
    ${insertAuditFrom(
      'delivery.outcome',
      sql`'workflow', 'ticket-' || ticket_id, 'delivery/' || id, reason,
      jsonb_build_object('status', was), jsonb_build_object('status', status, 'attempt', attempts) from rows order by id`,
    )}`;
}

/** Not the recipient's id, which may be a customer's. */
const WHAT = sql`jsonb_build_object('ticket', ticket_id, 'template', template, 'channel', channel, 'transport', transport,
  'recipient', recipient_kind)`;
