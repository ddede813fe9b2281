import { sql } from 'kysely';
import { outageTitles } from '../domain/enrich.ts';
import type { TicketState } from '../domain/ticket.ts';
import type { PageStore } from '../http/deps.ts';
import type { Database } from './database.ts';
import { ERASED_OWNER, NAMED_OWNER } from './intake.ts';

export function createPageStore(db: Database): PageStore {
  return {
    async statusPage(ticketId) {
      const ticket = await db
        .selectFrom('tickets as t')
        .leftJoin('ratings as r', (join) => join.onRef('r.ticket_id', '=', 't.id').onRef('r.episode', '=', 't.episode'))
        .select(['t.id', 't.state', 't.opened_at', 't.facts', 't.emptied_at', 'r.score'])
        .select([ERASED_OWNER.as('erased'), NAMED_OWNER.as('named')])
        .where('t.id', '=', ticketId)
        .executeTakeFirst();
      if (!ticket) return null;
      const lines = await db
        .selectFrom('messages')
        .select(['author', 'subject', 'body', 'new_words', 'at', 'origin'])
        .where('ticket_id', '=', ticketId)
        .where('internal', '=', false)
        // The first message opens the conversation, though a reply that was held for its ticket is older.
        .orderBy(sql`origin <> 'first'`)
        .orderBy('at')
        .orderBy('id')
        .execute();
      return {
        ticketId: ticket.id,
        subject: lines.find((line) => line.origin === 'first')?.subject ?? '',
        state: ticket.state as TicketState,
        openedAt: ticket.opened_at.toISOString(),
        conversation: lines.map(({ author, body, new_words, at }) => ({
          author,
          body: new_words ?? body,
          ...(new_words === null ? {} : { whole: body }),
          at: at.toISOString(),
        })),
        rating: ticket.score,
        outage: outageTitles(ticket.facts),
        // Whose name is kept, of them more is: it is still theirs.
        erased: !ticket.erased ? 'no' : ticket.emptied_at === null || ticket.named ? 'inPart' : 'whole',
      };
    },
  };
}
