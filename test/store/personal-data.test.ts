import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { COLUMN_VERDICTS, PERSONAL_DATA, REACH } from '../../src/domain/personal-data.ts';
import { CATEGORIES } from '../../src/domain/privacy-policy.ts';
import type { Database } from '../../src/store/database.ts';
import { useStores } from './support.ts';

const stores = useStores();
const REGISTER = PERSONAL_DATA.map(({ table, column }) => `${table}.${column}`);

async function columnsOf(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select c.table_name || '.' || c.column_name as name
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where t.table_schema not in ('pg_catalog', 'information_schema') and t.table_type = 'BASE TABLE'`.execute(db);
  return rows.map(({ name }) => name);
}

test('every column of the database has a verdict, and every verdict a column', async () => {
  const columns = await columnsOf(stores.db);
  expect(columns.length).toBeGreaterThan(100);
  expect({
    'columns without a verdict in domain/personal-data.ts': columns.filter((name) => !REGISTER.includes(name)),
    'verdicts without a column': REGISTER.filter((name) => !columns.includes(name)),
  }).toEqual({ 'columns without a verdict in domain/personal-data.ts': [], 'verdicts without a column': [] });
  expect(new Set(REGISTER).size).toBe(REGISTER.length);
});

test('a new column is seen', async () => {
  const found = await stores.db.transaction().execute(async (trx) => {
    await sql`alter table tickets add column nickname text`.execute(trx);
    const columns = await columnsOf(trx);
    await sql`alter table tickets drop column nickname`.execute(trx);
    return columns.filter((name) => !REGISTER.includes(name));
  });
  expect(found).toEqual(['tickets.nickname']);
});

test('every verdict is one, says why, and belongs to a category', () => {
  const known: readonly string[] = [...CATEGORIES, 'staff', 'nobody'];
  for (const { verdict, why, category } of PERSONAL_DATA) {
    expect(COLUMN_VERDICTS).toContain(verdict);
    expect(known).toContain(category);
    expect(why).not.toBe('');
  }
});

/** Found by the request for erasure that they belong to, or gone with their day or their batch: they must not lead to a customer. */
const OF_REQUESTS = ['erasures', 'erasure_recipients', 'request_limits', 'erasure_assertions', 'parked_batches'];

test('what is not kept can be reached from its customer', () => {
  const bound = PERSONAL_DATA.filter(({ table, verdict }) => verdict !== 'keep' && !OF_REQUESTS.includes(table)).map(
    ({ table }) => table,
  );
  expect(bound.filter((table) => !Object.hasOwn(REACH, table))).toEqual([]);
});

test('wherever a customer is named by their id, the verdict is to pseudonymise it', async () => {
  const { rows } = await sql<{ name: string }>`select u.table_name || '.' || u.column_name as name
    from information_schema.referential_constraints r
    join information_schema.key_column_usage u using (constraint_schema, constraint_name)
    join information_schema.key_column_usage k on k.constraint_name = r.unique_constraint_name and k.table_name = 'customers'
    `.execute(stores.db);
  const names = rows.map(({ name }) => name);
  expect(names).toContain('tickets.customer_id');
  const verdicts = PERSONAL_DATA.filter(({ table, column }) => names.includes(`${table}.${column}`));
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(names.map(() => 'pseudonymise'));
});
