import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../../src/config.ts';

export interface Child {
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** What it logged so far, and how it ended when nobody killed it. */
  said(): string;
  readonly endedByItself: boolean;
}

const PROGRAM = fileURLToPath(new URL('./steward-process.ts', import.meta.url));
// Every setting is given, if only as unset, so that no .env file has a say.
const UNSET = Object.fromEntries(SETTINGS.map((name) => [name, '']));

/** Starts `steward-process.ts` with these settings and no others, and waits until it is ready. */
export async function startChild(bundle: string, settings: Readonly<Record<string, string>>): Promise<Child> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, bundle], {
    env: { PATH: '/usr/bin:/bin', ...UNSET, ...settings },
    // Its standard input closes with us: it never outlives the test.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  let killed = false;
  let over = false;
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-20_000);
  });
  const ended = new Promise<void>((done) =>
    child.once('close', (code) => {
      over = true;
      if (!killed) said += `\nended by itself with code ${code}`;
      done();
    }),
  );
  const ready = new Promise<void>((done) =>
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) done();
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
    said: () => said,
    get endedByItself() {
      return over && !killed;
    },
  };
}
