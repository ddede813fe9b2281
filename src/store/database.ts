import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import { Client, Pool, type PoolClient } from 'pg';
import type { AuditActor } from '../domain/audit.ts';
import { StewardError } from '../domain/errors.ts';
import type { DbRole } from './grants.ts';
import type { Schema } from './schema.ts';

export type Database = Kysely<Schema>;

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  /** What its connections may do; as the login itself without one. */
  readonly role?: DbRole;
}

/** A pool for each role that is asked for, on one address. */
export interface Databases {
  as(role: DbRole): Database;
  close(): Promise<void>;
}

export function openDatabases(options: Omit<DatabaseOptions, 'role'>): Databases {
  const pools = new Map<DbRole, Database>();
  return {
    as(role) {
      const pool = pools.get(role) ?? openDatabase({ ...options, role });
      pools.set(role, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

/** A pool that gives up quickly: a step that cannot reach PostgreSQL must fail within its 2 s, not hang. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, given } = withoutOptions(options.url);
  const role = options.role === undefined ? '' : `-c role=${options.role} `;
  const pool = new Pool({
    connectionString: url,
    max: options.poolSize,
    connectionTimeoutMillis: 1_500,
    statement_timeout: 5_000,
    query_timeout: 6_000,
    application_name: 'steward',
    // Every hot statement finds its rows by key: one plan serves all parameters, and planning cost more than running. It may be
    // made while a table is empty, when reading all of it looks cheap, and is kept while the table grows.
    options: `${given}${role}-c plan_cache_mode=force_generic_plan -c enable_seqscan=off`,
  });
  // An idle connection that the server drops is not our failure: the next query opens another.
  pool.on('error', () => {});
  // The pool listens to idle ones alone. One that is lost in use says so to whoever uses it; unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: preparing(pool, options.role) }) });
}

/** `pg` takes the options of an address instead of ours, and the role would be gone: they go together, ours last, which wins. */
function withoutOptions(address: string): { url: string; given: string } {
  const given = new URL(address).searchParams.get('options');
  if (given === null) return { url: address, given: '' };
  const url = new URL(address);
  url.searchParams.delete('options');
  return { url: url.href, given: `${given} ` };
}

/** Whom the database has let in, for the audit log: that was proven. The name of the machine's user was not, and may be a person's. */
export async function loginOf(db: Database): Promise<AuditActor> {
  const { rows } = await sql<{ login: string }>`select session_user as login`.execute(db);
  return { kind: 'person', id: `login/${rows[0]?.login ?? 'unknown'}` };
}

/**
 * A pooler between us and PostgreSQL may drop what a connection asks for at its start; then the login's own rights would hold.
 * @throws StewardError Unavailable
 */
export async function assertRole(db: Database, role: DbRole): Promise<void> {
  const { rows } = await sql<{ role: string }>`select current_user as role`.execute(db);
  if (rows[0]?.role === role) return;
  throw new StewardError(
    'Unavailable',
    `PostgreSQL did not take on the role ${role}: what stands between drops the start-up option "role". Connect without it, or have it pass \`options\` on.`,
  );
}

/**
 * Statements with parameters go as named, prepared ones: a ticket's few statements are long, and planning them anew each time
 * cost PostgreSQL more than running them. Behind PgBouncer this needs its `max_prepared_statements`.
 */
function preparing(pool: Pool, role: DbRole | undefined): PostgresPool {
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const name = createHash('sha1').update(text).digest('base64url');
    names.set(text, name);
    return name;
  };
  const wrap = (client: PoolClient) => {
    // Whoever got it next would wait behind the answer that did not come.
    let unanswered = false;
    return {
      query: (text: string, values: readonly unknown[]) =>
        (values.length === 0
          ? client.query(text)
          : client.query({ name: nameOf(text), text, values: [...values] })
        ).catch((error: unknown) => {
          unanswered ||= error instanceof Error && error.message === UNANSWERED;
          throw error;
        }),
      release: () => client.release(unanswered),
    };
  };
  return {
    // Kysely's type also describes cursors, which need a package that we don't use.
    connect: async () => wrap(await pool.connect().catch(refusedRole(role))) as unknown as PostgresPoolClient,
    end: () => pool.end(),
  };
}

/** What `pg` says once `query_timeout` is over, without a code. */
const UNANSWERED = 'Query read timeout';

/** PostgreSQL's own word for "not allowed to take it on". */
const NOT_ALLOWED = '42501';

/** A pool's first connection may come long after the start, as with a command that needs another role. @throws StewardError Unavailable */
function refusedRole(role: DbRole | undefined) {
  return (cause: unknown): never => {
    if (!(cause instanceof Error && 'code' in cause && cause.code === NOT_ALLOWED && role !== undefined)) throw cause;
    throw new StewardError(
      'Unavailable',
      `The login of DATABASE_URL may not take on the database role ${role}, which this needs: docs/deployment.md names the logins and their roles.`,
      { cause },
    );
  };
}

/** Does it answer and let us in, as the login itself? */
export async function ping(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_500 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => {});
  }
}
