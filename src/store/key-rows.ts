/** The rows of the data keys: what is asked of them, and what is written. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { KEY_BYTES } from '../cipher.ts';
import type { KeyEncryption } from '../deps-keys.ts';
import { StewardError } from '../domain/errors.ts';
import type { Database } from './database.ts';

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly wrapped: Uint8Array | null;
  readonly kek_id: string | null;
  readonly shredded: boolean;
}

export type ClearText = 'accept' | 'refuse';

export const COLUMNS = sql`id, name, wrapped, kek_id, shredded_at is not null as shredded`;
/** Tickets that come at once get their keys by one statement; more than these wait for the next. */
const MOST_AT_ONCE = 100;

interface Wish {
  readonly name: string;
  readonly resolve: (row: Row) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes keys that are not there. What is wished for while a statement is under way goes together into the next one, so that tickets
 * that come all at once cost few statements.
 */
export function createUpserter(db: Database, kek: () => Promise<KeyEncryption>): (name: string) => Promise<Row> {
  const wishes: Wish[] = [];
  let busy = false;
  const run = async () => {
    busy = true;
    while (wishes.length > 0) {
      const batch = wishes.splice(0, MOST_AT_ONCE);
      try {
        const rows = await upsert(db, await kek(), [...new Set(batch.map(({ name }) => name))]);
        for (const { name, resolve, reject } of batch) {
          const row = rows.get(name);
          if (row) resolve(row);
          else reject(unknownKey(name));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    busy = false;
  };
  return (name) =>
    new Promise((resolve, reject) => {
      wishes.push({ name, resolve, reject });
      if (!busy) void run();
    });
}

/** However many processes do it at once, each name has one row and one key. */
async function upsert(db: Database, kek: KeyEncryption, wanted: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  // In one order for all: two that lock the same rows crosswise would wait for each other.
  const names = [...wanted].sort();
  const wrapped = await Promise.all(
    names.map(async (name) => Buffer.from(await kek.wrap(randomBytes(KEY_BYTES), name))),
  );
  const { rows } = await sql<Row>`
    with made as (
      insert into data_keys (name, wrapped, kek_id)
      select name, wrapped, ${kek.id} from unnest(${names}::text[], ${wrapped}::bytea[]) as wanted(name, wrapped)
      on conflict (name) do update set wrapped = excluded.wrapped, kek_id = excluded.kek_id
        where data_keys.wrapped is null and data_keys.shredded_at is null
      returning *)
    select ${COLUMNS} from made
    union all select ${COLUMNS} from data_keys
      where name = any(${names}::text[]) and (wrapped is not null or shredded_at is not null)`.execute(db);
  const found = new Map(rows.map((row) => [row.name, row]));
  // Another one's row that was committed while ours ran was not in our statement's snapshot.
  for (const name of names) if (!found.has(name)) found.set(name, await findByName(db, name));
  return found;
}

export async function findByName(db: Database, name: string): Promise<Row> {
  const { rows } = await sql<Row>`select ${COLUMNS} from data_keys where name = ${name}`.execute(db);
  if (rows[0] === undefined) throw unknownKey(name);
  return rows[0];
}

/** The first clear payload decides for the workflow, and all later ones follow, in whatever process and under whatever setting. */
export async function treat(db: Database, name: string, wanted: ClearText): Promise<ClearText> {
  const accept = wanted === 'accept';
  const { rows } = await sql<{ refuses: boolean }>`
    insert into data_keys (name, clear_text, refuses_clear_text) values (${name}, true, ${!accept})
    on conflict (name) do update set clear_text = true,
      refuses_clear_text = data_keys.refuses_clear_text or (${!accept}::boolean and not data_keys.clear_text)
    returning refuses_clear_text as refuses`.execute(db);
  return rows[0]?.refuses === true ? 'refuse' : 'accept';
}

export function unknownKey(id: string): StewardError {
  return new StewardError(
    'KeyUnknown',
    `no data key ${id} in the database: was an older backup restored? It is looked up again with every try`,
  );
}
