/** What assignments read and write, under the lock of the team's agents. */
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Assigned, AssignmentAsked } from '../deps-assignments.ts';
import type { Assignment, Candidate, Relaxed, Skills, Waiting } from '../domain/assign.ts';
import { insertAuditFrom } from './audit.ts';
import { toJson } from './json.ts';
import type { Schema } from './schema.ts';

export type Given = Assignment;

/** Of a ticket that asks now. */
interface Asking {
  readonly ticketId: string;
  readonly customerId: string;
  readonly since: number;
  /** Null: it was not in line. */
  readonly queuedAt: number | null;
  /** Whom it was promised while it was in line. */
  readonly agentId: string | null;
  readonly relaxed: readonly Relaxed[];
}

export interface Read {
  /** Epoch ms, by the database. */
  readonly now: number;
  /** Those who take new tickets, without the load of the tickets that ask. */
  readonly candidates: readonly Candidate[];
  /** Empty while nobody has room for anything, or none but what was seen already. */
  readonly line: readonly Waiting[];
  readonly asking: readonly Asking[];
  readonly held: Readonly<Record<string, number>>;
  readonly earlier: readonly (Assigned & { readonly ticketId: string; readonly occasion: string })[];
}

/** Nobody waits for an agent who has it, or for one that is over. A row of the line counts with this alone. */
export const STILL_WAITS = sql`t.assignee_id is null and t.state not in ('solved', 'closed')`;

/**
 * What is answered waits for its customer, for weeks perhaps: it takes nobody else's turn. One that is just being handed over may still be
 * `new`: it counts, or fifty that come at once would all count as none.
 */
const IS_OWED = sql`t.state not in ('waitingForCustomer', 'solved', 'closed')`;

export async function lockAgents(tx: Transaction<Schema>): Promise<void> {
  await sql`select 1 from agents order by id for update`.execute(tx);
}

/** What an agent can do and has room for, as a look left it, by id. */
export type Seen = Readonly<Record<string, { readonly room: number; readonly skills: Skills }>>;

/**
 * @param seen what the last look left: the line is read only if somebody has more room than that, or other skills; whoever was left in line
 * then can't be taken by less. Empty: it is read if anybody has room.
 */
export async function readSituation(tx: Transaction<Schema>, tickets: readonly string[], seen: Seen): Promise<Read> {
  const asking = sql`any(${tickets}::text[])`;
  const { rows } = await sql<{ [K in keyof Read]: Read[K] | null }>`
    with candidates as (
      select a.id, a.skills, a.capacity, ${ms('a.last_assigned_at')} as last_assigned_at,
        (select coalesce(sum(t.weight), 0) from tickets t
          where t.assignee_id = a.id and t.state not in ('solved', 'closed') and not t.id = ${asking})
        + (select coalesce(sum(w.weight), 0) from waiting_tickets w join tickets t on t.id = w.ticket_id
          where w.agent_id = a.id and ${STILL_WAITS} and not t.id = ${asking}) as load
      from agents a where a.presence = 'available'
    ),
    line as (
      select w.*, t.customer_id, coalesce(t.priority, w.priority) as known_priority
      from waiting_tickets w join tickets t on t.id = w.ticket_id
      where w.agent_id is null and ${STILL_WAITS} and not t.id = ${asking}
        and exists (select 1 from candidates c left join jsonb_each(${toJson(seen)}::jsonb) as s(id, was) on s.id = c.id
          where c.load < c.capacity and (s.id is null or c.skills <> s.was -> 'skills' or c.capacity - c.load > (s.was ->> 'room')::float8))
    ),
    asking as (
      select t.id, t.customer_id, ${WAITS_SINCE} as since, w.queued_at, w.agent_id, coalesce(w.relaxed, '[]') as relaxed
      from tickets t left join waiting_tickets w on w.ticket_id = t.id and ${STILL_WAITS} where t.id = ${asking}
    ),
    held as (
      select t.customer_id, count(*) as count from tickets t
      where t.customer_id in (select customer_id from line union all select customer_id from asking) and not t.id = ${asking}
        and ${IS_OWED}
        and (t.assignee_id is not null or exists (select 1 from waiting_tickets w where w.ticket_id = t.id and w.agent_id is not null))
      group by t.customer_id
    )
    select ${ms('clock_timestamp()')} as now,
      (select json_agg(json_build_object('id', id, 'skills', skills, 'capacity', capacity, 'load', load,
        'lastAssignedAt', last_assigned_at) order by id) from candidates) as candidates,
      (select json_agg(json_build_object('ticketId', ticket_id, 'customerId', customer_id, 'priority', known_priority,
        'needs', needs, 'weight', weight, 'since', ${ms('since')}, 'queuedAt', ${ms('queued_at')})) from line) as line,
      (select json_agg(json_build_object('ticketId', id, 'customerId', customer_id, 'since', ${ms('since')},
        'queuedAt', ${ms('queued_at')}, 'agentId', agent_id, 'relaxed', relaxed)) from asking) as asking,
      (select json_object_agg(customer_id, count) from held) as held,
      (select json_agg(json_build_object('ticketId', ticket_id, 'occasion', occasion, 'agentId', agent_id, 'relaxed', relaxed))
        from assignments where ticket_id = ${asking}) as earlier`.execute(tx);
  const row = rows[0];
  return {
    now: Number(row?.now),
    candidates: row?.candidates ?? [],
    line: row?.line ?? [],
    asking: row?.asking ?? [],
    held: row?.held ?? {},
    earlier: row?.earlier ?? [],
  };
}

/** The customer waits since the first of their words that nobody has answered. */
const WAITS_SINCE = sql`coalesce((select min(e.at) from timeline e
    where e.ticket_id = t.id and e.kind in ('received', 'customerReplied', 'reopened') and e.seq > coalesce((
      select max(s.seq) from timeline s where s.ticket_id = t.id and s.kind in ('answered', 'agentReplied', 'resolved', 'silenceEnded')), 0)),
  now())`;

function ms(time: string): RawBuilder<number> {
  return sql<number>`(extract(epoch from ${sql.raw(time)}) * 1000)::float8`;
}

export interface Outcome {
  readonly now: number;
  /** What those who asked are answered. */
  readonly asked: readonly (AssignmentAsked & Assigned)[];
  /** Whom tickets of the line were promised, in that order. */
  readonly promised: readonly Given[];
}

/** What was promised is no ticket's yet: its workflow asks for it, and then it is among the `asked`. */
export async function saveAssignments(tx: Transaction<Schema>, { now, asked, promised }: Outcome): Promise<void> {
  if (asked.length === 0 && promised.length === 0) return;
  const rows = asked.map(({ demand, ...one }) => ({ ...one, ...demand }));
  // One after another, so that the order is known next time.
  const given = [...asked, ...promised].flatMap(({ agentId }) => (agentId === null ? [] : [agentId]));
  const last = [...new Set(given)].map((id) => ({ id, at: now + given.lastIndexOf(id) }));
  await sql`with asked as (
      select * from jsonb_to_recordset(${toJson(rows)}::jsonb)
        as f("ticketId" text, occasion text, "agentId" text, relaxed jsonb, weight integer, needs jsonb, priority text)),
    noted as (insert into assignments (ticket_id, occasion, agent_id, relaxed)
      select "ticketId", occasion, "agentId", relaxed from asked),
    one as (select distinct on ("ticketId") * from asked order by "ticketId"),
    o as (select t.id, t.assignee_id, ${WAITS_SINCE} as since from tickets t
      where t.id = any(${asked.map(({ ticketId }) => ticketId)}::text[]) order by t.id for update),
    row as (update tickets t set assignee_id = f."agentId", weight = f.weight from one f, o
      where t.id = f."ticketId" and t.id = o.id returning t.id, o.assignee_id as before, t.assignee_id as after),
    served as (delete from waiting_tickets w using one f where w.ticket_id = f."ticketId" and f."agentId" is not null),
    queued as (insert into waiting_tickets as w (ticket_id, needs, weight, priority, since, queued_at)
      select f."ticketId", f.needs, f.weight, f.priority, o.since, clock_timestamp() from one f join o on o.id = f."ticketId"
      where f."agentId" is null
      on conflict (ticket_id) do update
        set needs = excluded.needs, weight = excluded.weight, priority = excluded.priority, since = excluded.since),
    promised as (update waiting_tickets w set agent_id = p."agentId", relaxed = p.relaxed
      from jsonb_to_recordset(${toJson(promised)}::jsonb) as p("ticketId" text, "agentId" text, relaxed jsonb)
      where w.ticket_id = p."ticketId"),
    busy as (update agents a set last_assigned_at = to_timestamp(l.at / 1000)
      from jsonb_to_recordset(${toJson(last)}::jsonb) as l(id text, at float8) where a.id = l.id)
    ${insertAuditFrom(
      'ticket.assigned',
      sql`'workflow', 'ticket-' || id, 'ticket/' || id, null,
      jsonb_build_object('assignee', before), jsonb_build_object('assignee', after)
      from row where before is distinct from after`,
    )}`.execute(tx);
}
