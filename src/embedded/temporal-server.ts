import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { StewardError } from '../domain/errors.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { compareVersions, type TemporalBinary } from './temporal-version.ts';

const NAMESPACE = 'default';
const ADDRESS = '127.0.0.1';

// Eager activities and task priorities are off by default in server 1.29; the version check would call home.
const DYNAMIC_CONFIG = [
  'system.enableActivityEagerExecution=true',
  'matching.useNewMatcher=true',
  'frontend.enableServerVersionCheck=false',
];

export interface TemporalServerOptions {
  readonly binary: TemporalBinary;
  /** Keeps the log and, unless `inMemory`, the histories (`<dir>/temporal.db`). */
  readonly dir: string;
  readonly port: number;
  /** Without one there is no Web UI. */
  readonly uiPort?: number;
  /** Where it tells its metrics, at `/metrics`; else on a port that it finds by itself. */
  readonly metricsPort?: number;
  readonly inMemory?: boolean;
  /** Name to type, such as `{ TicketState: 'Keyword' }`. */
  readonly searchAttributes?: Readonly<Record<string, string>>;
  /** How long the history of a closed workflow is kept; the server's own default is one day. */
  readonly retentionDays?: number;
  /** Further dynamic configuration, such as `limit.historyCount.suggestContinueAsNew=50`. */
  readonly dynamicConfig?: readonly string[];
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal | undefined;
}

export interface TemporalServer extends ServerProcess {
  /** `127.0.0.1:PORT` */
  readonly address: string;
}

/**
 * The Temporal dev server on loopback, ready for work in the namespace `default`.
 * @throws StewardError PortTaken; ServerFailed, also when newer data meet an older server
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const dir = resolve(options.dir);
  const address = `${ADDRESS}:${options.port}`;
  await mkdir(dir, { recursive: true });
  if (options.inMemory !== true) await refuseNewerData(dir, options.binary);
  const server = await startServerProcess({
    name: 'temporal-server',
    title: 'The Temporal dev server',
    dir,
    command: options.binary.path,
    args: argumentsOf(options, dir),
    ports: [
      { port: options.port, what: 'the Temporal dev server', setting: 'STEWARD_TEMPORAL_PORT' },
      ...(options.uiPort === undefined
        ? []
        : [{ port: options.uiPort, what: 'the Temporal Web UI', setting: 'STEWARD_UI_PORT' }]),
    ],
    stopSignal: 'SIGTERM',
    probe: () => answers(options.port),
    signal: options.signal,
  });
  try {
    await prepareNamespace(address, options);
    if (options.inMemory !== true) {
      await writeFile(versionFile(dir), `${options.binary.server}\n`);
      // The histories hold what customers wrote.
      await chmod(databaseFile(dir), 0o600);
    }
  } catch (error) {
    await server.stop();
    throw new StewardError('ServerFailed', 'The Temporal dev server started but its namespace did not become ready.', {
      cause: error,
    });
  }
  return { ...server, address };
}

function argumentsOf(options: TemporalServerOptions, dir: string): string[] {
  const { uiPort, searchAttributes = {} } = options;
  return [
    ...['server', 'start-dev', '--ip', ADDRESS, '--port', String(options.port), '--namespace', NAMESPACE],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(options.metricsPort === undefined ? [] : ['--metrics-port', String(options.metricsPort)]),
    ...(options.inMemory === true ? [] : ['--db-filename', databaseFile(dir)]),
    ...Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...[...DYNAMIC_CONFIG, ...(options.dynamicConfig ?? [])].flatMap((value) => ['--dynamic-config-value', value]),
    ...['--log-level', 'error'],
  ];
}

/** An older server cannot read what a newer one wrote, and may spoil it in trying. */
async function refuseNewerData(dir: string, binary: TemporalBinary): Promise<void> {
  const written = (await readFile(versionFile(dir), 'utf8').catch(() => '')).trim();
  if (written === '' || compareVersions(binary.server, written) >= 0) return;
  throw new StewardError(
    'ServerFailed',
    `The Temporal data in ${dir} were written by server ${written}; ${binary.path} is the older ${binary.server}. ` +
      `Install a Temporal CLI with server ${written} or later (STEWARD_TEMPORAL_BINARY names it), or empty the data with \`npm run reset\`.`,
  );
}

const databaseFile = (dir: string): string => join(dir, 'temporal.db');
const versionFile = (dir: string): string => join(dir, 'temporal.version');

/** A plain TCP look: a gRPC channel that fails once waits a second before it looks again. */
function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: ADDRESS, port });
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function prepareNamespace(address: string, options: TemporalServerOptions): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '20s' });
  try {
    const { workflowService } = connection;
    await workflowService.describeNamespace({ namespace: NAMESPACE });
    if (options.retentionDays === undefined) return;
    await workflowService.updateNamespace({
      namespace: NAMESPACE,
      config: { workflowExecutionRetentionTtl: msToTs(`${options.retentionDays} days`) },
    });
  } finally {
    await connection.close();
  }
}
