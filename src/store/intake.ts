import { type RawBuilder, sql } from 'kysely';
import type { KeyRole } from '../domain/access.ts';
import { eventKey } from '../domain/event-key.ts';
import { inMessageId, type LedgerName } from '../domain/message-id.ts';
import { ERASED } from '../domain/personal-data.ts';
import type { TicketState } from '../domain/ticket.ts';
import type { EventKey, IntakeStore, KnownTicket } from '../http/deps.ts';
import { insertAudit, insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { isNamed } from './people.ts';

export function createIntakeStore(db: Database): IntakeStore {
  const ticket = async (ticketId: string, event?: EventKey): Promise<KnownTicket | null> => {
    const { rows } = await sql<KnownTicket>`
      select t.source, t.state, ${taken(event)} as taken, ${ERASED_OWNER} as erased
      from tickets t where t.id = ${ticketId}`.execute(db);
    return rows[0] ?? null;
  };
  return {
    ticket,

    async admit(keyHash, ticketId, event) {
      const { rows } = await sql<{
        id: string | null;
        name: string | null;
        role: KeyRole | null;
        agent: string | null;
        source: string | null;
        state: TicketState | null;
        taken: boolean;
        erased: boolean;
      }>`select k.id, k.name, k.role, k.agent_id as agent, t.source, t.state, ${taken(event)} as taken, ${ERASED_OWNER} as erased
          from (select 1) as one
          left join api_keys k on k.hash = ${keyHash} and k.revoked_at is null
          left join tickets t on t.id = ${ticketId}`.execute(db);
      const row = rows[0];
      return {
        key:
          row?.id != null && row.name !== null && row.role !== null
            ? { id: row.id, name: row.name, role: row.role, agent: row.agent }
            : null,
        ticket:
          row?.source != null && row.state !== null
            ? { source: row.source, state: row.state, taken: row.taken, erased: row.erased }
            : null,
      };
    },

    async firstTicket(ticketIds) {
      const { rows } = await sql<{ id: string }>`select id from tickets where id = any(${[...ticketIds]}::text[])
        order by array_position(${[...ticketIds]}::text[], id) limit 1`.execute(db);
      return rows[0]?.id ?? null;
    },

    async customerByEmail(email) {
      // The CRM's own customer first, then the one we have known longest.
      const row = await db
        .selectFrom('customers')
        .select('id')
        .where(isNamed({ email }))
        .orderBy('known_from')
        .orderBy('created_at')
        .executeTakeFirst();
      return row ?? null;
    },

    async ticketByMessage(names, sender) {
      if (names.length === 0) return null;
      const rows = await toCustomers(db, sender)
        .select('d.provider_message_id')
        .where('d.provider_message_id', 'in', distinct(names))
        .execute();
      const found = names.flatMap((name) => rows.filter((row) => bears(row, name)));
      const first = found.find(({ isCustomers }) => isCustomers) ?? found[0];
      return first ? { ticketId: first.ticketId, isCustomers: first.isCustomers } : null;
    },

    async wentToUs(names) {
      if (names.length === 0) return false;
      const of = db.selectFrom('deliveries').select(['provider_message_id', 'ticket_id as ticketId']);
      const rows = await of
        .where('provider_message_id', 'in', distinct(names))
        .where('recipient_kind', '<>', 'customer')
        .execute();
      return rows.some((row) => names.some((name) => bears(row, name)));
    },

    async ticketsOfDeliveries(deliveryIds, sender) {
      if (deliveryIds.length === 0) return [];
      return toCustomers(db, sender)
        .select('d.id as deliveryId')
        .where('d.id', 'in', [...deliveryIds])
        .execute();
    },

    async hold(ticketId, event) {
      // Written and committed before the look: the ticket's first step reads what is held after its own commit, so that one of
      // the two sees the other.
      await sql`with message as (
          insert into messages (ticket_id, origin, author, author_id, body, mail_id, new_words)
          select ${ticketId}::text, ${eventKey(event.source, event.eventId)}::text,
            ${event.type === 'agentReplied' ? 'agent' : 'customer'}::text, ${event.agentId}::text,
            ${event.message ?? null}::text, ${event.mail?.messageId ?? null}::text, ${event.mail?.newWords ?? null}::text
          where ${event.message !== undefined}
          on conflict (ticket_id, origin) do nothing returning id)
        insert into held_events (source, event_id, ticket_id, type, message_id, agent_id, score)
        select ${event.source}::text, ${event.eventId}::text, ${ticketId}::text, ${event.type}::text,
          (select id from message), ${event.agentId}::text, ${event.score}::integer
        on conflict do nothing`.execute(db);
      return { held: (await ticket(ticketId)) === null };
    },

    async closedTicket(ticketId, event) {
      const { rows } = await sql<{ customer_id: string; subject: string | null; taken: boolean }>`
        select t.customer_id, nullif(m.subject, ${ERASED}) as subject, ${taken(event)} as taken from tickets t join messages m on m.ticket_id = t.id and m.origin = 'first'
          where t.id = ${ticketId}`.execute(db);
      const row = rows[0];
      return row ? { customerId: row.customer_id, subject: row.subject ?? '', taken: row.taken } : null;
    },

    async refuseErased(ticketId, event) {
      const actor = { kind: 'system', id: 'gateway' } as const;
      const after = { source: event.source, eventId: event.eventId };
      await insertAudit([
        { actor, action: 'event.refused', object: `ticket/${ticketId}`, why: 'erased', after },
      ]).execute(db);
    },

    async rateLate(ticketId, score, event) {
      await sql`with fresh as (
          insert into events (source, event_id, ticket_id) values (${event.source}, ${event.eventId}, ${ticketId})
          on conflict do nothing returning 1),
        rated as (
          insert into ratings (ticket_id, episode, score)
          select id, episode, ${score} from tickets where id = ${ticketId} and exists (select 1 from fresh)
          on conflict (ticket_id, episode) do update set score = excluded.score, at = now() returning ticket_id, episode, score)
        ${insertAuditFrom(
          'ticket.rated',
          sql`'person', 'customer', 'ticket/' || ticket_id, 'after it was closed', null::jsonb,
          jsonb_build_object('episode', episode, 'score', score) from rated`,
        )}`.execute(db);
    },
  };
}

function distinct(names: readonly LedgerName[]): string[] {
  return [...new Set(names.map(({ name }) => name))];
}

interface NamedRow {
  readonly provider_message_id: string | null;
  readonly ticketId: string;
}
function bears(row: NamedRow, { name, ticket }: LedgerName): boolean {
  return row.provider_message_id === name && (ticket === null || ticket === inMessageId(row.ticketId));
}

/** Messages to customers, and whether `sender` is who got them. */
function toCustomers(db: Database, sender: string) {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('tickets as t', 't.id', 'd.ticket_id')
    .innerJoin('customers as c', 'c.id', 't.customer_id')
    .select(['d.ticket_id as ticketId'])
    .select(sql<boolean>`coalesce(lower(c.email) = ${sender.toLowerCase()}, false)`.as('isCustomers'))
    .where('d.recipient_kind', '=', 'customer');
}

/** Was the event of the ticket `t` taken? The same text for every event and for none, so that the statement stays prepared. */
function taken(event: EventKey | undefined): RawBuilder<boolean> {
  return sql`exists (select 1 from events e where e.ticket_id = t.id
    and e.source = ${event?.source ?? null}::text and e.event_id = ${event?.eventId ?? null}::text)`;
}

/**
 * Whose the ticket `t` is: somebody who was erased, or is being erased. Where their name is kept their row goes on; but the tickets that they
 * had by then are closed, without keys and histories, as they were told.
 */
export const ERASED_OWNER = sql<boolean>`exists (select 1 from customers c left join erasures e on e.id = c.kept_by
  where c.id = t.customer_id and (c.erased_at is not null or c.frozen_at is not null or t.opened_at <= e.erased_at))`;
export const NAMED_OWNER = sql<boolean>`exists (select 1 from customers c where c.id = t.customer_id and c.erased_at is null)`;
