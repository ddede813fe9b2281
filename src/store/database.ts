import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import type { Schema } from './schema.ts';

export type Database = Kysely<Schema>;

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
}

/** A pool that gives up quickly: a step that cannot reach PostgreSQL must fail within its 2 s, not hang. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: 1_500,
    statement_timeout: 5_000,
    query_timeout: 6_000,
    application_name: 'steward',
    // Every hot statement finds its rows by key: one plan serves all parameters, and planning cost more than running. It may be
    // made while a table is empty, when reading all of it looks cheap, and is kept while the table grows.
    options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off',
  });
  // An idle connection that the server drops is not our failure: the next query opens another.
  pool.on('error', () => {});
  // The pool listens to idle ones alone. One that is lost in use says so to whoever uses it; unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
}

/**
 * Statements with parameters go as named, prepared ones: a ticket's few statements are long, and planning them anew each time
 * cost PostgreSQL more than running them. Behind PgBouncer this needs its `max_prepared_statements`.
 */
function preparing(pool: Pool): PostgresPool {
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const name = createHash('sha1').update(text).digest('base64url');
    names.set(text, name);
    return name;
  };
  const wrap = (client: PoolClient) => ({
    query: (text: string, values: readonly unknown[]) =>
      values.length === 0 ? client.query(text) : client.query({ name: nameOf(text), text, values: [...values] }),
    release: () => client.release(),
  });
  return {
    // Kysely's type also describes cursors, which need a package that we don't use.
    connect: async () => wrap(await pool.connect()) as unknown as PostgresPoolClient,
    end: () => pool.end(),
  };
}
