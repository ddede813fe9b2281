import { type RawBuilder, sql } from 'kysely';
import { ticketWorkflowId } from '../contract.ts';
import { type AuditActor, actorOf } from '../domain/audit.ts';
import type { Change } from '../domain/journal.ts';
import { insertAuditFrom } from './audit.ts';

/** What of a ticket's row the audit log follows. The revision leads to the timeline, which says the rest. */
export function auditedColumns(table: 't' | 'o'): RawBuilder<unknown> {
  const of = (column: string) => sql.ref(`${table}.${column}`);
  return sql`jsonb_build_object('state', ${of('state')}, 'route', ${of('route')}, 'priority', ${of('priority')}, 'tier', ${of('tier')},
    'assignee', ${of('assignee_id')}, 'episode', ${of('episode')}, 'needsAttention', ${of('needs_attention')},
    'revision', ${of('revision')})`;
}

/** Who had a ticket's workflow do it, and why. */
export interface Cause {
  readonly actor: AuditActor;
  readonly why: string;
}

/**
 * One entry a change, when it was really made: `row` is the CTE that made it and answers the ticket's columns as they were and as they
 * are. A write that is repeated, or comes too late, adds nothing.
 */
export function auditChange(change: Change, by?: Cause): RawBuilder<unknown> {
  const last = change.entries.at(-1);
  const actor = by?.actor ?? actorOf(ticketWorkflowId(change.ticketId), last?.actor ?? 'steward');
  // Steps that changed no state and waited for this write.
  const noted = change.entries.slice(0, -1).map(({ kind }) => kind);
  const why = [...(by ? [by.why] : []), ...(noted.length > 0 ? [`with ${noted.join(', ')}`] : [])].join(', ');
  return insertAuditFrom(
    `ticket.${last?.kind ?? 'changed'}`,
    sql`${actor.kind}::text, ${actor.id}::text, ${`ticket/${change.ticketId}`}::text, ${why === '' ? null : why}::text,
      audit_changed(before, after), audit_changed(after, before)
    from row`,
  );
}
