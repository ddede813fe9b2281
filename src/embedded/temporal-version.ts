import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Variables for the programs we start. Handed in, because only the configuration reads our own. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface TemporalBinary {
  readonly path: string;
  /** Of the Temporal server inside, such as `1.29.1`. */
  readonly server: string;
}

// Server 1.29 is the first with everything we use; the Temporal CLI has it since 1.5.
const OLDEST_SERVER = '1.29.0';

/** Negative, 0 or positive, as for `sort`. A pre-release sorts before its release. */
export function compareVersions(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  for (let i = 0; i < 3; i++) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.pre === right.pre) return 0;
  if (left.pre === '') return 1;
  if (right.pre === '') return -1;
  return left.pre < right.pre ? -1 : 1;
}

function parse(version: string): { numbers: number[]; pre: string } {
  const [core = '', ...pre] = version.replace(/^v/, '').split('+')[0]?.split('-') ?? [];
  return { numbers: core.split('.').map((part) => Number.parseInt(part, 10) || 0), pre: pre.join('-') };
}

/** What `temporal --version` says: `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`; a built one calls itself `0.0.0-DEV`. */
export function serverVersionOf(text: string): string | undefined {
  return /\(Server ([^,)\s]+)/.exec(text)?.[1];
}

/** Asks the program itself; a string says why it will not do. */
export async function tryBinary(path: string, environment: Environment): Promise<TemporalBinary | string> {
  let text: string;
  try {
    const { stdout } = await run(path, ['--version'], { env: { ...environment }, timeout: 20_000 });
    text = stdout;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? 'is not there' : 'does not run';
  }
  const server = serverVersionOf(text);
  if (server === undefined) return 'is no Temporal CLI';
  if (compareVersions(server, OLDEST_SERVER) < 0) return `holds server ${server}, ${OLDEST_SERVER} or later is needed`;
  return { path, server };
}
