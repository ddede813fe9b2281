import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What the image's /app holds, made as its Dockerfile makes it, in a directory of its own. */
export async function buildApp(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'steward-built-'));
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', join(dir, 'dist')];
  await execute(process.execPath, tsc);
  for (const part of ['package.json', 'migrations', 'flows', 'policies', 'help', 'templates']) {
    await cp(part, join(dir, part), { recursive: true });
  }
  await symlink(resolve('node_modules'), join(dir, 'node_modules'));
  await execute(process.execPath, ['dist/temporal/bundle.js'], { cwd: dir });
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

export interface Ended {
  readonly code: number | null;
  readonly said: string;
}
export interface Running {
  /** Resolves when it says that it is ready; rejects with what it said when it ends before. */
  readonly ready: Promise<void>;
  /** Ends it as an orchestrator does. */
  stop(): Promise<Ended>;
}

/** Starts `node …args` with these settings and no others. */
export function startNode(dir: string, args: readonly string[], settings: Readonly<Record<string, string>>): Running {
  const child = spawnNode(dir, args, settings);
  let said = '';
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, said })));
  const ready = new Promise<void>((done, fail) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('"ready"')) done();
    });
    void ended.then(() => fail(new Error(`${args.join(' ')} ended: ${said}`)));
  });
  ready.catch(() => {});
  return {
    ready,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Runs `node …args` to its end. */
export function runNode(
  dir: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = spawnNode(dir, args, settings);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((done) => child.once('close', (code) => done({ code, said })));
}

function spawnNode(cwd: string, args: readonly string[], settings: Readonly<Record<string, string>>): ChildProcess {
  const env = { PATH: '/usr/bin:/bin', NODE_ENV: 'production', ...settings };
  return spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
}
