import { sql } from 'kysely';
import type { ErasureStore, Finding, Remnant } from '../deps-erasure-store.ts';
import { kindsIn } from '../domain/fingerprint.ts';
import { PERSONAL_DATA, REACH, type Reach } from '../domain/personal-data.ts';
import type { Database } from './database.ts';
import { KEY_SHREDDED } from './erasure-kept.ts';
import { findUnemptied } from './erasure-unemptied.ts';
import { RUN_FILES } from './run-messages.ts';

/** Rows at a time: comparing the words of a thousand holds up the whole process for half a second. */
const PAGE = 200;
/** Here the fingerprints themselves lie, and nothing else. */
const LEFT_OUT = ['erasure_fingerprints', 'pgmigrations'];
/** When a row came, as the tables say it. */
const CAME = ['created_at', 'opened_at', 'received_at', 'recorded_at', 'held_at', 'taken_at', 'since', 'at'] as const;

type Search = Pick<
  ErasureStore,
  'saveFingerprints' | 'search' | 'wanted' | 'saveFindings' | 'findings' | 'deliveriesSince'
>;

/** Looks for a person through every row of every table that this process may read. */
export function createSearch(db: Database): Search {
  async function wanted(id: string): Promise<Map<string, string>> {
    const rows = await db.selectFrom('erasure_fingerprints').selectAll().where('erasure_id', '=', id).execute();
    return new Map(rows.map(({ fingerprint, kind }) => [fingerprint.toString('hex'), kind]));
  }
  return {
    wanted,

    saveFingerprints: (id, prints) => saveFingerprints(db, id, prints),

    async search(id, kept, digest, alive) {
      const looked = await wanted(id);
      const speaksOf = (text: string) => kindsIn(text, looked, digest);
      const frozenAt = await frozenSince(db, id);
      const isKept = keptColumns(kept, await rowsOf(db, id));
      const refilled = await refilledRows(db, id);
      const findings = new Map<string, Finding>();
      for (const table of await readableTables(db)) {
        for await (const rows of pagesOf(db, table)) {
          alive(table);
          // Rows of a table have most words in common: each is compared once for the page.
          if (speaksOf(rows.join('\n')).size === 0) continue;
          for (const row of rows)
            for (const { kind, column, fields } of hitsIn(row, speaksOf)) {
              const isBack = (frozenAt !== null && cameAfter(fields, frozenAt)) || refilled(table, fields);
              const is = isBack ? 'back' : isKept(table, column, fields) ? 'kept' : 'left';
              const place = `${table}.${column}`;
              const name = `${place} ${kind} ${is}`;
              const count = (findings.get(name)?.count ?? 0) + 1;
              findings.set(name, { store: 'postgres', place, kind, is, count });
            }
        }
      }
      const unemptied = await findUnemptied(db, id, kept, { since: frozenAt, after: cameAfter });
      return [...findings.values(), ...unemptied];
    },

    async deliveriesSince(id, deliveryIds) {
      const frozenAt = await frozenSince(db, id);
      if (frozenAt === null || deliveryIds.length === 0) return [];
      // As text: a file may have any name. Of tickets, and of runs of flows.
      const { rows } = await sql<{ id: string }>`
        with queued as (select id::text as id, created_at from deliveries
          union all select ${RUN_FILES}::text || id, created_at from run_messages)
        select id from queued where id = any(${[...deliveryIds]}::text[]) and created_at > ${new Date(frozenAt)}`.execute(
        db,
      );
      return rows.map((row) => row.id);
    },

    findings: (id) => findingsOf(db, id),

    async saveFindings(id, look, findings) {
      const remnants = findings.filter(({ is }) => is === 'left');
      if (remnants.length === 0) return;
      await db
        .insertInto('erasure_findings')
        .values(remnants.map(({ store, place, kind }) => ({ erasure_id: id, look, store, place, kind })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}

/** Joins to a finding `f` how much it was, which the look's receipt says: null where it is from before that was counted. */
export const COUNTED = sql`left join erasure_steps s on s.erasure_id = f.erasure_id and lower(s.step) = lower('look' || f.look)
  left join lateral jsonb_array_elements(coalesce(s.receipt->'places', '[]')) as p(place)
    on (p.place->>'store', p.place->>'place', p.place->>'kind') = (f.store, f.place, f.kind)`;

export async function findingsOf(db: Database, id: string): Promise<Remnant[]> {
  const { rows } = await sql<Remnant>`
    select f.look, f.store, f.place, f.kind, (p.place->>'count')::integer as count from erasure_findings f ${COUNTED}
    where f.erasure_id = ${id} order by f.look, f.store collate "C", f.place collate "C", f.kind collate "C"`.execute(
    db,
  );
  return rows;
}

/** What is looked for; the same one twice is one. */
export async function saveFingerprints(
  db: Database,
  id: string,
  prints: Parameters<Search['saveFingerprints']>[1],
): Promise<void> {
  if (prints.length === 0) return;
  await db
    .insertInto('erasure_fingerprints')
    .values(prints.map(({ kind, fingerprint }) => ({ erasure_id: id, kind, fingerprint: Buffer.from(fingerprint) })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What is of later, the person brought themselves. Where their id is kept their rows are free again by the second look. */
async function frozenSince(db: Database, id: string): Promise<number | null> {
  const { rows } = await sql<{ since: Date | null }>`select coalesce(
      (select min(frozen_at) from customers where erasure_id = ${id}),
      (select erased_at from erasures where id = ${id})) as since`.execute(db);
  return rows[0]?.since?.getTime() ?? null;
}

async function readableTables(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and has_table_privilege(c.oid, 'select') and c.relname <> all(${LEFT_OUT}::text[]) order by 1`.execute(db);
  return rows.map(({ name }) => name);
}

/** Whole tables, a page at a time, by the rows' places on disk: no table needs a key for it. */
async function* pagesOf(db: Database, table: string): AsyncIterable<readonly string[]> {
  for (let after = '(0,0)'; ; ) {
    const { rows } = await sql<{ place: string; row: string }>`select ctid::text as place, to_jsonb(x)::text as row
      from ${sql.table(table)} x where ctid > ${after}::tid order by ctid limit ${PAGE}`.execute(db);
    yield rows.map(({ row }) => row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.place;
  }
}

type Row = Readonly<Record<string, unknown>>;

/** In which columns of a row something of the person stands; `*` where it is in none of them alone. */
function hitsIn(row: string, speaksOf: (text: string) => ReadonlySet<string>) {
  const kinds = [...speaksOf(row)];
  if (kinds.length === 0) return [];
  const fields = JSON.parse(row) as Row;
  const columns = Object.entries(fields).map(([column, value]) => ({ column, of: speaksOf(JSON.stringify(value)) }));
  return kinds.flatMap((kind) => {
    const there = columns.filter(({ of }) => of.has(kind)).map(({ column }) => column);
    return (there.length > 0 ? there : ['*']).map((column) => ({ kind, column, fields }));
  });
}

/** The person wrote again, as anybody may: not something that was left. */
function cameAfter(fields: Row, since: number): boolean {
  const came = CAME.map((name) => fields[name]).find((value) => typeof value === 'string');
  return typeof came === 'string' && Date.parse(came) > since;
}

/**
 * Where their id is kept, whoever comes back brings their address and phone into the old row again: it was masked, or the look before them
 * would have found it.
 */
async function refilledRows(db: Database, id: string): Promise<(table: string, fields: Row) => boolean> {
  const { rows } = await sql<{ id: string }>`select c.id from customers c
    where c.erasure_id = ${id} and c.erased_at is null and c.frozen_at is null
      and exists (select 1 from tickets t where t.customer_id = c.id and not ${KEY_SHREDDED})`.execute(db);
  const back = new Set(rows.map((row) => row.id));
  return (table, fields) => table === 'customers' && back.has(String(fields.id));
}

/** What the person's rows are found by, whatever their name is by now. */
async function rowsOf(db: Database, id: string): Promise<Readonly<Record<Reach['by'], ReadonlySet<string>>>> {
  const customers = await db.selectFrom('customers').select(['id', 'email']).where('erasure_id', '=', id).execute();
  const tickets = await sql<{ id: string }>`select t.id from customers c join tickets t on t.customer_id = c.id
    where c.erasure_id = ${id}`.execute(db);
  const keys = await sql<{ name: string }>`select k.name from customers c join data_keys k on k.subject_id = c.id
    where c.erasure_id = ${id}`.execute(db);
  return {
    customer: new Set(customers.map((row) => row.id)),
    ticket: new Set(tickets.rows.map((row) => row.id)),
    // By the key, as data_keys names whose it is.
    key: new Set(keys.rows.map((row) => row.name)),
    address: new Set(customers.flatMap(({ email }) => email?.toLowerCase() ?? [])),
  };
}

/** Does this column of this row belong to what the decision keeps of the person? By the register. */
function keptColumns(kept: ReadonlySet<string>, own: Awaited<ReturnType<typeof rowsOf>>) {
  const columns = PERSONAL_DATA.filter(({ category, verdict }) => verdict === 'erase' && kept.has(category));
  const names = new Set(columns.map(({ table, column }) => `${table}.${column}`));
  return (table: string, column: string, fields: Row): boolean => {
    const reach = REACH[table];
    return names.has(`${table}.${column}`) && reach !== undefined && own[reach.by].has(String(fields[reach.column]));
  };
}
