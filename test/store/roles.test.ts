/** The database roles on a server that has none yet: made once, whoever comes first, and with an administrator's help where needed. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest';
import { prepareDatabase } from '../../src/compose-database.ts';
import { createDatabase, type Postgres, startPostgres } from '../../src/embedded/postgres.ts';
import { Secret } from '../../src/secret.ts';
import { type Databases, openDatabases } from '../../src/store/database.ts';
import { DB_ROLES, type DbRole } from '../../src/store/grants.ts';
import { migrate } from '../../src/store/migrate.ts';
import { onFreePort } from '../support/ports.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';

const own = {} as { dir: string; postgres: Postgres; opened: Databases[] };
beforeAll(async () => {
  own.dir = await makeRunDirectory();
  own.opened = [];
  own.postgres = await onFreePort((port) => startPostgres({ dir: own.dir, port, settings: { fsync: 'off' } }));
});
afterAll(async () => {
  await Promise.all(own.opened.map((databases) => databases.close()));
  await own.postgres.stop();
  await removeRunDirectory(own.dir);
});

async function asAdministrator(...statements: string[]) {
  const client = new Client({ connectionString: own.postgres.url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
    return (await client.query('select rolname from pg_roles')).rows.map(({ rolname }) => rolname);
  } finally {
    await client.end();
  }
}

const PASSWORD = 'local-only';
/** A database that belongs to a login of its own, which may what `attributes` says. */
async function ownedBy(login: string, attributes = ''): Promise<string> {
  await asAdministrator(
    `create role ${login} login password '${PASSWORD}' ${attributes}`,
    `create database ${login}_db owner ${login}`,
  );
  return addressOf(login, `${login}_db`);
}
function addressOf(login: string, database: string): string {
  const url = Object.assign(new URL(own.postgres.url), { username: login, password: PASSWORD, pathname: database });
  return url.href;
}

function as(url: string, role: DbRole) {
  const databases = openDatabases({ url, poolSize: 1 });
  own.opened.push(databases);
  return databases.as(role);
}
const ticketsBy = (url: string, role: DbRole) => as(url, role).selectFrom('tickets').select('id').execute();

// First in the file: from here on the roles are there.
test('an owner who may not make roles is told what an administrator has to run, and that is enough', async () => {
  const url = await ownedBy('plain');
  const refusal = await migrate(url).catch((error: Error) => error);
  expect(refusal).toMatchObject({ code: 'Unavailable' });
  const told = String(refusal).split('\n').slice(1);
  expect(told).toEqual([
    ...DB_ROLES.map((role) => `  create role "${role}" nologin;`),
    ...DB_ROLES.map((role) => `  grant "${role}" to "plain";`),
  ]);
  await asAdministrator(...told);
  expect(await migrate(url)).toEqual([]);
  for (const role of DB_ROLES.slice(0, 2)) expect(await ticketsBy(url, role)).toEqual([]);
  await asAdministrator(
    'drop database plain_db with (force)',
    `drop owned by plain`,
    ...DB_ROLES.map((role) => `drop role ${role}`),
  );
});

test('many databases of one server may make them at once', async () => {
  const names = Array.from({ length: 6 }, (_, n) => `at_once_${n}`);
  const urls = names.map((name) => Object.assign(new URL(own.postgres.url), { pathname: name }).href);
  for (const name of names) await createDatabase(own.postgres.url, name);
  await Promise.all([...urls, ...urls].map((url) => migrate(url)));
  const roles = (await asAdministrator()).filter((role) => /^steward_/.test(role));
  expect(roles.sort()).toEqual([...DB_ROLES].sort());
  await asAdministrator(
    ...names.map((name) => `drop database ${name} with (force)`),
    ...DB_ROLES.map((role) => `drop role ${role}`),
  );
});

test('an owner who may make roles needs nobody', async () => {
  const url = await ownedBy('maker', 'createrole');
  await migrate(url);
  expect(await ticketsBy(url, 'steward_worker')).toEqual([]);
  await expect(ticketsBy(url, 'steward_auditor')).rejects.toMatchObject({ code: '42501' });
});

describe('a login for each part', () => {
  const parts = {} as { owner: string; gateway: string; name: string };
  beforeAll(async () => {
    parts.owner = await ownedBy('keeper', 'createrole');
    await asAdministrator(...DB_ROLES.map((role) => `grant ${role} to keeper`));
    await migrate(parts.owner);
    await asAdministrator(`create role gate login password '${PASSWORD}'`, 'grant steward_gateway to gate');
    parts.name = 'keeper_db';
    parts.gateway = addressOf('gate', parts.name);
  });
  const prepare = (url: string, role: DbRole, more: { migrate: boolean }) =>
    prepareDatabase(new Secret(url), as(url, role), { role, ...more });

  it('takes on its own role and nobody else’s', async () => {
    expect(await prepare(parts.gateway, 'steward_gateway', { migrate: false })).toEqual([]);
    await expect(prepare(parts.gateway, 'steward_worker', { migrate: false })).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('may not take on the database role'),
    });
    // The first question of a command may come long after its start.
    await expect(ticketsBy(parts.gateway, 'steward_officer')).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('steward_officer'),
    });
  });

  it('is not the owner, and hears so when it migrates', async () => {
    await expect(migrate(parts.gateway)).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('STEWARD_MIGRATE=off'),
    });
  });

  it('changes no table, and hears what its owner has to run', async () => {
    const client = new Client({ connectionString: parts.owner });
    await client.connect();
    await client.query(`delete from migrations where name = '0006_key_roles'`);
    await expect(prepare(parts.gateway, 'steward_gateway', { migrate: false })).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringMatching(/lacks 0006_key_roles.*steward migrate/),
    });
    await client.query(`insert into migrations (name, run_on) values ('0006_key_roles', now())`);
    await client.end();
  });
});

test('options in the address do not undo the role', async () => {
  const url = new URL(own.postgres.url);
  url.pathname = 'keeper_db';
  url.searchParams.set('options', '-c role=none -c work_mem=7MB');
  const db = as(url.href, 'steward_gateway');
  const { rows } = await db.executeQuery<{ role: string; memory: string }>({
    ...db.selectNoFrom((eb) => [eb.lit(1).as('one')]).compile(),
    sql: `select current_user as role, current_setting('work_mem') as memory`,
  });
  expect(rows).toEqual([{ role: 'steward_gateway', memory: '7MB' }]);
});

test('a role that the database does not know yet is told with the mend', async () => {
  const url = new URL(inject('databaseUrl'));
  const db = as(url.href, 'steward_nobody' as DbRole);
  const how = { role: 'steward_nobody' as DbRole, migrate: false };
  await expect(prepareDatabase(new Secret(url.href), db, how)).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringContaining('steward migrate'),
  });
});
