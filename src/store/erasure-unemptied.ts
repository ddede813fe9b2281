import { sql } from 'kysely';
import type { Finding } from '../deps-erasure-store.ts';
import { ERASED, MASK, PERSONAL_DATA, REACH } from '../domain/personal-data.ts';
import type { Database } from './database.ts';

/** What a column that was erased may hold: nothing, or what stands in the place of what was there. */
const EMPTY = ['', ERASED, MASK, '{}', '\\x'];
export const NOT_EMPTIED = 'notEmptied';

type Row = Readonly<Record<string, unknown>>;
interface Came {
  readonly since: number | null;
  after(row: Row, since: number): boolean;
}

/**
 * Whoever the person was, their rows are still theirs, under the random name: every column of these that the register erases, and that is
 * not kept, has to be empty by now. Rows that came since are no remnant.
 */
export async function findUnemptied(
  db: Database,
  id: string,
  kept: ReadonlySet<string>,
  came: Came,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [table, columns] of erasedColumns(kept)) {
    const counts = new Map<string, number>();
    for (const row of await fullRows(db, id, table, columns)) {
      if (came.since !== null && came.after(row, came.since)) continue;
      for (const column of columns)
        if (!isEmpty(row[column]) && !staysInSlack(row, column, kept))
          counts.set(column, (counts.get(column) ?? 0) + 1);
    }
    for (const [column, count] of counts)
      findings.push({ store: 'postgres', place: `${table}.${column}`, kind: NOT_EMPTIED, is: 'left', count });
  }
  return [...findings, ...(kept.has('ticketFacts') ? [] : await findTooFine(db, id, came))];
}

/** What stays of scores has two digits (domain/coarse.ts): with more it tells of which words it is. */
async function findTooFine(db: Database, id: string, came: Came): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const table of ['tickets', 'timeline']) {
    const reach = REACH[table];
    if (reach === undefined) continue;
    const { rows } = await sql<{ row: Row }>`select to_jsonb(x) as row from ${sql.table(table)} x
      where x.${sql.ref(reach.column)} in (${OF_TICKETS(id)})
        and jsonb_path_exists(x.facts, '$.** ? (@.type() == "number" && @ * 100 % 1 != 0)')`.execute(db);
    const count = rows.filter(({ row }) => came.since === null || !came.after(row, came.since)).length;
    if (count > 0) findings.push({ store: 'postgres', place: `${table}.facts`, kind: NOT_EMPTIED, is: 'left', count });
  }
  return findings;
}

function erasedColumns(kept: ReadonlySet<string>): Map<string, string[]> {
  const of = new Map<string, string[]>();
  for (const { table, column, category, verdict } of PERSONAL_DATA)
    if (verdict === 'erase' && !kept.has(category) && REACH[table]) of.set(table, [...(of.get(table) ?? []), column]);
  return of;
}

/** It leads to words that are kept. */
function staysInSlack(row: Row, column: string, kept: ReadonlySet<string>): boolean {
  return column === 'provider_message_id' && row.transport === 'slack' && kept.has('conversations');
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return EMPTY.includes(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The person's rows of a table in which one of these columns is not empty. */
async function fullRows(db: Database, id: string, table: string, columns: readonly string[]): Promise<Row[]> {
  const reach = REACH[table];
  if (reach === undefined) return [];
  const own = {
    customer: sql`select c.id from customers c where c.erasure_id = ${id} and not ${CAME_BACK}`,
    ticket: OF_TICKETS(id),
    // The erasure shredded the keys of all that were theirs by then.
    key: sql`select k.name from customers c join data_keys k on k.subject_id = c.id
      where c.erasure_id = ${id} and k.shredded_at is not null`,
    address: sql`select lower(c.email) from customers c where c.erasure_id = ${id}`,
  }[reach.by];
  const full = columns.map((column) => sql`coalesce(x.${sql.ref(column)}::text, '') <> all(${EMPTY}::text[])`);
  const { rows } = await sql<{ row: Row }>`select to_jsonb(x) as row from ${sql.table(table)} x
    where x.${sql.ref(reach.column)} in (${own}) and (${sql.join(full, sql` or `)})`.execute(db);
  return rows.map(({ row }) => row);
}

/** One with a key is of somebody who came back: the erasure shredded the keys of all the others. */
const OF_TICKETS = (
  id: string,
) => sql`select t.id from customers c join tickets t on t.customer_id = c.id where c.erasure_id = ${id}
  and not exists (select 1 from data_keys k where k.name = 'ticket-' || t.id and k.shredded_at is null)`;

/** Whose id was kept, and who is a customer again since: their row is of the new dealings. */
const CAME_BACK = sql`(c.erased_at is null and exists (select 1 from tickets t join data_keys k on k.name = 'ticket-' || t.id
  where t.customer_id = c.id and k.shredded_at is null))`;
