import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { runner } from 'node-pg-migrate';
import { StewardError } from '../domain/errors.ts';
import { applyGrants } from './apply-grants.ts';
import type { Database } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the schema and the rights on it up to date, as the tables' owner; answers the names of what it ran. Of two processes at once
 * the second waits for the first. @throws StewardError Unavailable, where the login is not the owner's
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  try {
    const done = await runMigrations(databaseUrl);
    await applyGrants(databaseUrl);
    return done;
  } catch (error) {
    if (error instanceof StewardError || !isNotOwner(error)) throw error;
    throw new StewardError('Unavailable', NOT_OWNER, { cause: error });
  }
}

const NOT_OWNER =
  'The login of DATABASE_URL may not change the tables: `steward migrate` is for their owner, and a part of Steward with a login of its own is started with STEWARD_MIGRATE=off.';

/** `node-pg-migrate` keeps PostgreSQL's words and drops its code. */
function isNotOwner(error: unknown): boolean {
  return error instanceof Error && /permission denied|must be owner/.test(error.message);
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
