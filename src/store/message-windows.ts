/** Counts messages to our own people, and says which of them are summarised. */
import { sql } from 'kysely';
import type { Channel, DeliveryRequest, Transport } from '../domain/delivery.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';

/** Where a message is counted. */
export interface Place {
  readonly windowId: string;
  readonly summarised: boolean;
  readonly reason: string | null;
}

interface Wanted {
  readonly index: number;
  readonly ticket_id: string;
  readonly occasion: string;
  readonly recipient_id: string;
  readonly channel: Channel;
  readonly template: string;
  readonly held_until: string;
  readonly most: number;
  readonly within: number;
  readonly counts: boolean;
}

/**
 * In the transaction that queues the messages: a window's row is locked until it ends, so no two messages get one number. A message that is
 * queued already is not counted again. Answers the places of those that have one, by their index; all others go out at once.
 */
export async function countMessages(
  transaction: Database,
  requests: readonly DeliveryRequest[],
  transports: Readonly<Record<Channel, Transport>>,
): Promise<ReadonlyMap<number, Place>> {
  const wanted = requests.flatMap((request, index) => wantedOf(request, index, transports[request.channel]));
  while (await lockWindows(transaction, wanted));
  const places = await count(transaction, wanted);
  return new Map(places.map(({ index, ...place }) => [index, place]));
}

function wantedOf(request: DeliveryRequest, index: number, transport: Transport): Wanted[] {
  const { storm, ticketId, occasion, recipient, channel, template, facts } = request;
  if (!storm || recipient.kind !== 'agent') return [];
  const held = typeof facts?.notBefore === 'string' ? facts.notBefore : '-infinity';
  return [
    {
      index,
      ticket_id: ticketId,
      occasion,
      recipient_id: recipient.id,
      channel,
      template,
      held_until: held,
      most: storm.messages,
      within: storm.withinMs / 1_000,
      // Files in the outbox wake nobody.
      counts: transport !== 'outbox',
    },
  ];
}

const COLUMNS = sql`(index integer, ticket_id text, occasion text, recipient_id text, channel text, template text,
  held_until timestamptz, most integer, within double precision, counts boolean)`;
const sameDelivery = sql`d.ticket_id = w.ticket_id and d.occasion = w.occasion and d.recipient_kind = 'agent'
  and d.recipient_id = w.recipient_id`;

/** It was queued by an earlier run of the step. */
const itself = sql`select 1 from deliveries d where ${sameDelivery} and d.channel = w.channel`;

/** By another channel than the one that failed: the summary goes that way, and not each of its messages. */
const follows = sql`select d.window_id, d.reason from deliveries d
  where ${sameDelivery} and d.channel <> w.channel and d.status = 'summarised'`;

/**
 * In one order, so that two that count the same never wait for each other. A window that has ended begins anew where nothing was summarised in
 * it, else it is closed. A step that runs again finds its messages there, and needs no window. True: one was, and the next is still to be made.
 */
async function lockWindows(transaction: Database, wanted: readonly Wanted[]): Promise<boolean> {
  const { rows } = await sql<{ id: string; is_over: boolean }>`
    insert into message_windows as m (recipient_id, channel, template, held_until, ends_at, most)
    select w.recipient_id, w.channel, w.template, w.held_until,
      case when isfinite(w.held_until) then w.held_until else now() + make_interval(secs => w.within) end, w.most
    from ${asked(wanted)} where w.counts and not exists (${follows}) and not exists (${itself}) order by w.recipient_id, w.channel, w.template
    on conflict (recipient_id, channel, template, held_until) where closed_at is null do update set
      ends_at = case when ${BEGINS_ANEW} then excluded.ends_at else m.ends_at end,
      most = case when ${BEGINS_ANEW} then excluded.most else m.most end,
      messages = case when ${BEGINS_ANEW} then 0 else m.messages end, updated_at = now()
    returning id, ends_at <= now() and not isfinite(held_until) as is_over`.execute(transaction);
  const over = rows.filter((row) => row.is_over).map(({ id }) => id);
  if (over.length === 0) return false;
  await sql`update message_windows set closed_at = now() where id = any(${over}::bigint[])`.execute(transaction);
  return true;
}

const BEGINS_ANEW = sql`m.ends_at <= now() and not isfinite(m.held_until) and m.messages <= m.most`;

/** Behind the locks: what was queued while they were waited for is seen now. */
async function count(
  transaction: Database,
  wanted: readonly Wanted[],
): Promise<readonly (Place & { index: number })[]> {
  const { rows } = await sql<Place & { index: number }>`
    with counted as (update message_windows m set messages = m.messages + 1 from ${asked(wanted)}
      where m.recipient_id = w.recipient_id and m.channel = w.channel and m.template = w.template
        and m.held_until = w.held_until and m.closed_at is null and w.counts and not exists (${follows})
        and not exists (${itself})
      returning w.index, m.*)
    select index, id as "windowId", not isfinite(held_until) as summarised, case when not isfinite(held_until) then
        'with others in one message after ' || to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') end as reason
    from counted where isfinite(held_until) or messages > most
    union all select w.index, f.window_id, true, f.reason from ${asked(wanted)} cross join lateral (${follows} limit 1) f`.execute(
    transaction,
  );
  return rows;
}

function asked(wanted: readonly Wanted[]) {
  return sql`jsonb_to_recordset(${toJson(wanted)}::jsonb) as w${COLUMNS}`;
}
