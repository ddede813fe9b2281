import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createSearch } from '../../src/store/erasure-search.ts';
import { useStores } from './support.ts';

const stores = useStores();

test('looking again goes through every table, but for the one in which the fingerprints themselves lie', async () => {
  const looked: string[] = [];
  const nothing = () => new Uint8Array(32);
  await createSearch(stores.db).search('ERA-0000000000000000', new Set(), nothing, (table) => looked.push(table));
  const { rows } = await sql<{
    name: string;
  }>`select tablename as name from pg_tables where schemaname = 'public'`.execute(stores.db);
  const others = ['erasure_fingerprints', 'pgmigrations'];
  expect(looked.sort()).toEqual(
    rows
      .map(({ name }) => name)
      .filter((name) => !others.includes(name))
      .sort(),
  );
});
