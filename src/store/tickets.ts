import { type RawBuilder, sql } from 'kysely';
import { ticketWorkflowId } from '../contract.ts';
import type { Claimed, CustomerFacts, HeldEvent, TakenEvent, TicketStore, TicketText } from '../deps.ts';
import type { FlowName } from '../deps-flows.ts';
import type { SubjectDigests } from '../deps-keys.ts';
import { actorOf } from '../domain/audit.ts';
import { chooseTier } from '../domain/enrich.ts';
import type { TicketEnvelope } from '../domain/envelope.ts';
import { StewardError } from '../domain/errors.ts';
import { beginningEventId, eventKey } from '../domain/event-key.ts';
import type { Change } from '../domain/journal.ts';
import { MASK } from '../domain/personal-data.ts';
import { type Assigner, createAssigner } from './assign.ts';
import { insertAuditFrom } from './audit.ts';
import { auditChange } from './audit-ticket.ts';
import { deleteLost, insertEntries, revision, updatedAt, updateTicket } from './change.ts';
import type { Database } from './database.ts';
import { byRequest, ERASURE } from './erasure-audit.ts';
import { chosenFlow, flowOfKey } from './flows.ts';
import { toJson } from './json.ts';
import { nameChild, nameSubject } from './key-subjects.ts';
import { clocksPart } from './sla.ts';

export interface TicketStoreParts {
  readonly digests: SubjectDigests;
  /** Shared with whoever looks after those in line. */
  readonly assigner?: Assigner;
}

export function createTicketStore(db: Database, { digests, assigner }: TicketStoreParts): TicketStore {
  const { assign } = assigner ?? createAssigner(db, { relaxAfterMs: null });
  return {
    claim: (envelope, claim) => claimTicket(db, digests, envelope, claim),

    nameSubject: (workflowId, who, wish) => nameSubject(db, digests, workflowId, who, wish),
    nameChild: (parentId, childId) => nameChild(db, parentId, childId),

    held: (ticketId) => heldEvents(db, ticketId),

    async customerFacts(ticketId): Promise<CustomerFacts> {
      const { rows } = await sql<{
        id: string;
        crm_tier: string | null;
        envelope_tier: string | null;
        is_new: boolean;
        so_far: number;
        last_contact: Date | null;
      }>`select c.id, case when c.known_from = 'crm' then c.tier end as crm_tier, t.envelope_tier,
            c.known_from = 'ticket' and c.first_ticket_id = t.id as is_new,
            count(o.id)::integer as so_far, max(o.updated_at) as last_contact
          from tickets t join customers c on c.id = t.customer_id
          left join tickets o on o.customer_id = c.id and o.opened_at < t.opened_at and o.id <> t.id
          where t.id = ${ticketId} group by c.id, t.id`.execute(db);
      const row = rows[0];
      if (!row) throw unknownTicket(ticketId);
      return {
        customerId: row.id,
        tier: chooseTier(row.crm_tier, row.envelope_tier),
        history: {
          isNew: row.is_new,
          ticketsSoFar: row.so_far,
          lastContactAt: row.last_contact?.toISOString() ?? null,
        },
      };
    },

    async said(ticketId, occasion) {
      const row = await db
        .selectFrom('messages')
        .select(NEW_WORDS)
        .where('ticket_id', '=', ticketId)
        .where('origin', '=', occasion)
        .executeTakeFirst();
      if (!row) throw new StewardError('InvalidRequest', `ticket ${ticketId} has no such message`);
      return row.body;
    },

    async text(ticketId): Promise<TicketText> {
      const row = await db
        .selectFrom('messages as m')
        .innerJoin('tickets as t', 't.id', 'm.ticket_id')
        .select(['m.subject', NEW_WORDS, 't.platform_score', 't.customer_id', 't.envelope_tier'])
        .where('m.ticket_id', '=', ticketId)
        .where('m.origin', '=', FIRST)
        .executeTakeFirst();
      if (!row) throw unknownTicket(ticketId);
      return {
        subject: row.subject ?? '',
        message: row.body,
        platformScore: row.platform_score,
        customerId: row.customer_id,
        envelopeTier: row.envelope_tier,
      };
    },

    async further(ticketId) {
      const rows = await db
        .selectFrom('messages')
        .select(NEW_WORDS)
        .where('ticket_id', '=', ticketId)
        .where('author', '=', 'customer')
        .where('origin', '<>', FIRST)
        .orderBy('id')
        .execute();
      return rows.map(({ body }) => body);
    },

    record: (change) => recordChange(db, change),

    take: (change, event, remembered) => takeEvent(db, change, event, remembered),

    assign,
  };
}

/** What a ticket's workflow decided, with its timeline, its clocks and its entry in the audit log. */
export async function recordChange(db: Database, change: Change): Promise<void> {
  await sql`with lost as (${deleteLost(change)}), row as (${updateTicket(change)}), audit as (${auditChange(change)})
    ${clocksPart(change)} ${insertEntries(change)}`.execute(db);
}

/** What people and analysers are to read: the rest of a mail is what it quotes. */
const NEW_WORDS = sql<string>`coalesce(new_words, body)`.as('body');

/** The origin of a ticket's first message. */
const FIRST = 'first';

function unknownTicket(ticketId: string): StewardError {
  return new StewardError('TicketUnknown', `no ticket ${ticketId}`);
}

async function claimTicket(
  db: Database,
  digests: SubjectDigests,
  envelope: TicketEnvelope,
  claim: { change: Change; runId: string; flow: FlowName },
): Promise<Claimed> {
  const { detail } = envelope;
  const { change } = claim;
  const { row } = change;
  const named = digests({
    customerId: detail.customerId,
    ...(detail.customerEmail && { email: detail.customerEmail }),
  });
  const frozen = sql`exists (select 1 from owner where owner.frozen_at is not null)`;
  const { rows } = await sql<{ source: string; run_id: string; customer_id: string; flow: string; frozen: boolean }>`
    -- Locked, so that a freeze comes before or after it: whoever empties the customer's tickets has to see this one.
    with owner as (select c.frozen_at from customers c where c.id = ${detail.customerId} for no key update),
    claimed as (
      insert into tickets (id, source, customer_id, run_id, flow, channel, linked_to, platform_score, envelope_tier,
        state, route, revision, opened_at, updated_at)
      select ${detail.ticketId}::text, ${envelope.source}::text, ${detail.customerId}::text, ${claim.runId}::text,
        ${chosenFlow(claim.flow, detail.ticketId)},
        ${detail.channel ?? null}::text, ${detail.linkedTo ?? null}::text, ${detail.sentimentScore ?? null}::float8,
        ${detail.customerTier ?? null}::text, ${row.state}::text, ${row.route}::text, ${revision(change)}::integer,
        ${updatedAt(change)}::timestamptz, ${updatedAt(change)}::timestamptz
      where not ${frozen}
      on conflict (id) do nothing
      returning id, source, run_id, customer_id, flow
    ),
    -- After the ticket: who is refused the id leaves no customer behind. The foreign key is checked at the statement's end.
    customer as (
      insert into customers (id, name, email, phone, known_from, first_ticket_id)
      select customer_id, ${detail.customerName ?? null}::text, ${detail.customerEmail ?? null}::text,
        ${detail.customerPhone ?? null}::text, 'ticket', id from claimed
      -- Where an erasure has kept the id, a mask stands for the address: who comes back brings one anew.
      on conflict (id) do update set name = coalesce(customers.name, excluded.name),
        email = coalesce(nullif(customers.email, ${MASK}), excluded.email, customers.email),
        phone = coalesce(nullif(customers.phone, ${MASK}), excluded.phone, customers.phone),
        first_ticket_id = coalesce(customers.first_ticket_id, excluded.first_ticket_id)
    ),
    -- Whose key the workflow's is: it dies with what else we know of its customer. And so do those of workflows that spoke of them earlier.
    key as (
      update data_keys set subject_id = claimed.customer_id, named_as = null from claimed
      where data_keys.name = ${ticketWorkflowId(detail.ticketId)} or data_keys.named_as && ${named}::bytea[]
    ),
    -- So that it is known when it comes again, and what it opened is there already.
    beginning as (
      insert into events (source, event_id, ticket_id, taken_at)
      select source, ${envelope.id === undefined ? null : beginningEventId(envelope.id)}::text, id, ${updatedAt(change)}::timestamptz
      from claimed where ${envelope.id !== undefined}
      on conflict do nothing
    ),
    message as (
      insert into messages (ticket_id, origin, author, author_id, subject, body, at, mail_id, new_words)
      select id, ${FIRST}::text, 'customer', customer_id, ${detail.subject}::text, ${detail.message}::text,
        ${updatedAt(change)}::timestamptz, ${detail.mail?.messageId ?? null}::text, ${detail.mail?.newWords ?? null}::text from claimed
    ),
    entries as (${insertEntries(change, sql`exists (select 1 from claimed)`)}),
    audit as (${received(envelope, claim.change)})
    ${clocksPart(change, 'claimed')}
    select source, run_id, customer_id, flow, false as frozen from claimed
    union all
    select source, run_id, customer_id, flow, false from tickets where id = ${detail.ticketId}
    union all
    select null, null, null, null, true where ${frozen}`.execute(db);

  const written = rows.find((row) => !row.frozen);
  if (!written && rows.length > 0) return { outcome: 'frozen' };
  const owner = written ?? (await ownerOf(db, detail.ticketId));
  if (owner.source !== envelope.source) {
    throw new StewardError(
      'TicketConflict',
      `ticket ${detail.ticketId} belongs to source "${owner.source}"; give the ticket of "${envelope.source}" another id`,
    );
  }
  if (owner.run_id !== claim.runId) return { outcome: 'known' };
  return { outcome: 'new', customerId: owner.customer_id, flow: flowOfKey(owner.flow) };
}

/** What the claim itself chooses it says itself. */
function received({ source, detail }: TicketEnvelope, change: Change): RawBuilder<unknown> {
  const { ticketId, channel = null, linkedTo = null } = detail;
  const { state, route, episode } = change.row;
  const actor = actorOf(ticketWorkflowId(ticketId), change.entries.at(-1)?.actor ?? 'steward');
  const after = { state, route, episode, source, channel, linkedTo, revision: revision(change) };
  return insertAuditFrom(
    'ticket.received',
    sql`${actor.kind}::text, ${actor.id}::text, ${`ticket/${ticketId}`}::text, null::text, null::jsonb,
      ${toJson(after)}::jsonb || jsonb_build_object('flow', flow) from claimed`,
  );
}

/** Another claim of the same id committed while ours ran: its row was not in our statement's snapshot. */
async function ownerOf(db: Database, ticketId: string) {
  return db
    .selectFrom('tickets')
    .select(['source', 'run_id', 'customer_id', 'flow'])
    .where('id', '=', ticketId)
    .executeTakeFirstOrThrow();
}

async function heldEvents(db: Database, ticketId: string): Promise<HeldEvent[]> {
  const rows = await db
    .selectFrom('held_events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('held_at')
    .execute();
  return rows.map((held) => ({
    type: held.type as HeldEvent['type'],
    eventId: held.event_id,
    source: held.source,
    agentId: held.agent_id,
    score: held.score,
  }));
}

async function takeEvent(
  db: Database,
  asked: Change,
  event: TakenEvent,
  remembered: string | null,
): Promise<{ duplicate: boolean }> {
  const erasure = await erasureThatCloses(db, asked);
  const change = erasure === null ? asked : closedBy(asked);
  const by = erasure === null ? undefined : { actor: byRequest(erasure), why: ERASURE };
  const origin = originOf(event);
  const { message } = event;
  const at = updatedAt(change);
  // An event that is there and that the ticket does not remember was taken by a task that was lost, or by this very step, whose
  // answer was lost: it is taken again. Older ones the ticket may have forgotten.
  const { rows } = await sql<{ fresh: boolean }>`
    with fresh as (
      insert into events (source, event_id, ticket_id, taken_at)
      values (${event.source}, ${event.eventId}, ${change.ticketId}, ${at}::timestamptz)
      on conflict (ticket_id, source, event_id) do update set taken_at = excluded.taken_at
        where ${remembered}::timestamptz is null or events.taken_at > ${remembered}::timestamptz
      returning 1
    ),
    message as (
      insert into messages (ticket_id, origin, author, author_id, body, internal, at, mail_id, new_words)
      select ${change.ticketId}::text, ${origin}::text, ${message?.author ?? 'customer'}::text,
        ${message?.authorId ?? null}::text, ${message?.body ?? null}::text, ${message?.internal === true}, ${at}::timestamptz,
        ${message?.mail?.messageId ?? null}::text, ${message?.mail?.newWords ?? null}::text
      from fresh where ${message !== undefined}
      on conflict do nothing
    ),
    rating as (
      insert into ratings (ticket_id, episode, score)
      select ${change.ticketId}::text, ${change.row.episode}::integer, ${event.score ?? null}::integer
      from fresh where ${event.score !== undefined}
      on conflict (ticket_id, episode) do update set score = excluded.score, at = now()
    ),
    released as (delete from held_events where ticket_id = ${change.ticketId} and ${change.row.state === 'closed'}),
    lost as (${deleteLost(change)} and exists (select 1 from fresh)),
    row as (${updateTicket(change, sql`exists (select 1 from fresh)`)}),
    audit as (${auditChange(change, by)}),
    entries as (${insertEntries(change, sql`exists (select 1 from fresh)`)})
    ${clocksPart(change)}
    select exists (select 1 from fresh) as fresh`.execute(db);
  return { duplicate: rows[0]?.fresh !== true };
}

/** The workflow hears only that it is to end, not from whom: of a customer who is being erased, it was the erasure. */
async function erasureThatCloses(db: Database, { ticketId, entries }: Change): Promise<string | null> {
  const last = entries.at(-1);
  if (last?.kind !== 'closed' || last.facts.why !== 'cancelled') return null;
  const { rows } = await sql<{ erasure_id: string | null }>`select c.erasure_id from tickets t
    join customers c on c.id = t.customer_id where t.id = ${ticketId} and c.frozen_at is not null`.execute(db);
  return rows[0]?.erasure_id ?? null;
}

/** No operator: that is who a request to cancel comes from else. */
function closedBy(change: Change): Change {
  const entries = change.entries.map((entry, i) =>
    i < change.entries.length - 1 ? entry : { ...entry, actor: 'steward', facts: { ...entry.facts, why: ERASURE } },
  );
  return { ...change, entries };
}

function originOf(event: TakenEvent): string {
  return eventKey(event.source, event.eventId);
}
