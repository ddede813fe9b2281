import { type RawBuilder, sql } from 'kysely';
import type { SubjectDigests } from '../deps-keys.ts';
import type { Who } from '../domain/person.ts';
import {
  columnsOf,
  type ExportRow,
  type ExportTables,
  REQUEST_TABLES,
  type RequestTable,
  requestColumns,
} from '../domain/person-export.ts';
import { REACH, type Reach } from '../domain/personal-data.ts';
import { CATEGORIES, type Category } from '../domain/privacy-policy.ts';
import type { Database } from './database.ts';
import { bytes, namesOf } from './key-subjects.ts';
import { isNamed, unknownCustomer, unmasked } from './people.ts';

export interface PersonRows {
  readonly customerIds: readonly string[];
  readonly sources: readonly string[];
  readonly rows: Readonly<Record<Category, ExportTables>>;
}

/** What their rows are found by. */
interface Whom {
  readonly ids: readonly string[];
  /** In small letters. */
  readonly emails: readonly string[];
  /** Of workflows that spoke of them before they were a customer: digests of what they are known by. */
  readonly namedAs: readonly Buffer[];
}

/**
 * Everything in the database that is about a person, as the register of personal data has it, be they a customer or not: runs of flows and
 * mails that were not taken speak of others too. @throws StewardError CustomerUnknown
 */
export async function personRows(db: Database, digests: SubjectDigests, who: Who): Promise<PersonRows> {
  // One picture: a ticket that comes meanwhile is in all tables or in none.
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const whom = await whomOf(transaction, digests, who);
      const { ids: customerIds } = whom;
      const rows = {} as Record<Category, ExportTables>;
      for (const category of CATEGORIES) rows[category] = await tablesOf(transaction, category, whom);
      if (customerIds.length === 0 && CATEGORIES.every((category) => Object.keys(rows[category]).length === 0))
        throw unknownCustomer(who);
      rows.requestRecord = { ...rows.requestRecord, ...(await requestsOf(transaction, customerIds)) };
      return { customerIds, sources: await sourcesOf(transaction, customerIds), rows };
    });
}

async function whomOf(db: Database, digests: SubjectDigests, who: Who): Promise<Whom> {
  const found = await db
    .selectFrom('customers')
    .select(['id', unmasked('email')])
    .where(isNamed(who))
    .orderBy('id')
    .execute();
  const named = namesOf(who, found);
  return {
    ids: found.map(({ id }) => id),
    emails: named.flatMap(({ email }) => email?.toLowerCase() ?? []),
    namedAs: bytes(named.flatMap((one) => digests(one))),
  };
}

async function tablesOf(db: Database, category: Category, whom: Whom): Promise<ExportTables> {
  const tables: Record<string, readonly ExportRow[]> = {};
  for (const { table, columns } of columnsOf(category)) {
    const shown = columns.map((column) => sql`${shownAs(table, column)} as ${sql.ref(column)}`);
    const { rows } = await sql<ExportRow>`select ${sql.join(shown)} from ${sql.table(table)}
      where ${belongsTo(table, whom)} order by ${sql.ref(TIMES.find((time) => columns.includes(time)) ?? columns[0] ?? '')}`.execute(
      db,
    );
    if (rows.length > 0) tables[table] = asJson(rows);
  }
  return tables;
}

/** Times as text. */
function asJson(rows: readonly ExportRow[]): ExportRow[] {
  return JSON.parse(JSON.stringify(rows)) as ExportRow[];
}

/** The request that is about them now, and the one that has kept something of them. */
async function requestsOf(db: Database, ids: readonly string[]): Promise<ExportTables> {
  const own = sql`(select unnest(array[c.erasure_id, c.kept_by]) from customers c where c.id = any(${ids}::text[]))`;
  const tables: Record<string, readonly ExportRow[]> = {};
  for (const [table, id] of Object.entries(REQUEST_TABLES) as [RequestTable, string][]) {
    const shown = requestColumns(table).map((column) => sql.ref(column));
    const { rows } = await sql<ExportRow>`select ${sql.join(shown)} from ${sql.table(table)}
      where ${sql.ref(id)} in ${own} order by ${sql.ref(id)}`.execute(db);
    if (rows.length > 0) tables[table] = asJson(rows);
  }
  return tables;
}

const TIMES = ['at', 'taken_at', 'held_at', 'opened_at', 'created_at', 'placed_at'];

function belongsTo(table: string, whom: Whom): RawBuilder<unknown> {
  const reach = REACH[table];
  return reach ? reachedBy(table, reach, whom) : sql`false`;
}

function reachedBy(table: string, { or, ...reach }: Reach, whom: Whom): RawBuilder<unknown> {
  if (or) return sql`(${reachedBy(table, reach, whom)} or ${reachedBy(table, or, whom)})`;
  const { ids, emails, namedAs } = whom;
  const column = sql.ref(reach.column);
  const isTheirs = sql`${column} = any(${ids}::text[])`;
  if (reach.by === 'address') return sql`${column} = any(${emails}::text[])`;
  if (reach.by === 'key')
    return sql`${column} in (select k.name from data_keys k where k.subject_id = any(${ids}::text[]) or k.named_as && ${namedAs}::bytea[])`;
  if (reach.by === 'customer')
    return table === 'data_keys' ? sql`(${isTheirs} or named_as && ${namedAs}::bytea[])` : isTheirs;
  return sql`${column} in (select t.id from tickets t where t.customer_id = any(${ids}::text[]))`;
}

/** Who of us dealt with it is not the customer's to know (Art. 15(4)). */
const WITHOUT_STAFF: Readonly<Record<string, RawBuilder<unknown>>> = {
  'messages.author_id': sql`case when author = 'customer' then author_id end`,
  'deliveries.recipient_id': sql`case when recipient_kind = 'customer' then recipient_id end`,
  'run_messages.recipient_id': sql`case when recipient_kind = 'customer' then recipient_id end`,
  'timeline.actor': sql`case when actor in ('customer', 'steward', 'platform', 'operator', 'bot') then actor else 'agent' end`,
  'timeline.facts': sql`facts - 'agentId' - 'givenTo' - 'via'`,
  'webhook_messages.facts': sql`(facts - 'agentId' - 'assigneeId') #- '{previous,assigneeId}'`,
};
function shownAs(table: string, column: string): RawBuilder<unknown> {
  return WITHOUT_STAFF[`${table}.${column}`] ?? sql`${sql.ref(column)}`;
}

async function sourcesOf(db: Database, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ source: string }>`
    select source from tickets where customer_id = any(${ids}::text[])
    union select source from consent_history where customer_id = any(${ids}::text[])
    union select 'crm' from customers where id = any(${ids}::text[]) and known_from = 'crm' order by source`.execute(
    db,
  );
  return rows.map(({ source }) => source);
}
