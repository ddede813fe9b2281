import { sql } from 'kysely';
import { type Candidate, chooseAgent } from '../domain/escalate.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

interface Wish {
  readonly ticketId: string;
  readonly occasion: string;
  readonly skills: readonly string[];
  readonly settle: (agentId: string | null) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Assigns tickets to agents under the row lock, in batches: who comes while one batch is under way goes with the next. One
 * transaction a ticket made fifty tickets wait for one lock over six round trips each, which halved the whole system's pace.
 */
export function createAssigner(db: Database) {
  let waiting: Wish[] = [];
  let working = false;

  async function work(): Promise<void> {
    working = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const chosen = await assignAll(db, batch);
        for (const wish of batch) wish.settle(chosen.get(keyOf(wish)) ?? null);
      } catch (error) {
        for (const wish of batch) wish.fail(error);
      }
    }
    working = false;
  }

  /** The agent, or null when nobody fits. The same occasion gives the same answer again. */
  return (ticketId: string, occasion: string, skills: readonly string[]): Promise<string | null> =>
    new Promise((settle, fail) => {
      waiting.push({ ticketId, occasion, skills, settle, fail });
      if (!working) void work();
    });
}

async function assignAll(db: Database, batch: readonly Wish[]): Promise<Map<string, string | null>> {
  const tickets = batch.map((wish) => wish.ticketId);
  return db.transaction().execute(async (tx) => {
    // Locked in a statement of its own: loads read by the statement that waits would be those from before the wait.
    await sql`select 1 from agents where on_duty order by id for update`.execute(tx);
    const { rows } = await sql<{ agents: Candidate[] | null; earlier: (Wish & { agent_id: string | null })[] | null }>`
      select (select json_agg(json_build_object('id', a.id, 'skills', a.skills, 'capacity', a.capacity,
          'load', (select count(*) from tickets t where t.assignee_id = a.id and t.state not in ('solved', 'closed')
            and t.id <> all(${tickets}::text[]))))
        from agents a where a.on_duty) as agents,
      (select json_agg(json_build_object('ticketId', ticket_id, 'occasion', occasion, 'agent_id', agent_id))
        from assignments where ticket_id = any(${tickets}::text[])) as earlier`.execute(tx);
    const chosen = new Map((rows[0]?.earlier ?? []).map((one) => [keyOf(one), one.agent_id]));
    const fresh = choose(batch, rows[0]?.agents ?? [], chosen);
    if (fresh.length > 0) await save(tx, fresh);
    return chosen;
  });
}

/** One after another, each seeing the load that those before it made. */
function choose(
  batch: readonly Wish[],
  agents: readonly Candidate[],
  chosen: Map<string, string | null>,
): { ticketId: string; occasion: string; agentId: string | null }[] {
  const candidates = agents.map((agent) => ({ ...agent }));
  const take = (agentId: string | null | undefined) => {
    const agent = candidates.find((candidate) => candidate.id === agentId);
    if (agent) agent.load += 1;
  };
  for (const wish of batch) take(chosen.get(keyOf(wish)));
  return batch.flatMap((wish) => {
    if (chosen.has(keyOf(wish))) return [];
    const agentId = chooseAgent(candidates, wish.skills)?.id ?? null;
    take(agentId);
    chosen.set(keyOf(wish), agentId);
    return [{ ticketId: wish.ticketId, occasion: wish.occasion, agentId }];
  });
}

async function save(
  tx: Parameters<Parameters<ReturnType<Database['transaction']>['execute']>[0]>[0],
  fresh: readonly { ticketId: string; occasion: string; agentId: string | null }[],
): Promise<void> {
  await sql`with fresh as (
      select * from json_to_recordset(${JSON.stringify(fresh)}::json) as f("ticketId" text, occasion text, "agentId" text)),
    noted as (insert into assignments (ticket_id, occasion, agent_id) select "ticketId", occasion, "agentId" from fresh),
    o as (select id, assignee_id from tickets where id = any(${fresh.map(({ ticketId }) => ticketId)}::text[]) order by id for update),
    row as (update tickets t set assignee_id = f."agentId" from fresh f, o
      where t.id = f."ticketId" and t.id = o.id returning t.id, o.assignee_id as before, t.assignee_id as after)
    ${insertAuditFrom(
      'ticket.assigned',
      sql`'workflow', 'ticket-' || id, 'ticket/' || id, null,
      jsonb_build_object('assignee', before), jsonb_build_object('assignee', after)
      from row where before is distinct from after`,
    )}`.execute(tx);
}

function keyOf(wish: { readonly ticketId: string; readonly occasion: string }): string {
  return `${wish.ticketId} ${wish.occasion}`;
}
