import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../../src/config.ts';

export interface Child {
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** What it logged so far, and how it ended when nobody killed it. */
  said(): string;
  /** All that it logged. */
  log(): string;
  /** What it wrote for the test to read. */
  readonly wrote: readonly string[];
  readonly endedByItself: boolean;
}

// Every setting is given, if only as unset, so that no .env file has a say.
const UNSET = Object.fromEntries(SETTINGS.map((name) => [name, '']));

/** Starts a program with these settings and no others, and waits until it is ready. */
export async function startChild(
  bundle: string,
  settings: Readonly<Record<string, string>>,
  program = 'steward-process.ts',
  ...args: readonly string[]
): Promise<Child> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, bundle, ...args], {
    env: { PATH: '/usr/bin:/bin', ...UNSET, ...settings },
    // Its standard input closes with us: it never outlives the test.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  let killed = false;
  let over = false;
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<void>((done) =>
    child.once('close', (code) => {
      over = true;
      if (!killed) said += `\nended by itself with code ${code}`;
      done();
    }),
  );
  const wrote: string[] = [];
  const ready = new Promise<void>((done) =>
    createInterface({ input: child.stdout }).on('line', (line) => {
      wrote.push(line);
      if (line.includes('ready')) done();
    }),
  );
  await Promise.race([ready, ended]);
  if (over) throw new Error(`Steward did not start: ${said}`);
  return {
    async kill() {
      killed = true;
      child.kill('SIGKILL');
      await ended;
    },
    said: () => said.slice(-20_000),
    log: () => said,
    wrote,
    get endedByItself() {
      return over && !killed;
    },
  };
}
