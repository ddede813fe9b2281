import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A pid alone is reused by the system; a pid with its start time is one process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; the same for the life of the process. */
  readonly started: string;
  readonly command: string;
}

/** Who runs under this pid now; `undefined` when nobody does (a zombie is nobody). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  return (await fromProc(pid)) ?? (await fromPs(pid));
}

async function fromProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, cmdline] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    // The second field is the name in parentheses and may hold spaces; the state is the first after it, the start time the twentieth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return { pid, started: fields[19] ?? '', command: cmdline.split('\0').join(' ') };
  } catch {
    return undefined;
  }
}

/** macOS has no /proc. `lstart` is five words, such as `Mon Nov 23 22:50:01 2026`. */
async function fromPs(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const { stdout } = await run('ps', ['-ww', '-o', 'lstart=,stat=,command=', '-p', String(pid)]);
    const words = stdout.trim().split(/\s+/);
    if (words.length < 7 || words[5]?.startsWith('Z')) return undefined;
    return { pid, started: words.slice(0, 5).join(' '), command: words.slice(6).join(' ') };
  } catch {
    return undefined;
  }
}

/** What a file keeps of a process, to know it again. */
export type ProcessNote = Pick<ProcessIdentity, 'pid' | 'started'>;

export async function noteOf(pid: number): Promise<string> {
  return JSON.stringify({ pid, started: (await identify(pid))?.started ?? '' } satisfies ProcessNote);
}

/** `undefined` for what is no note: a file that was cut short, or somebody else's. */
export function parseNote(text: string): ProcessNote | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value)) return undefined;
    const { pid, started } = value;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

export async function isRunning(note: ProcessNote): Promise<boolean> {
  return (await identify(note.pid))?.started === note.started;
}

/** Asks the process to end and waits; SIGKILL when it has not ended after `graceMs`. */
export async function endProcess(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const before = await identify(pid);
  if (before === undefined) return;
  send(pid, signal);
  if (await goneWithin(before, graceMs)) return;
  send(pid, 'SIGKILL');
  await goneWithin(before, 5_000);
}

async function goneWithin(process: ProcessIdentity, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(25)) {
    if (!(await isRunning(process))) return true;
  }
  return false;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself between the look and the signal.
  }
}
