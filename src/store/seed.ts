import { sql } from 'kysely';
import type { Skills } from '../domain/assign.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';

export interface SeedAgent {
  readonly id: string;
  readonly skills: Skills;
  readonly capacity: number;
  readonly onDuty: boolean;
}

/**
 * Makes the agents table say what the policy says; agents that are gone stay on their old assignments but take nothing new. Who is there is
 * what was said last: by the file, where it says something else than it did, or by somebody since.
 */
export async function saveAgents(db: Database, agents: readonly SeedAgent[]): Promise<void> {
  await db.transaction().execute((tx) => writeAgents(tx, agents));
}

/** The same within a transaction. */
export async function writeAgents(tx: Database, agents: readonly SeedAgent[]): Promise<void> {
  const rows = JSON.stringify(agents.map((a) => ({ ...a, on_duty: a.onDuty })));
  await sql`lock table agents in share row exclusive mode`.execute(tx);
  await sql`insert into agents as now (id, skills, capacity, on_duty, presence)
    select id, skills, capacity, on_duty, case when on_duty then 'available' else 'off' end
    from jsonb_to_recordset(${rows}::jsonb) as a(id text, skills jsonb, capacity integer, on_duty boolean)
    on conflict (id) do update set skills = excluded.skills, capacity = excluded.capacity, on_duty = excluded.on_duty,
      presence = case when now.on_duty = excluded.on_duty then now.presence else excluded.presence end,
      presence_at = case when now.on_duty = excluded.on_duty then now.presence_at else excluded.presence_at end`.execute(
    tx,
  );
  await sql`delete from agents where id not in (select id from jsonb_to_recordset(${rows}::jsonb) as a(id text))`.execute(
    tx,
  );
  // What was promised to somebody who is gone waits for others.
  await sql`update waiting_tickets set agent_id = null where agent_id not in (select id from agents)`.execute(tx);
}

export interface SeedCustomer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly tier: string;
}

/** Customers as the CRM knows them, on a database that has none yet: who was erased since must not come back with the next start. */
export async function saveCustomers(db: Database, customers: readonly SeedCustomer[]): Promise<void> {
  await sql`insert into customers (id, name, email, tier, known_from)
    select id, name, email, tier, 'crm' from jsonb_to_recordset(${toJson(customers)}::jsonb) as c(id text, name text, email text, tier text)
    where not exists (select 1 from customers)
    on conflict (id) do nothing`.execute(db);
}
