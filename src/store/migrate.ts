import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { runner } from 'node-pg-migrate';
import { applyGrants } from './apply-grants.ts';
import type { Database } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the schema and the rights on it up to date, as the tables' owner; answers the names of what it ran. Of two processes at once
 * the second waits for the first.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const done = await runMigrations(databaseUrl);
  await applyGrants(databaseUrl);
  return done;
}

/** The names of migrations that the database lacks; all of them where it has no tables yet. */
export async function missingMigrations(db: Pick<Database, 'getExecutor'>): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).map((name) => name.slice(0, -4));
  const { rows } = await sql<{ there: boolean }>`select to_regclass('migrations') is not null as there`.execute(db);
  if (!rows[0]?.there) return files;
  const { rows: done } = await sql<{ name: string }>`select name from migrations`.execute(db);
  return files.filter((file) => !done.some(({ name }) => name === file)).sort();
}

async function runMigrations(databaseUrl: string): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    try {
      const done = await runner({
        databaseUrl,
        dir: MIGRATIONS,
        migrationsTable: 'migrations',
        direction: 'up',
        log: () => {},
      });
      return done.map((migration) => migration.name);
    } catch (error) {
      const busy = error instanceof Error && error.message.includes('Another migration is already running');
      if (!busy || tries >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
