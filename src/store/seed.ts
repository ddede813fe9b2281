import { sql } from 'kysely';
import type { Database } from './database.ts';

export interface SeedAgent {
  readonly id: string;
  readonly skills: readonly string[];
  readonly capacity: number;
  readonly onDuty: boolean;
}

/** Makes the agents table say what the policy says; agents that are gone stay on their old assignments but take nothing new. */
export async function saveAgents(db: Database, agents: readonly SeedAgent[]): Promise<void> {
  const rows = JSON.stringify(agents.map((a) => ({ ...a, on_duty: a.onDuty })));
  await db.transaction().execute(async (tx) => {
    await sql`lock table agents in share row exclusive mode`.execute(tx);
    await sql`insert into agents (id, skills, capacity, on_duty)
      select id, skills, capacity, on_duty
      from jsonb_to_recordset(${rows}::jsonb) as a(id text, skills text[], capacity integer, on_duty boolean)
      on conflict (id) do update set skills = excluded.skills, capacity = excluded.capacity, on_duty = excluded.on_duty`.execute(
      tx,
    );
    await sql`delete from agents where id not in (select id from jsonb_to_recordset(${rows}::jsonb) as a(id text))`.execute(
      tx,
    );
  });
}

export interface SeedCustomer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly tier: string;
}

/** Customers as the CRM knows them. What is there already is left alone. */
export async function saveCustomers(db: Database, customers: readonly SeedCustomer[]): Promise<void> {
  if (customers.length === 0) return;
  await db
    .insertInto('customers')
    .values(customers.map((c) => ({ ...c, known_from: 'crm' as const, first_ticket_id: null })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}
