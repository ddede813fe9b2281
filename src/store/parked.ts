import { sql } from 'kysely';
import type { JsonObject } from '../domain/json.ts';
import type { Database } from './database.ts';

/** A step that waits for an operator. */
export interface ParkedLine {
  readonly ticketId: string;
  readonly step: string;
  readonly error: string;
  /** In our own words; empty where there is no more to say than the error's name. */
  readonly cause: string;
  readonly attempts: number;
  readonly since: string;
}

/** Steps whose last word is `parked`; the one that waits longest first. Of one ticket, or of all. `seq`: the timeline's entry of it. */
export async function parkedSteps(
  db: Database,
  ticketId?: string,
): Promise<{ readonly line: ParkedLine; readonly seq: number }[]> {
  const { rows } = await sql<{ ticket_id: string; seq: number; at: Date; facts: JsonObject }>`
    select ticket_id, seq, at, facts from (
      select distinct on (l.ticket_id, l.facts->>'step') l.* from timeline l join tickets t on t.id = l.ticket_id
      where t.needs_attention and l.kind in ('parked', 'operator')
        and (${ticketId ?? null}::text is null or t.id = ${ticketId ?? null})
      order by l.ticket_id, l.facts->>'step', l.seq desc) as last
    where kind = 'parked' order by at, ticket_id, seq`.execute(db);
  return rows.map(({ ticket_id, seq, at, facts }) => ({
    seq,
    line: {
      ticketId: ticket_id,
      step: String(facts.step),
      error: String(facts.error),
      cause: String(facts.cause ?? ''),
      attempts: Number(facts.attempts),
      since: at.toISOString(),
    },
  }));
}
