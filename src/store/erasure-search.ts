import { sql } from 'kysely';
import type { ErasureStore, Finding } from '../deps-erasure.ts';
import { kindsIn } from '../domain/fingerprint.ts';
import type { Database } from './database.ts';

const PAGE = 1_000;
/** Here the fingerprints themselves lie, and nothing else. */
const LEFT_OUT = ['erasure_fingerprints', 'pgmigrations'];
/** When a row came, as the tables say it. */
const CAME = ['created_at', 'opened_at', 'received_at', 'held_at', 'taken_at', 'at'] as const;

type Search = Pick<ErasureStore, 'saveFingerprints' | 'search' | 'wanted' | 'saveFindings'>;

/** Looks for a person through every row of every table that this process may read. */
export function createSearch(db: Database): Search {
  async function wanted(id: string): Promise<Map<string, string>> {
    const rows = await db.selectFrom('erasure_fingerprints').selectAll().where('erasure_id', '=', id).execute();
    return new Map(rows.map(({ fingerprint, kind }) => [fingerprint.toString('hex'), kind]));
  }
  return {
    wanted,

    saveFingerprints: (id, prints) => saveFingerprints(db, id, prints),

    async search(id, digest, alive) {
      const looked = await wanted(id);
      const frozenAt = await frozenSince(db, id);
      const findings = new Map<string, Finding>();
      for (const table of await readableTables(db)) {
        for await (const rows of pagesOf(db, table)) {
          alive(table);
          // Rows of a table have most words in common: each is compared once for the page.
          if (kindsIn(rows.join('\n'), looked, digest).size === 0) continue;
          for (const row of rows)
            for (const kind of kindsIn(row, looked, digest)) {
              const back = frozenAt !== null && cameAfter(row, frozenAt);
              findings.set(`${table} ${kind} ${back}`, { store: 'postgres', place: table, kind, back });
            }
        }
      }
      return [...findings.values()];
    },

    async saveFindings(id, look, findings) {
      const remnants = findings.filter(({ back }) => !back);
      if (remnants.length === 0) return;
      await db
        .insertInto('erasure_findings')
        .values(remnants.map(({ store, place, kind }) => ({ erasure_id: id, look, store, place, kind })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
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

async function frozenSince(db: Database, id: string): Promise<number | null> {
  const row = await db
    .selectFrom('customers')
    .select((eb) => eb.fn.min('frozen_at').as('frozen_at'))
    .where('erasure_id', '=', id)
    .executeTakeFirst();
  return row?.frozen_at?.getTime() ?? null;
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

/** The person wrote again, as anybody may: not something that was left. */
function cameAfter(row: string, since: number): boolean {
  const fields = JSON.parse(row) as Record<string, unknown>;
  const came = CAME.map((name) => fields[name]).find((value) => typeof value === 'string');
  return typeof came === 'string' && Date.parse(came) > since;
}
