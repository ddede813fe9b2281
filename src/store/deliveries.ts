import { type RawBuilder, sql } from 'kysely';
import type { ContextStore, DeliveryStore, NewMessage } from '../deps.ts';
import {
  type Channel,
  type Delivery,
  type DeliveryRequest,
  type DeliveryStatus,
  NOT_TO_SEND,
  type RecipientKind,
  type TemplateName,
  type Transport,
} from '../domain/delivery.ts';
import { StewardError } from '../domain/errors.ts';
import type { Change } from '../domain/journal.ts';
import { oneByOne } from '../domain/one-by-one.ts';
import { MASK } from '../domain/personal-data.ts';
import { insertAuditFrom } from './audit.ts';
import { auditIntent, auditQueued, settle } from './audit-delivery.ts';
import { auditChange } from './audit-ticket.ts';
import { deleteLost, insertEntries, updatedAt, updateTicket } from './change.ts';
import { messageContexts } from './contexts.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';
import { countMessages, type Place } from './message-windows.ts';
import { clocksPart } from './sla.ts';

/** What customers are told without a person's doing: a robot at their end would answer each of them. */
export const AUTOMATIC: readonly TemplateName[] = ['welcome', 'bot-answer', 'handed-over', 'notify-customer'];

export interface DeliveryRow {
  id: string;
  ticket_id: string;
  occasion: string;
  recipient_kind: RecipientKind;
  recipient_id: string;
  channel: Channel;
  transport: Transport;
  template: TemplateName;
  message_id: string | null;
  facts: NonNullable<DeliveryRequest['facts']>;
  status: DeliveryStatus;
  attempts: number;
  repeats: number;
  window_id: string | null;
}

export interface DeliverySettings {
  readonly transports: Readonly<Record<Channel, Transport>>;
  /** How many messages a customer gets in a day that no person wrote; the rest is suppressed. */
  readonly automaticPerDay: number;
}

export function createDeliveryStore(db: Database, settings: DeliverySettings): DeliveryStore & ContextStore {
  /** They wait for one lock: here, and not each with a connection that other tickets need. */
  const inTurn = oneByOne();

  return {
    queue: (change, requests, message) =>
      requests.some(({ storm }) => storm)
        ? inTurn(() =>
            db.transaction().execute(async (transaction) => {
              const places = await countMessages(transaction, requests, settings.transports);
              return queue(transaction, settings, change, requests, message, places);
            }),
          )
        : queue(db, settings, change, requests, message, new Map()),

    async begin(deliveryId) {
      // Two statements in one: the row as it was, and the row as it is to be. `for update` lets one worker in at a time.
      const { rows } = await sql<DeliveryRow>`
        with before as (select * from deliveries where id = ${deliveryId} for update),
        rows as (update deliveries d set status = 'sending', attempts = d.attempts + 1,
          repeats = d.repeats + (before.status in ('sending', 'unknown'))::integer, updated_at = now()
          from before where d.id = before.id and before.status <> all(${NOT_TO_SEND}::text[]) returning d.*, before.status as was),
        audit as (${auditIntent()})
        select * from before`.execute(db);
      const row = rows[0];
      if (!row) throw new StewardError('InvalidRequest', `no delivery ${deliveryId}`);
      return toDelivery(row);
    },

    async reroute(deliveryId, transport, facts) {
      await sql`with rerouted as (update deliveries set transport = ${transport}, facts = facts || ${toJson(facts)}::jsonb,
          updated_at = now() where id = ${deliveryId} and status <> all(${NOT_TO_SEND}::text[]) returning *)
        ${insertAuditFrom(
          'delivery.rerouted',
          sql`'system', 'worker', 'delivery/' || id, 'incident/' || (facts ->> 'incident'),
          jsonb_build_object('transport', facts ->> 'insteadOf'), jsonb_build_object('transport', transport)
          from rerouted`,
        )}`.execute(db);
    },

    async isUnreached(deliveryId) {
      const { rows } = await sql`select 1 from deliveries d left join suppressions s on s.customer_id = d.recipient_id
        where d.id = ${deliveryId} and d.recipient_kind = 'customer'
          and (s.customer_id is not null or d.status = 'suppressed' and d.reason = ${TOO_MANY}
            or d.status = 'bounced' and d.template = 'bot-answer') limit 1`.execute(db);
      return rows.length > 0;
    },

    async finish(deliveryId, outcome) {
      const isSent = outcome.status === 'sent';
      await settle(
        sql`id = ${deliveryId} and status <> all(${NOT_TO_SEND}::text[])`,
        sql`status = ${outcome.status}, reason = ${isSent ? null : outcome.reason},
          provider_message_id = coalesce(${isSent ? outcome.providerMessageId : null}, d.provider_message_id)`,
      ).execute(db);
    },

    async get(deliveryId) {
      const { rows } = await sql<DeliveryRow>`select * from deliveries where id = ${deliveryId}`.execute(db);
      const row = rows[0];
      if (!row) throw new StewardError('InvalidRequest', `no delivery ${deliveryId}`);
      return toDelivery(row);
    },

    async cards(ticketId, round) {
      const { rows } = await sql<{ deliveryId: string; messageId: string }>`
        select id as "deliveryId", provider_message_id as "messageId" from deliveries
        where ticket_id = ${ticketId} and transport = 'slack' and facts ->> 'round' = ${String(round)}
          and provider_message_id is not null order by id`.execute(db);
      return rows;
    },

    async slackThread({ id, ticketId, recipient }) {
      const { rows } = await sql<{ messageId: string | null }>`
        select provider_message_id as "messageId" from deliveries
        where ticket_id = ${ticketId} and transport = 'slack' and id <> ${id}
          and (provider_message_id is not null
            or (status in ('sending', 'unknown') and id < ${id} and recipient_id = ${recipient.id}))
        order by split_part(provider_message_id, ':', 2)`.execute(db);
      const earlier = rows.flatMap(({ messageId }) => (messageId === null ? [] : [messageId]));
      return { earlier, isInDoubt: earlier.length < rows.length };
    },

    async withdraw(deliveryIds, reason) {
      await settle(
        sql`id = any(${deliveryIds}::bigint[]) and status in ('queued', 'failed')`,
        sql`status = 'suppressed', reason = ${reason}`,
      ).execute(db);
    },

    async withdrawOutdated({ id, windowId }) {
      const which = windowId === undefined ? sql`w.id = ${id}` : sql`w.window_id = ${windowId}`;
      await settle(
        sql`id in (select w.id from deliveries w join sla_clocks c on c.ticket_id = w.ticket_id and w.occasion = 'sla:' || c.id || ':warned'
          where ${which} and w.status in ('queued', 'summarised')
            and (c.status in ('met', 'moot', 'noSla') or c.breached_at is not null))`,
        sql`status = 'suppressed', reason = 'the deadline was met or missed meanwhile'`,
      ).execute(db);
      const row = await db.selectFrom('deliveries').select('status').where('id', '=', id).executeTakeFirst();
      return row?.status === 'suppressed';
    },

    async unreached(ticketId, occasion) {
      const { rows } = await sql<{ id: string }>`
        select d.recipient_id as id from deliveries d left join message_windows w on w.id = d.window_id
        where d.ticket_id = ${ticketId} and d.occasion = ${occasion} and d.recipient_kind = 'agent'
        group by d.recipient_id
        having not bool_or(d.status = any(${NOT_TO_SEND}::text[]) or (d.status = 'summarised' and coalesce(w.status = 'sent', false)))
        order by min(d.id)`.execute(db);
      return rows.map(({ id }) => id);
    },

    async giveUp(ticketId, occasion) {
      // What was never tried has not failed.
      await settle(
        sql`ticket_id = ${ticketId} and occasion = ${occasion} and status = 'queued'`,
        sql`status = case when attempts = 0 then 'suppressed' else 'failed' end, reason = coalesce(reason, 'no longer needed')`,
      ).execute(db);
    },

    async finishWritten(ticketId, written) {
      const names = sql`jsonb_to_recordset(${toJson(written)}::jsonb) as w("deliveryId" bigint, "providerMessageId" text)`;
      await settle(
        sql`ticket_id = ${ticketId} and id = any(${written.map(({ deliveryId }) => deliveryId)}::bigint[])
          and status <> all(${NOT_TO_SEND}::text[])`,
        sql`status = 'sent', reason = null, attempts = d.attempts + 1,
          provider_message_id = (select w."providerMessageId" from ${names} where w."deliveryId" = d.id)`,
      ).execute(db);
    },

    messageContexts: (ticketId, deliveryIds) => messageContexts(db, ticketId, deliveryIds),
  };
}

const TOO_MANY = 'too many automatic messages in a day';

async function queue(
  db: Database,
  { transports, automaticPerDay: budget }: DeliverySettings,
  change: Change,
  requests: readonly DeliveryRequest[],
  message: (NewMessage & { readonly occasion: string }) | undefined,
  places: ReadonlyMap<number, Place>,
): Promise<Delivery[]> {
  const wanted = requests.map((request, index) => ({
    index,
    occasion: request.occasion,
    recipient_kind: request.recipient.kind,
    recipient_id: request.recipient.id,
    channel: request.channel,
    transport: transports[request.channel],
    template: request.template,
    facts: request.facts ?? {},
    window_id: places.get(index)?.windowId ?? null,
    summarised: places.get(index)?.summarised ?? false,
    why: places.get(index)?.reason ?? null,
  }));
  const { rows } = await sql<DeliveryRow>`
    with lost as (${deleteLost(change)}),
    row as (${updateTicket(change)}),
    audit as (${auditChange(change)}),
    entries as (${insertEntries(change)}),
    message as (${insertMessage(change, message)}),
    rows as (insert into deliveries (ticket_id, occasion, recipient_kind, recipient_id, channel, transport, template, message_id,
      facts, window_id, status, reason)
    select ${change.ticketId}::text, w.occasion, w.recipient_kind, w.recipient_id, w.channel, w.transport, w.template,
      coalesce((select id from message), m.id), w.facts, w.window_id,
      case when unreachable or held_back or b.reason is not null or spent then 'suppressed' when w.summarised then 'summarised' else 'queued' end,
      case when unreachable then 'no address known' when held_back then 'the customer is being erased' when b.reason = 'bounced' then 'mail to the customer came back'
        when b.reason = 'complained' then 'the customer complained of our mail' when spent then ${TOO_MANY}
        else coalesce(w.why, 'quiet hours until ' || (w.facts ->> 'notBefore')) end
    from jsonb_to_recordset(${toJson(wanted)}::jsonb) as w(index integer, occasion text, recipient_kind text,
      recipient_id text, channel text, transport text, template text, facts jsonb, window_id bigint,
      summarised boolean, why text)
    left join customers c on w.recipient_kind = 'customer' and c.id = w.recipient_id
    left join suppressions b on w.recipient_kind = 'customer' and w.channel = 'mail' and b.customer_id = w.recipient_id
    cross join lateral (select w.recipient_kind = 'customer' and nullif(c.email, ${MASK}) is null as unreachable,
      -- What a flow has to say would come after the erasure has looked; everything else of the ticket ends with it.
      w.template = 'notify-customer' and c.frozen_at is not null as held_back) u
    cross join lateral (select w.template = any(${AUTOMATIC}::text[]) and ${budget} <= (
      select count(*) from deliveries d where d.recipient_kind = 'customer' and d.recipient_id = w.recipient_id
        and d.template = any(${AUTOMATIC}::text[]) and d.status <> 'suppressed'
        and d.created_at > now() - interval '1 day') as spent) s
    left join messages m on m.ticket_id = ${change.ticketId} and m.origin = w.occasion
    order by w.index
    on conflict (ticket_id, occasion, recipient_kind, recipient_id, channel) do update set updated_at = deliveries.updated_at
    -- A row that was there already has been locked by this very statement.
    returning *, xmax = 0 as fresh),
    intents as (${auditQueued()})
    ${clocksPart(change)}
    select * from rows`.execute(db);
  return rows.map(toDelivery);
}

function insertMessage(
  change: Change,
  message: (NewMessage & { readonly occasion: string }) | undefined,
): RawBuilder<unknown> {
  return sql`insert into messages (ticket_id, origin, author, author_id, body, internal, at)
    select ${change.ticketId}::text, ${message?.occasion ?? null}::text, ${message?.author ?? 'bot'}::text,
      ${message?.authorId ?? null}::text, ${message?.body ?? null}::text, ${message?.internal === true}, ${updatedAt(change)}::timestamptz
    where ${message !== undefined}
    on conflict (ticket_id, origin) do nothing returning id`;
}

export function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    ticketId: row.ticket_id,
    occasion: row.occasion,
    recipient: { kind: row.recipient_kind, id: row.recipient_id },
    channel: row.channel,
    transport: row.transport,
    template: row.template,
    facts: row.facts,
    status: row.status,
    attempts: row.attempts,
    repeats: row.repeats,
    messageId: row.message_id,
    ...(row.window_id === null ? {} : { windowId: row.window_id }),
  };
}
