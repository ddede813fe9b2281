import { type RawBuilder, sql } from 'kysely';
import { ticketWorkflowId } from '../contract.ts';
import type { BeforeEmptying, GoneBefore, RetentionBatch, RetentionOrder } from '../deps-retention.ts';
import type { AuditActor } from '../domain/audit.ts';
import { ERASED } from '../domain/personal-data.ts';
import type { RetentionCategory } from '../domain/retention.ts';
import { insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { isHeldFor } from './retention-slack.ts';
import { IN_SLACK } from './slack-copies.ts';

export type { RetentionBatch, RetentionOrder } from '../deps-retention.ts';

/**
 * Empties a batch of tickets that have been closed for long: the words go, the figures stay. A ticket is emptied whole or not at all, and
 * only after its key is shredded: whoever is killed in between leaves it due, and the next run does both again.
 */
export async function retentionBatch(
  db: Database,
  order: RetentionOrder,
  by: AuditActor,
  before: BeforeEmptying = async () => ({}),
): Promise<RetentionBatch> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string }>`${dueTickets(order)}`.execute(transaction);
    const ids = rows.map(({ id }) => id);
    const workflowIds = ids.map(ticketWorkflowId);
    let gone: GoneBefore = {};
    if (!order.dryRun && ids.length > 0) {
      const outbox = await outboxOf(transaction, ids);
      // Not in the transaction: what it speaks of can't be taken back, whatever becomes of the rows.
      const intent = { tickets: ids.length, outbox: outbox.length, closedBefore: order.before.toISOString() };
      await insertAudit([{ ...of(by), action: 'retention.intent', after: intent }]).execute(db);
      gone = await before(workflowIds, outbox);
    }
    const done = await (order.dryRun ? count(transaction, ids) : empty(transaction, ids, order.now));
    const { conversations, deliveries, outbox, slack } = done;
    if (!order.dryRun && ids.length > 0) {
      const after = { tickets: ids.length, conversations, deliveries, slack, ...gone };
      await insertAudit([{ ...of(by), action: 'retention.emptied', after }]).execute(transaction);
    }
    return {
      tickets: ids.length,
      rows: { conversations, deliveries },
      slack,
      workflowIds,
      outboxDeliveryIds: outbox,
      held: await heldTickets(transaction, order),
      more: ids.length === order.limit,
    };
  });
}

const of = (actor: AuditActor) => ({ actor, object: 'retention', why: 'retention.ticketsDaysAfterClose' });

async function outboxOf(db: Database, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from deliveries where ticket_id = any(${ids}::text[]) and transport = 'outbox' order by id`.execute(db);
  return rows.map(({ id }) => id);
}

function isDue({ before }: RetentionOrder): RawBuilder<unknown> {
  return sql`t.state = 'closed' and t.emptied_at is null and t.updated_at < ${before}`;
}

function isHeld({ now }: RetentionOrder): RawBuilder<unknown> {
  return isHeldFor(sql`t.customer_id`, now);
}

/** Of two batches at once each takes what the other has not. */
function dueTickets(order: RetentionOrder): RawBuilder<unknown> {
  return sql`select t.id from tickets t where ${isDue(order)} and not ${isHeld(order)}
    order by t.updated_at, t.id limit ${order.limit} ${order.dryRun ? sql`` : sql`for update of t skip locked`}`;
}

async function heldTickets(db: Database, order: RetentionOrder): Promise<number> {
  const { rows } = await sql<{ held: number }>`
    select count(*)::integer as held from tickets t where ${isDue(order)} and ${isHeld(order)}`.execute(db);
  return rows[0]?.held ?? 0;
}

function hasWords(ids: readonly string[]): RawBuilder<unknown> {
  return sql`ticket_id = any(${ids}::text[]) and (body <> ${ERASED} or subject <> ${ERASED}
    or mail_id is not null or new_words is not null)`;
}
function hasTraces(ids: readonly string[]): RawBuilder<unknown> {
  return sql`ticket_id = any(${ids}::text[]) and (provider_message_id is not null or facts <> '{}')`;
}

function inSlack(ids: readonly string[]): RawBuilder<unknown> {
  return sql`select id from deliveries d where ticket_id = any(${ids}::text[]) and ${IN_SLACK}`;
}

function count(db: Database, ids: readonly string[]): Promise<Rows> {
  return rowsOf(db, {
    conversations: sql`select id from messages where ${hasWords(ids)}`,
    deliveries: sql`select id, transport from deliveries where ${hasTraces(ids)}`,
    slack: inSlack(ids),
  });
}

function empty(db: Database, ids: readonly string[], now: Date): Promise<Rows> {
  return rowsOf(db, {
    conversations: sql`update messages set body = ${ERASED}, subject = case when subject is not null then ${ERASED} end, mail_id = null, new_words = null
      where ${hasWords(ids)} returning id`,
    // By its id a message is found in Slack, where it stands until Slack has taken it away.
    deliveries: sql`update deliveries set provider_message_id = case when transport = 'slack' then provider_message_id end, facts = '{}'
      where ${hasTraces(ids)} returning id, transport`,
    slack: inSlack(ids),
    emptied: sql`update tickets set emptied_at = ${now} where id = any(${ids}::text[]) returning id`,
  });
}

interface Rows extends Record<RetentionCategory, number> {
  readonly outbox: string[];
  readonly slack: number;
}

async function rowsOf(
  db: Database,
  {
    conversations,
    deliveries,
    slack,
    emptied = sql`select 1`,
  }: Record<RetentionCategory | 'slack', RawBuilder<unknown>> & { emptied?: RawBuilder<unknown> },
): Promise<Rows> {
  const { rows } = await sql<Rows>`
    with words as (${conversations}), traces as (${deliveries}), standing as (${slack}), emptied as (${emptied})
    select (select count(*)::integer from words) as conversations, (select count(*)::integer from traces) as deliveries,
      (select count(*)::integer from standing) as slack,
      (select coalesce(array_agg(id::text order by id), '{}') from traces where transport = 'outbox') as outbox`.execute(
    db,
  );
  return rows[0] ?? { conversations: 0, deliveries: 0, slack: 0, outbox: [] };
}
