/** What the templates may say of a ticket, by one look. */
import { sql } from 'kysely';
import type { MessageContext } from '../deps.ts';
import { StewardError } from '../domain/errors.ts';
import { BY_FLOW } from '../domain/notify.ts';
import type { Database } from './database.ts';

export async function messageContexts(
  db: Database,
  ticketId: string,
  deliveryIds: readonly string[],
): Promise<MessageContext[]> {
  const rows = await contextRows(db, ticketId, deliveryIds);
  const contexts = new Map(rows.map((row) => [row.deliveryId, contextOf(row)]));
  return deliveryIds.map((id) => {
    const context = contexts.get(id);
    if (!context) throw new StewardError('InvalidRequest', `no delivery ${id}`);
    return context;
  });
}

/** What a message about the ticket could say that is not there yet; null: no such ticket. */
export async function ticketContext(db: Database, ticketId: string): Promise<MessageContext | null> {
  const [row] = await contextRows(db, ticketId, []);
  return row ? contextOf(row) : null;
}

/** A row for each delivery; without any, one of the ticket alone. */
function contextRows(db: Database, ticketId: string, deliveryIds: readonly string[]): Promise<ContextRow[]> {
  return db
    .selectFrom('tickets as t')
    .innerJoin('customers as c', 'c.id', 't.customer_id')
    .innerJoin('messages as first', (join) =>
      join.on('first.ticket_id', '=', ticketId).on('first.origin', '=', 'first'),
    )
    .leftJoin('deliveries as d', (join) =>
      join.on('d.ticket_id', '=', ticketId).on(sql<boolean>`d.id = any(${deliveryIds}::bigint[])`),
    )
    .leftJoin('messages as m', 'm.id', 'd.message_id')
    .select(['d.id as deliveryId', 't.id', 't.state', 't.priority', 't.tier', 't.facts'])
    .select((of) =>
      of
        .selectFrom('sla_clocks as s')
        .select((s) => s.fn.min('s.due_at').as('due'))
        .whereRef('s.ticket_id', '=', 't.id')
        .where('s.status', '=', 'running')
        .as('dueAt'),
    )
    .select([
      'c.id as customerId',
      'c.name',
      'c.email',
      'first.subject',
      sql<string>`coalesce(first.new_words, first.body)`.as('customerText'),
      'm.body as text',
      unanswered.as('customerNow'),
    ])
    .select([
      'first.mail_id as firstMailId',
      sql<string[]>`array(select x.mail_id from messages x where x.ticket_id = t.id and x.mail_id is not null
        and x.author = 'customer' order by x.at desc, x.id desc limit ${LAST_MAILS})`.as('lastMailIds'),
    ])
    .where('t.id', '=', ticketId)
    .execute();
}

/** Enough to see what it is about; what stood before them the agent was told when it came. */
const LAST_WORDS = 3;

/** Notes are for our own people, and no answer. */
const unanswered = sql<string[]>`array(select coalesce(x.new_words, x.body) from (
    select x.* from messages x where x.ticket_id = t.id and x.author = 'customer' and x.origin <> 'first'
      and not exists (select 1 from messages y where y.ticket_id = t.id and y.author <> 'customer' and not y.internal
        and (y.author, coalesce(y.author_id, '')) <> ('bot', ${BY_FLOW})
        and (y.at, y.id) > (x.at, x.id) and (d.created_at is null or y.at < d.created_at))
    order by x.at desc, x.id desc limit ${LAST_WORDS}) x order by x.at, x.id)`;

interface ContextRow extends Omit<MessageContext['ticket'], 'subject'> {
  readonly deliveryId: string | null;
  readonly customerId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly subject: string | null;
  readonly customerText: string;
  readonly customerNow: readonly string[];
  readonly text: string | null;
  readonly firstMailId: string | null;
  readonly lastMailIds: readonly string[];
}

/** Enough for a mail program to find the thread by, and few enough for a header. */
const LAST_MAILS = 9;

function contextOf(row: ContextRow): MessageContext {
  const { id, state, priority, tier, facts, dueAt, subject } = row;
  return {
    ticket: { id, subject: subject ?? '', state, priority, tier, facts, dueAt },
    customer: { id: row.customerId, name: row.name, email: row.email },
    text: row.text,
    customerText: row.customerText,
    customerNow: row.customerNow,
    mailIds: [...new Set([...(row.firstMailId === null ? [] : [row.firstMailId]), ...[...row.lastMailIds].reverse()])],
  };
}
