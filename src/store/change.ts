import { type RawBuilder, sql } from 'kysely';
import { coarsened } from '../domain/coarse.ts';
import type { Change } from '../domain/journal.ts';
import { auditedColumns } from './audit-ticket.ts';
import { toJson } from './json.ts';

/*
 * Which of two writes is the newer one? A workflow task that is lost with its worker leaves writes behind that Temporal knows nothing of,
 * and the task that follows may begin with a signal that came meanwhile: the same sequence number then stands for something else. The
 * workflow's clock tells them apart, since it never goes back and the repeated task begins later. Within one task the sequence does.
 *
 * Numbers are made coarse here once more: of what a flow decided by, and of what a ticket carries along since before that was done at the door.
 */

/**
 * The row's part of a change: a repeated or late write never undoes a newer one. `when` is a further SQL condition. Answers the row
 * as it was and as it is, for the audit log.
 */
export function updateTicket(change: Change, when: RawBuilder<unknown> = sql`true`): RawBuilder<unknown> {
  const { row } = change;
  return sql`update tickets t set
      state = ${row.state}, route = ${row.route}, priority = ${row.priority}, tier = ${row.tier},
      assignee_id = ${row.assigneeId}, episode = ${row.episode}, needs_attention = ${row.needsAttention},
      facts = t.facts || ${toJson(coarsened(change.facts ?? {}))}::jsonb,
      revision = ${revision(change)}, updated_at = ${updatedAt(change)}
    from (select * from tickets where id = ${change.ticketId} for update) o
    where t.id = o.id and (o.updated_at, o.revision) < (${updatedAt(change)}::timestamptz, ${revision(change)}::integer) and ${when}
    returning ${auditedColumns('o')} as before, ${auditedColumns('t')} as after`;
}

/**
 * The timeline's part. The same entry is written once, whoever repeats it; what a lost task wrote gives way to what came instead.
 * `when` is a further SQL condition.
 */
export function insertEntries(change: Change, when: RawBuilder<unknown> = sql`true`): RawBuilder<unknown> {
  return sql`insert into timeline (ticket_id, seq, at, kind, actor, facts)
    select ${change.ticketId}::text, e.seq, e.at, e.kind, e.actor, e.facts
    from jsonb_to_recordset(${toJson(change.entries.map((one) => ({ ...one, facts: coarsened(one.facts) })))}::jsonb)
      as e(seq integer, at timestamptz, kind text, actor text, facts jsonb)
    where ${when}
    on conflict (ticket_id, seq) do update
      set at = excluded.at, kind = excluded.kind, actor = excluded.actor, facts = excluded.facts
      where timeline.at < excluded.at`;
}

/** Entries of a lost task that lie beyond this change: they are not what happened. */
export function deleteLost(change: Change): RawBuilder<unknown> {
  return sql`delete from timeline where ticket_id = ${change.ticketId} and seq > ${revision(change)}
    and at < ${updatedAt(change)}::timestamptz`;
}

export function revision(change: Change): number {
  return change.entries.at(-1)?.seq ?? 0;
}

export function updatedAt(change: Change): string {
  return change.entries.at(-1)?.at ?? new Date().toISOString();
}
