import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client as Pg } from 'pg';

/** Every row of every table as text, by table. */
export async function dumpRows(databaseUrl: string, leftOut: readonly string[] = []): Promise<Map<string, string>> {
  const pg = new Pg({ connectionString: databaseUrl });
  await pg.connect();
  try {
    const { rows } = await pg.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const dump = new Map<string, string>();
    for (const { name } of rows.filter((table) => !leftOut.includes(table.name))) {
      const found = await pg.query<{ row: string }>(`select to_jsonb(x)::text as row from ${name} x`);
      dump.set(name, found.rows.map(({ row }) => row).join('\n'));
    }
    return dump;
  } finally {
    await pg.end();
  }
}

/** Every file below, with its path. */
export async function filesBelow(path: string): Promise<{ path: string; bytes: Buffer }[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => ({ path: file, bytes: await readFile(file).catch(() => Buffer.alloc(0)) })),
  );
}
