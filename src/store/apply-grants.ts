import { Client, escapeIdentifier as quote } from 'pg';
import { StewardError } from '../domain/errors.ts';
import { DB_ROLES, FUNCTIONS, GRANTS } from './grants.ts';

/** Roles belong to the whole server: another database's Steward may be making the same ones at this moment. */
const LOST_RACE = new Set(['42710', '23505', 'XX000']);
const NOT_ALLOWED = '42501';
const MOST_TRIES = 50;
/** Any number, the same for all who apply grants to one database. */
const LOCK = 5_403_119;

/**
 * Makes the roles that are missing and the rights what `grants.ts` says, whatever they were. Run as the tables' owner.
 * @throws StewardError Unavailable with the statements for an administrator, where the owner may not make roles
 */
export async function applyGrants(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'steward grants' });
  client.on('error', () => {});
  await client.connect();
  try {
    await makeRoles(client);
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await client.query((await statements(client)).join(';\n'));
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function makeRoles(client: Client): Promise<void> {
  for (let tries = 0; ; tries++) {
    const wanted = await missing(client);
    if (wanted.length === 0) return;
    try {
      for (const statement of wanted) await client.query(statement);
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      if (code === NOT_ALLOWED) throw administratorWanted(await missing(client), cause);
      if (!LOST_RACE.has(code) || tries >= MOST_TRIES) throw cause;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Roles to make, and those that we may not take on yet. */
async function missing(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ role: string; there: boolean; ours: boolean; me: string }>(
    // A role that may be inherited but not taken on is of no use; only PostgreSQL 16 and later tell the two apart.
    `select r.role, p.oid is not null as there, current_user as me,
        p.oid is not null and pg_has_role(current_user, p.oid,
          case when current_setting('server_version_num')::integer >= 160000 then 'SET' else 'MEMBER' end) as ours
      from unnest($1::text[]) with ordinality as r(role, at) left join pg_roles p on p.rolname = r.role order by r.at`,
    [[...DB_ROLES]],
  );
  const me = quote(rows[0]?.me ?? '');
  return [
    ...rows.filter(({ there }) => !there).map(({ role }) => `create role ${quote(role)} nologin`),
    ...rows.filter(({ ours }) => !ours).map(({ role }) => `grant ${quote(role)} to ${me}`),
  ];
}

function administratorWanted(wanted: readonly string[], cause: unknown): StewardError {
  return new StewardError(
    'Unavailable',
    `The parts of Steward work under database roles of their own, and this login may not make them. Let an administrator of PostgreSQL run:\n${wanted
      .map((statement) => `  ${statement};`)
      .join('\n')}`,
    { cause },
  );
}

interface Place {
  readonly schema: string;
  readonly database: string;
  /** Those that are the owner's. */
  readonly tables: readonly string[];
  readonly functions: readonly { readonly name: string; readonly signature: string }[];
}

async function statements(client: Client): Promise<string[]> {
  const { rows } = await client.query<Place>(
    `select n.nspname as schema, current_database() as database,
        array(select c.relname::text from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm')
          and pg_has_role(current_user, c.relowner, 'USAGE') order by 1) as tables,
        coalesce((select jsonb_agg(jsonb_build_object('name', p.proname, 'signature', p.oid::regprocedure::text))
          from pg_proc p where p.pronamespace = n.oid and p.proname = any($1)), '[]') as functions
      from pg_namespace n where n.nspname = current_schema()`,
    [Object.keys(FUNCTIONS)],
  );
  const place = rows[0];
  if (place === undefined)
    throw new StewardError('Unavailable', 'The database has no schema for the tables of Steward.');
  const schema = quote(place.schema);
  const roles = DB_ROLES.map(quote).join(', ');
  return [
    `revoke create on schema ${schema} from public, ${roles}`,
    `grant usage on schema ${schema} to ${roles}`,
    `revoke temporary on database ${quote(place.database)} from public, ${roles}`,
    `revoke all on all sequences in schema ${schema} from ${roles}`,
    ...place.tables.map((table) => `revoke all on table ${schema}.${quote(table)} from public, ${roles}`),
    ...Object.entries(GRANTS).flatMap(([table, grants]) =>
      Object.entries(grants).map(
        ([role, rights]) => `grant ${rights.join(', ')} on table ${schema}.${quote(table)} to ${quote(role)}`,
      ),
    ),
    ...place.functions.flatMap(({ name, signature }) => [
      `revoke all on function ${signature} from public, ${roles}`,
      ...(FUNCTIONS[name] ?? []).map((role) => `grant execute on function ${signature} to ${quote(role)}`),
    ]),
  ];
}
