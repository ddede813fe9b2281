import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { isAuditAction } from '../../src/domain/audit-actions.ts';
import { createDatabase } from '../../src/embedded/postgres.ts';
import { outcome } from './outcome.ts';

export interface TestDatabase {
  /** Readable from the first `beforeAll` after `useDatabase()` on. */
  readonly url: string;
}

/**
 * A migrated, empty database for this test file, dropped after it. Call it at the top of the file. The file fails when a
 * connection is still open at its end: a pool nobody closed; and when the audit log says what stands in no list of ours, unless
 * `anyAction`: the file writes entries of its own making.
 */
export function useDatabase({ anyAction = false }: { readonly anyAction?: boolean } = {}): TestDatabase {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = inject('databaseUrl');
  const url = new URL(admin);
  url.pathname = name;

  beforeAll(() => createDatabase(admin, name, inject('templateDatabase')));
  afterAll(async () => {
    const unlisted = anyAction ? [] : await unlistedActions(url.href);
    await dropDatabase(admin, name);
    if (unlisted.length > 0) throw new Error(`not in src/domain/audit-actions.ts: ${unlisted.join(', ')}`);
  });
  return { url: url.href };
}

/** What the audit log of a test says that it may not: raw SQL writes it too, which no type holds to the list. */
export async function unlistedActions(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: there } = await client.query<{ there: boolean }>(
      `SELECT to_regclass('audit_entries') IS NOT NULL AS there`,
    );
    if (!there[0]?.there) return [];
    const { rows } = await client.query<{ action: string }>('SELECT DISTINCT action FROM audit_entries');
    return rows.map(({ action }) => action).filter((action) => !isAuditAction(action));
  } finally {
    await client.end();
  }
}

/** A copy of a database, in the place of what was there. Nobody may be connected to the one that is copied. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const client = new Client({ connectionString: inject('databaseUrl') });
  await client.connect();
  try {
    await client.query(`drop database if exists ${escapeIdentifier(to)} with (force)`);
    // The server hears of closed connections a moment later.
    await outcome(() => client.query(`create database ${escapeIdentifier(to)} template ${escapeIdentifier(from)}`));
  } finally {
    await client.end();
  }
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
