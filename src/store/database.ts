import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
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
  });
  // An idle connection that the server drops is not our failure: the next query opens another.
  pool.on('error', () => {});
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
