import { sql } from 'kysely';
import type { Database } from './database.ts';
import { DB_ROLES } from './grants.ts';

/** Tables to which rows are added, and that is all. */
const APPEND_ONLY = ['audit_entries', 'audit_chain', 'monthly_audits'] as const;

/** Bits of `pg_trigger.tgtype`. */
const BEFORE = 2;
const INSERT = 4;
const DELETE = 8;
const UPDATE = 16;
const TRUNCATE = 32;

interface Guard {
  readonly table: string;
  readonly trigger: string;
  readonly function: string;
  /** When it fires: for each statement, of these. */
  readonly type: number;
}

const GUARDS: readonly Guard[] = [
  ...APPEND_ONLY.map((table) => ({
    table,
    trigger: `${table}_append_only`,
    function: 'audit_refuse_change',
    type: BEFORE | DELETE | UPDATE | TRUNCATE,
  })),
  { table: 'audit_entries', trigger: 'audit_entries_unplaced', function: 'audit_list_unplaced', type: INSERT },
];

/** SHA-256 of what the functions do, as the migrations made them: one of the same name could let everything pass. */
const BODIES: Readonly<Record<string, string>> = {
  audit_refuse_change: '484a49ec64e2c8671fd01890a4e4b6b59752597e1bf7f725f62d9fd81a49f284',
  audit_list_unplaced: '2450244ad47003d69cb2bc7b201b8fc09a869b2c301129983773f1f0cd391536',
};

interface Found {
  readonly enabled: string | null;
  readonly function: string | null;
  readonly type: number | null;
  readonly limited: boolean;
  readonly body: string | null;
}

/**
 * What of the guard of the audit tables is not on, in words with the mend; none while all is. Who owns the tables can take it away: that
 * it is on now says nothing about yesterday, for which there is the chain.
 */
export async function findOpenGuards(db: Database): Promise<string[]> {
  const open: string[] = [];
  for (const guard of GUARDS) open.push(...(await findOpenTrigger(db, guard)));
  for (const table of APPEND_ONLY) open.push(...(await findRights(db, table)));
  return open;
}

async function findOpenTrigger(db: Database, guard: Guard): Promise<string[]> {
  const { table, trigger } = guard;
  const { rows } = await sql<Found>`select t.tgenabled as enabled, p.proname as function, t.tgtype as type,
      t.tgqual is not null or t.tgattr::text <> '' as limited, encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') as body
    from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = to_regclass(${table}) and t.tgname = ${trigger} and not t.tgisinternal`.execute(db);
  const [found] = rows;
  if (found === undefined) return [`trigger ${trigger} on ${table} is not there: the migrations make it`];
  if (found.enabled !== 'A') {
    const how = found.enabled === 'D' ? 'is disabled' : 'does not fire always';
    return [`trigger ${trigger} on ${table} ${how}: alter table ${table} enable always trigger ${trigger}`];
  }
  if (found.function !== guard.function || found.type !== guard.type || found.limited) {
    return [`trigger ${trigger} on ${table} is another one than the migrations make`];
  }
  if (found.body !== BODIES[guard.function]) {
    return [`function ${guard.function}, which trigger ${trigger} on ${table} calls, is not what the migrations make`];
  }
  return [];
}

/** Rights of our roles however they came to them, and of anybody else to whom they were granted. */
async function findRights(db: Database, table: string): Promise<string[]> {
  const { rows } = await sql<{ role: string; verb: string }>`
    with place as (select oid, relowner, relacl from pg_class where oid = to_regclass(${table})),
    ours as (select r.rolname, r.oid from pg_roles r where r.rolname = any(${[...DB_ROLES]}::text[])),
    found as (
      select o.rolname::text as role, v.verb from place p, ours o, unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) as v(verb)
        where has_table_privilege(o.oid, p.oid, v.verb)
      union select o.rolname::text, 'UPDATE' from place p, ours o where has_any_column_privilege(o.oid, p.oid, 'UPDATE')
      union select o.rolname::text, 'OWNER' from place p, ours o where pg_has_role(o.oid, p.relowner, 'MEMBER')
      union select coalesce(r.rolname::text, 'public'), a.privilege_type from place p, aclexplode(p.relacl) a left join pg_roles r on r.oid = a.grantee
        where a.grantee <> p.relowner and a.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
      union select coalesce(r.rolname::text, 'public'), a.privilege_type from place p join pg_attribute c on c.attrelid = p.oid,
        aclexplode(c.attacl) a left join pg_roles r on r.oid = a.grantee
        where a.grantee <> p.relowner and a.privilege_type = 'UPDATE')
    select role, verb from found order by role collate "C", verb collate "C"`.execute(db);
  return rows.map(({ role, verb }) =>
    verb === 'OWNER'
      ? `role ${role} may take on the owner of ${table}, and so change it: no part of Steward may be its member`
      : `role ${role} has ${verb} on ${table}: revoke ${verb.toLowerCase()} on ${table} from ${role}`,
  );
}
