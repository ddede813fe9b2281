import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StewardError } from '../domain/errors.ts';
import { assertPortFree, type PortUse } from './ports.ts';
import { endProcess, isRunning, noteOf, parseNote } from './process-identity.ts';

export interface ServerProcessOptions {
  /** Names the pid and log files: `<dir>/<name>.pid`, `<dir>/<name>.log`. */
  readonly name: string;
  /** For messages: `PostgreSQL`, `The Temporal dev server`. */
  readonly title: string;
  readonly dir: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where it will listen. */
  readonly ports: readonly (PortUse & { readonly port: number })[];
  /** Asks for an orderly end. */
  readonly stopSignal: NodeJS.Signals;
  /** Resolves once the server answers; is called again until it does. */
  readonly probe: () => Promise<boolean>;
  readonly readyWithinMs?: number;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** What a killed owner may have left behind. */
export type LeftOver = Pick<ServerProcessOptions, 'dir' | 'name' | 'stopSignal'>;

export interface ServerProcess {
  readonly pid: number;
  /** Orderly: the stop signal, SIGKILL after 5 s. Doing it twice is harmless. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would; for tests. */
  kill(): Promise<void>;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

const GRACE_MS = 5_000;
const READY_MS = 30_000;
/** PostgreSQL ends without a checkpoint and recovers at its next start; a Go program ends on the spot. */
const HURRY = 'SIGQUIT';

/**
 * Starts a server that belongs to this process and waits until it answers. It gets its own process group, so that a Ctrl-C in the
 * terminal reaches only us and we stop things in order.
 * @throws StewardError PortTaken; ServerFailed with the last lines of its log
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { dir, name, stopSignal, signal } = options;
  const pidFile = join(dir, `${name}.pid`);
  const logFile = join(dir, `${name}.log`);
  await mkdir(dir, { recursive: true });
  await endLeftOver(options);
  // Only now: a server left by a killed run may just have let go of it. And before the probe, which a stranger there might answer.
  for (const { port, ...use } of options.ports) await assertPortFree(port, use);

  signal?.throwIfAborted();
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(options.command, [...options.args], {
    cwd: dir,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...options.user,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const failedToSpawn = once(child, 'error').then(([error]) => error as unknown);
  // An uncaught error of ours must not leave servers behind, and one that has been asked to stop already has had its time.
  let asked = false;
  const stopWithUs = (): boolean => child.kill(asked ? HURRY : stopSignal);
  process.once('exit', stopWithUs);
  const forget = async (): Promise<void> => {
    await ended;
    process.off('exit', stopWithUs);
    await rm(pidFile, { force: true });
  };

  const pid = child.pid;
  await log.close();
  if (pid === undefined) {
    process.off('exit', stopWithUs);
    throw new StewardError('ServerFailed', `${options.title} could not be started.`, { cause: await failedToSpawn });
  }
  await writeFile(pidFile, await noteOf(pid), { mode: 0o600 });

  const stop = async (): Promise<void> => {
    asked = true;
    child.kill(stopSignal);
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await forget();
    clearTimeout(late);
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    process.off('exit', stopWithUs);
  };
  try {
    await untilReady(options, ended);
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    const said = await lastLines(logFile, 12);
    const reason = error instanceof Error ? error.message : String(error);
    throw new StewardError('ServerFailed', `${options.title} ${reason}. The end of ${logFile}:\n${said}`);
  }
  return { pid, stop, kill, ended };
}

async function untilReady(options: ServerProcessOptions, ended: Promise<void>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const within = options.readyWithinMs ?? READY_MS;
  for (const end = Date.now() + within; Date.now() < end; await sleep(25)) {
    options.signal?.throwIfAborted();
    if (over) throw new Error('ended while starting');
    if (await options.probe()) return;
  }
  throw new Error(`did not answer within ${within / 1000} s`);
}

/** A server of ours whose owner was killed still holds the port and the data: it is ended before a new one starts. */
export async function endLeftOver(options: LeftOver): Promise<void> {
  const pidFile = join(options.dir, `${options.name}.pid`);
  const noted = await readFile(pidFile, 'utf8').then(parseNote, () => undefined);
  if (noted !== undefined && (await isRunning(noted))) await endProcess(noted.pid, options.stopSignal, GRACE_MS);
  await rm(pidFile, { force: true });
}

async function lastLines(file: string, count: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n') || '(it said nothing)';
}
