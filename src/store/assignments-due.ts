import { sql } from 'kysely';
import type { AssignmentsDue, DueTicket } from '../deps-assignments.ts';
import type { Assigner } from './assign.ts';
import { STILL_WAITS } from './assign-rows.ts';
import type { Database } from './database.ts';

/**
 * What a ticket's workflow has to be told, by the database alone: presence, loads and the line are all there, so whoever dies on the way
 * leaves nothing that the next look would not find.
 */
export function createAssignmentsDue(db: Database, { assignWaiting }: Assigner): AssignmentsDue {
  return {
    async look() {
      const { rows } = await sql<{ waits: boolean }>`
        with stale as (delete from waiting_tickets w using tickets t where t.id = w.ticket_id and not (${STILL_WAITS}))
        select exists (select 1 from waiting_tickets where agent_id is null) as waits`.execute(db);
      if (rows[0]?.waits) await assignWaiting();
      return (await dueTickets(db)).rows;
    },
    async forget(ticketId) {
      await db.deleteFrom('waiting_tickets').where('ticket_id', '=', ticketId).execute();
    },
  };
}

/** So long a ticket may be on its way into the line. */
const ON_ITS_WAY = sql`interval '30 seconds'`;

/** Promised to somebody; with somebody who is off, and not answered; or without anybody and in no line, as those from before there was one. */
function dueTickets(db: Database) {
  return sql<DueTicket>`
    select t.id as "ticketId", 'found:' || w.id as "eventId", null as off
    from waiting_tickets w join tickets t on t.id = w.ticket_id where w.agent_id is not null and ${STILL_WAITS}
    union all
    select t.id, 'off:' || a.id || ':' || t.revision, a.id
    from agents a join tickets t on t.assignee_id = a.id
    where a.presence = 'off' and t.state not in ('solved', 'closed') and t.state in ('waitingForAgent', 'inProgress')
    union all
    select t.id, 'unlisted:' || t.revision, null
    from tickets t where t.assignee_id is null and t.state = 'waitingForAgent' and t.updated_at < now() - ${ON_ITS_WAY}
      and not exists (select 1 from waiting_tickets w where w.ticket_id = t.id)`.execute(db);
}
