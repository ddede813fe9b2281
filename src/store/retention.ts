import { type RawBuilder, sql } from 'kysely';
import { ticketWorkflowId } from '../contract.ts';
import { ERASED } from '../domain/personal-data.ts';
import { RETENTION_CATEGORIES, type RetentionCategory } from '../domain/retention.ts';
import type { Database } from './database.ts';

export interface RetentionBatch {
  readonly tickets: number;
  /** Rows that lose something, per category. */
  readonly rows: Readonly<Record<RetentionCategory, number>>;
  /** Of the tickets: their histories carry the same words, so their data keys have to be shredded. */
  readonly workflowIds: readonly string[];
  /** Deliveries whose message lies as a file in the outbox. */
  readonly outboxDeliveryIds: readonly string[];
  /** Tickets that are due, but held by law. */
  readonly held: number;
  /** There may be more that is due. */
  readonly more: boolean;
}

export interface RetentionOrder {
  readonly now: Date;
  /** Tickets closed before this are due: `retentionCutoff`. */
  readonly before: Date;
  readonly limit: number;
  readonly dryRun: boolean;
}

/**
 * Empties a batch of tickets that have been closed for long: the words go, the figures stay. Each batch is one statement, so that a ticket
 * is emptied whole or not at all; whoever repeats it goes on with what is left.
 */
export async function retentionBatch(db: Database, order: RetentionOrder): Promise<RetentionBatch> {
  const { rows } = await sql<{
    ids: string[];
    conversations: number;
    deliveries: number;
    outbox: string[];
    held: number;
  }>`
    with due as (${dueTickets(order)}),
    conversations as (${order.dryRun ? wordsOf : emptyMessages}),
    deliveries as (${order.dryRun ? deliveriesOf : emptyDeliveries}),
    marked as (${order.dryRun ? sql`select 1` : sql`update tickets set emptied_at = ${order.now} where id in (select id from due)`})
    select (select coalesce(array_agg(id order by id), '{}') from due) as ids,
      (select count(*)::integer from conversations) as conversations,
      (select count(*)::integer from deliveries) as deliveries,
      (select coalesce(array_agg(d.id::text order by d.id), '{}') from deliveries d where d.transport = 'outbox') as outbox,
      (select count(*)::integer from tickets t where ${isDue(order)} and ${isHeld(order)}) as held`.execute(db);
  const found = rows[0] ?? { ids: [], conversations: 0, deliveries: 0, outbox: [], held: 0 };
  return {
    tickets: found.ids.length,
    rows: { conversations: found.conversations, deliveries: found.deliveries },
    workflowIds: found.ids.map(ticketWorkflowId),
    outboxDeliveryIds: found.outbox,
    held: found.held,
    more: found.ids.length === order.limit,
  };
}

function isDue({ before }: RetentionOrder): RawBuilder<unknown> {
  return sql`t.state = 'closed' and t.emptied_at is null and t.updated_at < ${before}`;
}

function isHeld({ now }: RetentionOrder): RawBuilder<unknown> {
  return sql`exists (select 1 from legal_holds h where h.customer_id = t.customer_id and h.lifted_at is null
    and (h.until is null or h.until >= ${now}) and h.category = any(${[...RETENTION_CATEGORIES, 'all']}::text[]))`;
}

/** Of two batches at once each takes what the other has not. */
function dueTickets(order: RetentionOrder): RawBuilder<unknown> {
  return sql`select t.id from tickets t where ${isDue(order)} and not ${isHeld(order)}
    order by t.updated_at limit ${order.limit} ${order.dryRun ? sql`` : sql`for update of t skip locked`}`;
}

const OF_DUE = sql`ticket_id in (select id from due)`;
const HAS_WORDS = sql`${OF_DUE} and (body <> ${ERASED} or subject <> ${ERASED})`;
const HAS_TRACES = sql`${OF_DUE} and (provider_message_id is not null or facts <> '{}')`;

const wordsOf = sql`select id from messages where ${HAS_WORDS}`;
const emptyMessages = sql`update messages set body = ${ERASED}, subject = case when subject is not null then ${ERASED} end
  where ${HAS_WORDS} returning id`;
const deliveriesOf = sql`select id, transport from deliveries where ${HAS_TRACES}`;
const emptyDeliveries = sql`update deliveries set provider_message_id = null, facts = '{}' where ${HAS_TRACES} returning id, transport`;
