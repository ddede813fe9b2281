import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { findAddresses } from '../../src/addresses.ts';
import { judge } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { createDatabase, startPostgres } from '../../src/embedded/postgres.ts';
import { identify } from '../../src/embedded/process-identity.ts';
import { temporaryDirectory } from '../support/directory.ts';

// Several starts of real servers, which share two cores with everything else.
async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('what was committed survives a SIGKILL, and the next start goes on with it', async () => {
  const options = { dir: await temporaryDirectory(), port: await freePort() };
  const first = await startPostgres(options);
  onTestFinished(() => first.stop());
  await ask(first.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
  const open = new Client({ connectionString: first.url });
  open.on('error', () => {});
  await open.connect();
  await open.query('BEGIN');
  await open.query('DELETE FROM kept');
  await first.kill();
  expect(await identify(first.pid)).toBeUndefined();

  const second = await startPostgres(options);
  onTestFinished(() => second.stop());
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
});

test('a lock whose pid now belongs to somebody else does not stop the start', async () => {
  const options = { dir: await temporaryDirectory(), port: await freePort() };
  const first = await startPostgres(options);
  await first.kill();
  // A backend of the run's own server: another process of the very user that PostgreSQL runs as.
  const stranger = new Client({ connectionString: inject('databaseUrl') });
  await stranger.connect();
  onTestFinished(() => stranger.end());
  const { rows } = await stranger.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const lock = join(options.dir, 'postgres/postmaster.pid');
  const [, ...rest] = (await readFile(lock, 'utf8')).split('\n');
  await writeFile(lock, [rows[0]?.pid, ...rest].join('\n'));
  const second = await startPostgres(options);
  await second.stop();
});

test('it starts in a directory that only its owner may enter', async () => {
  const dir = await temporaryDirectory();
  await chmod(dir, 0o700);
  const server = await startPostgres({ dir, port: await freePort() });
  onTestFinished(() => server.stop());
  expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('it listens on loopback only, by TCP only, and asks for the password, which only its user can read', async () => {
  const dir = await temporaryDirectory();
  const server = await startPostgres({ dir, port: await freePort() });
  onTestFinished(() => server.stop());
  expect(await ask(server.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  expect(await ask(server.url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
  expect(await ask(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  const guessed = new URL(server.url);
  guessed.password = 'password';
  await expect(ask(guessed.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  expect((await stat(join(dir, 'postgres.password'))).mode & 0o077).toBe(0);
});

test('it is reached from a shell that wants TLS of other servers', async () => {
  vi.stubEnv('PGSSLMODE', 'require');
  onTestFinished(() => void vi.unstubAllEnvs());
  const dir = await temporaryDirectory();
  const server = await startPostgres({ dir, port: await freePort() });
  onTestFinished(() => server.stop());
  expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  const { port } = new URL(server.url);
  const { config, secrets } = judge({ STEWARD_STATE_DIR: dir, STEWARD_POSTGRES_PORT: port });
  expect((await findAddresses(config, secrets)).databaseUrl.reveal()).toBe(server.url);
});

test('the log keeps quiet about what a failing statement carried', async () => {
  const dir = await temporaryDirectory();
  const server = await startPostgres({ dir, port: await freePort() });
  onTestFinished(() => server.stop());
  await ask(server.url, 'CREATE TABLE people (mail text PRIMARY KEY)');
  const insert = `INSERT INTO people VALUES ('jane@example.com'), ('jane@example.com')`;
  await expect(ask(server.url, insert)).rejects.toThrow(/duplicate key/);
  const log = await readFile(join(dir, 'postgres-server.log'), 'utf8');
  expect(log).toContain('duplicate key');
  expect(log).not.toContain('jane');
});

test('stopping ends it in order although clients are connected, and leaves no process', async () => {
  const dir = await temporaryDirectory();
  const server = await startPostgres({ dir, port: await freePort() });
  const client = new Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  await server.stop();
  await server.stop();
  expect(await identify(server.pid)).toBeUndefined();
  expect(await readFile(join(dir, 'postgres-server.log'), 'utf8')).toContain('database system is shut down');
  await expect(stat(join(dir, 'postgres-server.pid'))).rejects.toThrow('ENOENT');
});

test('a server that cannot start is an error with the last lines of its log', async () => {
  const options = { dir: await temporaryDirectory(), port: await freePort() };
  const refusal = await startPostgres({ ...options, settings: { no_such_setting: '1' } }).catch(
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({ code: 'ServerFailed' });
  expect(String(refusal)).toContain('unrecognized configuration parameter');
});

test('a database is made once, and as a copy of its template', async () => {
  const server = await startPostgres({
    dir: await temporaryDirectory(),
    port: await freePort(),
    settings: { fsync: 'off' },
  });
  onTestFinished(() => server.stop());
  const at = (name: string): string => Object.assign(new URL(server.url), { pathname: name }).href;
  await createDatabase(server.url, 'template');
  await ask(at('template'), 'CREATE TABLE notes AS SELECT 7 AS n');
  await createDatabase(server.url, 'copy', 'template');
  await createDatabase(server.url, 'copy', 'template');
  expect(await ask(at('copy'), 'SELECT n FROM notes')).toEqual([{ n: 7 }]);
});
