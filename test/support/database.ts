import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { createDatabase } from '../../src/embedded/postgres.ts';

export interface TestDatabase {
  /** Readable from the first `beforeAll` after `useDatabase()` on. */
  readonly url: string;
}

/**
 * A migrated, empty database for this test file, dropped after it. Call it at the top of the file. The file fails when a
 * connection is still open at its end: a pool nobody closed.
 */
export function useDatabase(): TestDatabase {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = inject('databaseUrl');
  const url = new URL(admin);
  url.pathname = name;

  beforeAll(() => createDatabase(admin, name, inject('templateDatabase')));
  afterAll(() => dropDatabase(admin, name));
  return { url: url.href };
}

/** @throws Error naming who is still connected */
export async function dropDatabase(admin: string, name: string): Promise<void> {
  const client = new Client({ connectionString: admin });
  await client.connect();
  try {
    const leaked = await connectionsOf(client, name);
    await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
    if (leaked.length > 0) {
      throw new Error(
        `${leaked.length} connections to ${name} were left open; their last queries: ${leaked.join(' | ')}`,
      );
    }
  } finally {
    await client.end();
  }
}

/** Waits a little: the server hears of a closed connection a moment after the client has closed it. */
async function connectionsOf(client: Client, name: string): Promise<string[]> {
  for (let look = 0; ; look++) {
    const { rows } = await client.query<{ query: string }>(
      `SELECT query FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || look >= 20) return rows.map((row) => row.query);
    await client.query('SELECT pg_sleep(0.05)');
  }
}
