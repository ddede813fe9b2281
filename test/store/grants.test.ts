/** Threat T12: every role of the database tries every verb on every table; what is not in the matrix ends with 42501. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { PERSONAL_DATA } from '../../src/domain/personal-data.ts';
import { DB_ROLES, type DbRole, FUNCTIONS, GRANTS, type Verb } from '../../src/store/grants.ts';
import { migrate } from '../../src/store/migrate.ts';
import { useDatabase } from '../support/database.ts';

const NOT_ALLOWED = '42501';
const VERBS: readonly Verb[] = ['select', 'insert', 'update', 'delete'];
const database = useDatabase();
const as = {} as Record<DbRole | 'owner', Client>;
const columns = new Map<string, { name: string; type: string; generated: boolean }[]>();

beforeAll(async () => {
  // A copy of a database does not have what was taken from everybody on the database itself.
  await migrate(database.url);
  for (const role of [...DB_ROLES, 'owner'] as const) {
    as[role] = new Client({
      connectionString: database.url,
      ...(role === 'owner' ? {} : { options: `-c role=${role}` }),
    });
    await as[role].connect();
  }
  const { rows } =
    await as.owner.query(`select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      a.attidentity <> '' or a.attgenerated <> '' as generated
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') order by a.attnum`);
  for (const { table, ...column } of rows) columns.set(table, [...(columns.get(table) ?? []), column]);
});
afterAll(() => Promise.all(Object.values(as).map((client) => client.end())));

/** The SQLSTATE that it ends with, `ok` without one; what it did is undone. */
async function tryAs(role: DbRole | 'owner', statement: string): Promise<string> {
  const client = as[role];
  await client.query('begin');
  try {
    await client.query(statement);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.query('rollback');
  }
}

/** Asks for the right on exactly these columns, and touches no row: rights are looked at before rows are. */
function statementOf(verb: Verb, table: string, names: readonly string[]): string {
  const own = (columns.get(table) ?? []).filter(({ name }) => names.includes(name));
  const writable = own.filter(({ generated }) => !generated);
  switch (verb) {
    case 'select':
      return `select ${own.map(({ name }) => name).join(', ')} from ${table} where false`;
    case 'insert':
      return `insert into ${table} (${writable.map(({ name }) => name).join(', ')})
        select ${writable.map(({ type }) => `null::${type}`).join(', ')} where false`;
    case 'update':
      return `update ${table} set ${own.map(({ name, generated }) => `${name} = ${generated ? 'default' : 'null'}`).join(', ')} where false`;
    case 'delete':
      return `delete from ${table} where false`;
  }
}

const namesOf = (table: string): string[] => (columns.get(table) ?? []).map(({ name }) => name);

/** The columns that a role has a verb on; a verb on the whole table is one on all of them. */
function granted(role: DbRole, table: string, verb: Verb): string[] {
  return (GRANTS[table]?.[role] ?? []).flatMap((right) => {
    const [, of, some] = /^(\w+)(?: \((.+)\))?$/.exec(right) ?? [];
    if (of !== verb) return [];
    return some === undefined ? namesOf(table) : some.split(', ');
  });
}

test('T12: every table has a line in the matrix, and every line a table', async () => {
  const tables = async () => {
    const { rows } = await as.owner.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    );
    return rows.map(({ name }) => name);
  };
  expect(await tables()).toEqual(Object.keys(GRANTS).sort());
  await as.owner.query('begin; create table stray (id text)');
  expect(await tables()).not.toEqual(Object.keys(GRANTS).sort());
  await as.owner.query('rollback');
});

describe.each(DB_ROLES)('T12: %s', (role) => {
  it.each(Object.keys(GRANTS))('has on %s what the matrix says, and no more', async (table) => {
    const tried = { allowed: 0, forbidden: 0 };
    const expectCode = async (statement: string, code: string) => {
      expect([statement, await tryAs(role, statement)]).toEqual([statement, code]);
      tried[code === 'ok' ? 'allowed' : 'forbidden'] += 1;
    };
    for (const verb of VERBS) {
      const all = namesOf(table);
      const rightful = granted(role, table, verb);
      if (rightful.length > 0) await expectCode(statementOf(verb, table, rightful), 'ok');
      if (rightful.length < all.length) await expectCode(statementOf(verb, table, all), NOT_ALLOWED);
      // Column by column where only some are allowed; an insert names no column that is generated.
      if (verb === 'delete' || rightful.length === 0) continue;
      const writable = (columns.get(table) ?? []).filter(({ generated }) => verb !== 'insert' || !generated);
      for (const { name } of writable) {
        if (!rightful.includes(name)) await expectCode(statementOf(verb, table, [name]), NOT_ALLOWED);
      }
    }
    await expectCode(`truncate ${table} cascade`, NOT_ALLOWED);
    await expectCode(`alter table ${table} add column more text`, NOT_ALLOWED);
    await expectCode(`drop table ${table} cascade`, NOT_ALLOWED);
    await expectCode(`alter table ${table} disable trigger all`, NOT_ALLOWED);
    expect(tried.forbidden).toBeGreaterThanOrEqual(4);
  });

  it.each([
    'create table more (id text)',
    'create temporary table more (id text)',
    'create schema more',
    'create view more as select 1',
    'create sequence more',
    'create function more() returns integer language sql return 1',
    'create type more as enum ()',
    'create extension pgcrypto',
    'create role more',
    `grant steward_worker to ${'steward_auditor'}`,
    'alter database template1 set work_mem = 1',
    "set session_replication_role = 'replica'",
    'set local role steward_nobody',
    "copy customers to program 'true'",
    "copy customers to '/tmp/customers'",
    "select pg_read_file('PG_VERSION')",
    "select nextval('messages_id_seq')",
    "select setval('deliveries_id_seq', 1)",
    'select * from pg_authid',
  ])('may not: %s', async (statement) => {
    expect(await tryAs(role, statement)).toMatch(statement.includes('steward_nobody') ? /^22023$/ : /^42501$/);
  });

  it('calls only its own functions', async () => {
    const { rows } = await as.owner.query<{ name: string; allowed: boolean }>(
      `select p.proname as name, has_function_privilege($1::text, p.oid, 'EXECUTE') as allowed
        from pg_proc p where p.pronamespace = 'public'::regnamespace`,
      [role],
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(FUNCTIONS).sort());
    for (const { name, allowed } of rows) expect([name, allowed]).toEqual([name, FUNCTIONS[name]?.includes(role)]);
  });
});

test('T12: the auditor reads neither who people are nor what they wrote', () => {
  expect(GRANTS.customers?.steward_auditor).toBeUndefined();
  expect(GRANTS.messages?.steward_auditor).toBeUndefined();
});

describe('T12: the audit log', () => {
  // Not by the matrix: whoever changes that must change this too.
  const LOG = ['audit_entries', 'audit_chain'];
  const everybody = DB_ROLES.flatMap((role) => LOG.map((table) => ({ role, table })));

  it.each(everybody)('$role may not change or empty $table', async ({ role, table }) => {
    const [first = '', ...others] = namesOf(table);
    const last = others.at(-1);
    for (const statement of [
      ...namesOf(table).map((name) => `update ${table} set ${name} = default where false`),
      `delete from ${table} where false`,
      `truncate ${table}`,
      `merge into ${table} x using (select 1) y on false when matched then delete`,
      `insert into ${table} (${last}) select null where false on conflict (${first}) do update set ${last} = excluded.${last}`,
    ]) {
      expect([statement, await tryAs(role, statement)]).toEqual([statement, NOT_ALLOWED]);
    }
  });

  it.each(DB_ROLES)('takes from %s neither the time of an entry nor its id', async (role) => {
    const entry = `'system', 'x', 'x', 'x'`;
    for (const [statement, code] of [
      [`insert into audit_entries (actor_kind, actor_id, action, object) values (${entry})`, 'ok'],
      [`insert into audit_entries (actor_kind, actor_id, action, object, at) values (${entry}, now())`, NOT_ALLOWED],
      [
        `insert into audit_entries (actor_kind, actor_id, action, object, id) overriding system value values (${entry}, 1)`,
        NOT_ALLOWED,
      ],
    ] as const) {
      expect([statement, await tryAs(role, statement)]).toEqual([statement, code]);
    }
  });

  it('is ordered by the worker alone, and read by the auditor', async () => {
    const rightful = async (statement: string) => {
      const tried = await Promise.all(DB_ROLES.map(async (role) => [role, await tryAs(role, statement)] as const));
      return tried.filter(([, code]) => code === 'ok').map(([role]) => role);
    };
    expect(await rightful('insert into audit_chain (position, entry_id, hash) select 1, 1, null where false')).toEqual([
      'steward_worker',
    ]);
    expect(await rightful('delete from audit_unplaced where false')).toEqual(['steward_worker']);
    expect(await rightful('insert into audit_unplaced (entry_id) select 1 where false')).toEqual([]);
    expect(await rightful('select * from audit_entries, audit_chain, audit_unplaced')).toEqual([
      'steward_worker',
      'steward_auditor',
    ]);
  });
});

test('T12: who looks again for an erased person may read every table that can hold something of them', () => {
  const tables = new Set(
    PERSONAL_DATA.filter(({ category }) => category !== 'staff' && category !== 'nobody').map(({ table }) => table),
  );
  const blind = [...tables].filter((table) => !(GRANTS[table]?.steward_worker ?? []).includes('select'));
  expect(blind).toEqual([]);
});

test('T12: data keys are made and destroyed by the key ring alone', async () => {
  for (const role of DB_ROLES) {
    const code = await tryAs(role, `update data_keys set wrapped = null, shredded_at = now() where false`);
    expect([role, code]).toEqual([role, role === 'steward_keys' ? 'ok' : NOT_ALLOWED]);
  }
  const theirs = Object.entries(GRANTS).filter(([, grants]) => grants.steward_keys);
  expect(theirs.map(([table]) => table).sort()).toEqual(['audit_entries', 'data_keys', 'migrations']);
});

test('T12: the gateway learns of a data key that it is destroyed, and never the key or whose it is', async () => {
  expect(await tryAs('steward_gateway', 'select name, shredded_at from data_keys')).toBe('ok');
  for (const column of namesOf('data_keys').filter((name) => name !== 'name' && name !== 'shredded_at')) {
    expect([column, await tryAs('steward_gateway', `select ${column} from data_keys`)]).toEqual([column, NOT_ALLOWED]);
  }
});

test('T12: no right is for everybody', async () => {
  const { rows } = await as.owner.query(`select c.relname from pg_class c, aclexplode(c.relacl) a
    where c.relnamespace = 'public'::regnamespace and a.grantee = 0`);
  expect(rows).toEqual([]);
});

test('T12: rights that somebody gave by hand are taken back by the next migration', async () => {
  await as.owner.query(
    'grant all on customers to steward_auditor, public; grant update (hash) on api_keys to steward_worker; grant insert on audit_entries to steward_keys',
  );
  const backdated = 'insert into audit_entries (at) select now() where false';
  expect(await tryAs('steward_keys', backdated)).toBe('ok');
  expect(await tryAs('steward_auditor', 'delete from customers where false')).toBe('ok');
  expect(await tryAs('steward_worker', `update api_keys set hash = 'x' where false`)).toBe('ok');
  expect(await migrate(database.url)).toEqual([]);
  expect(await tryAs('steward_auditor', 'select id from customers')).toBe(NOT_ALLOWED);
  expect(await tryAs('steward_worker', `update api_keys set hash = 'x' where false`)).toBe(NOT_ALLOWED);
  // As the whole table's right to insert, which every role had once.
  expect(await tryAs('steward_keys', backdated)).toBe(NOT_ALLOWED);
});
