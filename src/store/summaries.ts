/** Summaries as the workflows send them whose messages they stand for. */
import { sql } from 'kysely';
import type { Summary, SummaryStore, SummaryTurn } from '../deps-summaries.ts';
import type { TemplateName } from '../domain/delivery.ts';
import { MOST_NAMED, pauseAfter } from '../domain/storm.ts';
import { insertAuditFrom } from './audit.ts';
import { settle } from './audit-delivery.ts';
import type { Database } from './database.ts';

interface WindowRow {
  readonly id: string;
  readonly channel: string;
  readonly template: TemplateName;
  readonly is_held: boolean;
  readonly messages: number;
  readonly most: number;
  readonly status: 'sending' | 'sent' | 'unknown' | 'failed' | null;
  readonly sent_by: string | null;
  readonly attempts: number;
  readonly repeats: number;
  /** Until the window ends. */
  readonly left_ms: number;
  /** Until somebody else than its sender may try. */
  readonly others_ms: number;
  readonly is_sender: boolean;
  readonly delivery_status: string;
  readonly is_given_up: boolean;
}

/** How soon whoever waits for another one looks again. */
const LOOK_AGAIN_MS = 2_000;

export function createSummaryStore(db: Database): SummaryStore {
  return {
    begin: (delivery, leaseMs) =>
      db.transaction().execute(async (transaction) => {
        const window = await lock(transaction, delivery);
        if (!window) return { turn: 'alone' } as const;
        const turn = turnOf(window);
        // Whatever comes now belongs to the next window.
        if (turn.turn === 'alone' && window.is_held) await close(transaction, window.id);
        if (turn.turn !== 'send') return turn;
        return { turn: 'send', summary: await claim(transaction, window, delivery, leaseMs) };
      }),

    finish: (summaryId, deliveryId, outcome) =>
      db.transaction().execute(async (transaction) => {
        const isSent = outcome.status === 'sent';
        const isGivenUp = outcome.status === 'givenUp';
        const reason = isSent ? null : outcome.reason;
        const { rows } = await sql<{ id: string }>`with finished as (
            update message_windows m set status = ${isGivenUp ? 'unknown' : outcome.status}, reason = ${reason},
              provider_message_id = coalesce(${isSent ? outcome.providerMessageId : null}, provider_message_id),
              given_up_at = case when ${isGivenUp} then now() end,
              next_at = now() + make_interval(secs => ${PAUSES}), updated_at = now()
            where id = ${summaryId} and status <> 'sent' and given_up_at is null and (${isSent} or sender = ${deliveryId})
            returning *),
          told as (update deliveries d set reason = 'in summary ' || f.id, updated_at = now() from finished f
            where f.status = 'sent' and d.window_id = f.id and d.status = 'summarised'),
          audit as (${insertAuditFrom(
            'summary.outcome',
            sql`'system', 'worker', 'summary/' || id, reason, null::jsonb,
            jsonb_build_object('template', template, 'channel', sent_by, 'to', recipient_id, 'status', status, 'attempt', attempts)
            from finished`,
          )})
          select id from finished`.execute(transaction);
        if (!isGivenUp || rows.length === 0) return;
        await settle(
          sql`window_id = ${summaryId} and status = 'summarised'`,
          sql`status = 'unknown', reason = 'in summary ' || d.window_id || ', whose answer was lost'`,
        ).execute(transaction);
      }),
  };
}

const PAUSES = sql`case ${sql.join(
  Array.from(
    { length: 8 },
    (_, i) => sql`when m.attempts <= ${sql.lit(i + 1)} then ${sql.lit(pauseAfter(i + 1) / 1_000)}`,
  ),
  sql` `,
)} else ${sql.lit(pauseAfter(9) / 1_000)} end`;

async function lock(
  transaction: Database,
  { id, ticketId, occasion }: Parameters<SummaryStore['begin']>[0],
): Promise<WindowRow | undefined> {
  // First the lock, then the look: whoever counts a message here has ended by then.
  await sql`select 1 from message_windows where id = (select window_id from deliveries where id = ${id}) for update`.execute(
    transaction,
  );
  const { rows } =
    await sql<WindowRow>`select m.id, m.channel, m.template, isfinite(m.held_until) as is_held, m.messages, m.most,
      m.status, m.sent_by, m.attempts, m.repeats, d.status as delivery_status, m.given_up_at is not null as is_given_up,
      (extract(epoch from m.ends_at - clock_timestamp()) * 1000)::float8 as left_ms,
      coalesce(extract(epoch from m.next_at - clock_timestamp()) * 1000, 0)::float8 as others_ms,
      exists (select 1 from deliveries s where s.id = m.sender and s.ticket_id = ${ticketId} and s.occasion = ${occasion}) as is_sender
    from deliveries d join message_windows m on m.id = d.window_id where d.id = ${id}`.execute(transaction);
  return rows[0];
}

function turnOf(window: WindowRow): SummaryTurn | { readonly turn: 'send' } {
  const { status, left_ms, others_ms, is_sender, is_held, messages, most, delivery_status, is_given_up } = window;
  if (is_given_up && (delivery_status === 'unknown' || delivery_status === 'summarised')) return { turn: 'inDoubt' };
  // Given up meanwhile, or sent by itself.
  if (delivery_status !== 'summarised' && delivery_status !== 'queued') return { turn: 'alone' };
  if (left_ms > 0) return { turn: 'wait', ms: Math.max(1, Math.ceil(left_ms)) };
  if (is_held && messages <= most) return { turn: 'alone' };
  if (status === 'sent') return { turn: 'told' };
  if (status !== null && !is_sender && others_ms > 0) {
    return { turn: 'wait', ms: Math.max(1, Math.min(LOOK_AGAIN_MS, Math.ceil(others_ms))) };
  }
  return { turn: 'send' };
}

async function close(transaction: Database, windowId: string): Promise<void> {
  await sql`update message_windows set closed_at = now() where id = ${windowId} and closed_at is null`.execute(
    transaction,
  );
}

async function claim(
  transaction: Database,
  { id, channel: counted, template, is_held, most, status, sent_by, repeats }: WindowRow,
  { id: sender, channel }: Parameters<SummaryStore['begin']>[0],
  leaseMs: number,
): Promise<Summary> {
  const answerLost = (status === 'sending' || status === 'unknown') && sent_by === channel;
  // Held messages come as one when there are many.
  await settle(sql`window_id = ${id} and status = 'queued'`, sql`status = 'summarised'`).execute(transaction);
  await sql`with claimed as (update message_windows m set status = 'sending', sent_by = ${channel}, sender = ${sender},
      attempts = m.attempts + 1, repeats = m.repeats + ${answerLost}::boolean::integer, closed_at = coalesce(m.closed_at, now()),
      next_at = now() + make_interval(secs => ${leaseMs / 1_000}), updated_at = now() where id = ${id} returning *)
    ${insertAuditFrom(
      'summary.intent',
      sql`'workflow', 'ticket-' || (select ticket_id from deliveries where id = ${sender}),
      'summary/' || id, template, null::jsonb,
      jsonb_build_object('template', template, 'channel', sent_by, 'to', recipient_id, 'attempt', attempts, 'repeats', repeats)
      from claimed`,
    )}`.execute(transaction);
  const { rows } = await sql<{ messages: number; tickets: number; named: string[] }>`
    with told as (select ticket_id, min(id) as first, count(*) as messages from deliveries
      where window_id = ${id} and status = 'summarised' and channel = ${counted} group by ticket_id)
    select coalesce(sum(messages), 0)::integer as messages, count(*)::integer as tickets,
      array(select ticket_id from told order by first limit ${MOST_NAMED}) as named from told`.execute(transaction);
  const { messages = 0, tickets = 0, named = [] } = rows[0] ?? {};
  return { id, template, messages, before: is_held ? 0 : most, tickets, named, answerLost, repeats };
}
