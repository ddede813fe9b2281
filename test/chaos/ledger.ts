import { sql } from 'kysely';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Database } from '../../src/store/database.ts';
import type { Ending } from './kinds.ts';

export interface SentRow {
  readonly id: string;
  readonly ticket_id: string;
  readonly transport: string;
  readonly status: string;
  readonly attempts: number;
  readonly repeats: number;
}

/** How far the work has come: rises by one with every row written and every step of a message. */
export async function stepsTaken(db: Database): Promise<number> {
  const { rows } = await sql<{ steps: number }>`
    select ((select count(*) from timeline) + (select count(*) from assignments) + (select count(*) from messages)
      + (select coalesce(sum(1 + attempts + (status = 'sent')::integer), 0) from deliveries))::integer as steps`.execute(
    db,
  );
  return rows[0]?.steps ?? 0;
}

/** Every ticket as it stands, by id. */
export async function standings(db: Database): Promise<Record<string, Ending>> {
  const { rows } = await sql<{
    id: string;
    state: string;
    route: string;
    priority: string | null;
    tier: string | null;
    needs_attention: boolean;
    facts: { decisions?: { state: string; next: string }[] } & JsonObject;
    timeline: string[];
    deliveries: string[];
    assigned: string[];
  }>`select id, state, route, priority, tier, needs_attention, facts,
      array(select kind from timeline where ticket_id = t.id and kind <> 'retried' order by seq) as timeline,
      array(select said collate "C" from deliveries,
        lateral (select occasion || ': ' || template || ' to ' || recipient_kind || ', ' || status as said) s
        where ticket_id = t.id order by 1) as deliveries,
      array(select occasion from assignments where ticket_id = t.id and agent_id = t.assignee_id) as assigned
    from tickets t`.execute(db);
  return Object.fromEntries(
    rows.map(({ id, needs_attention, facts, ...row }) => {
      const decisions = (facts.decisions ?? []).map(({ state, next }) => `${state} -> ${next}`);
      return [id, { ...row, needsAttention: needs_attention, decisions }];
    }),
  );
}

export async function sentRows(db: Database): Promise<SentRow[]> {
  const { rows } = await sql<SentRow>`
    select id::text, ticket_id, transport, status, attempts, repeats from deliveries`.execute(db);
  return rows;
}

/** Rows `said`: whatever a ticket did in between, it is sent and taken once. */
export const WRITTEN_TWICE = sql`
    select 'delivery twice: ' || ticket_id || ' ' || occasion as said from deliveries
      group by ticket_id, occasion, recipient_id, channel having count(*) > 1
    union all
    select 'message twice: ' || ticket_id || ' ' || origin from messages group by ticket_id, origin having count(*) > 1`;

/**
 * What must be nowhere: as many rows as there are contradictions, each saying which. A ticket that was `disturbed`
 * may be given to a person once more, and one may have been chosen who then was not needed.
 */
export async function contradictions(db: Database, disturbed: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ said: string }>`
    ${WRITTEN_TWICE}
    union all
    select 'entry twice: ' || ticket_id || ' ' || kind from timeline
      where kind in ('received', 'enriched', 'answered', 'welcomed', 'handedOver')
        or kind = 'escalated' and ticket_id <> all(${disturbed}::text[])
      group by ticket_id, kind having count(*) > 1
    union all
    select 'assigned to one, given to another: ' || a.ticket_id from assignments a join tickets t on t.id = a.ticket_id
      where a.agent_id is distinct from t.assignee_id and t.id <> all(${disturbed}::text[])
    union all
    select 'given to somebody, assigned to nobody: ' || t.id from tickets t
      where t.assignee_id is not null and not exists (select 1 from assignments a where a.ticket_id = t.id)
    union all
    select 'somebody else was told: ' || d.ticket_id || ' ' || d.recipient_id from deliveries d
      join tickets t on t.id = d.ticket_id
      where d.template = 'escalation' and d.recipient_id is distinct from t.assignee_id
        and t.id <> all(${disturbed}::text[])
    union all
    select 'agent over capacity or off duty: ' || a.id from agents a join tickets t on t.assignee_id = a.id
      group by a.id having count(*) > a.capacity or not a.on_duty`.execute(db);
  return rows.map(({ said }) => said);
}
