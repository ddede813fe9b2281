import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { identify, type ProcessNote } from '../../src/embedded/process-identity.ts';

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** All processes of this machine. A small image has no `ps`, macOS no /proc. */
function processes(): Row[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(rowOf);
  } catch {
    const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=']).toString().trim().split('\n');
    return listed.map((line) => {
      const [pid = 0, parent = 0, group = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, group };
    });
  }
}

function rowOf(pid: string): Row[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which may hold anything: state, parent, group.
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group) }];
  } catch {
    // It has ended since the directory was read.
    return [];
  }
}

export function groupOf(pid: number): number | undefined {
  return processes().find((row) => row.pid === pid)?.group;
}

/** The process and all that came of it, to be known again when their parents have gone. */
export async function familyOf(pid: number): Promise<ProcessNote[]> {
  const rows = processes();
  const pids = [pid];
  // Grows while it is walked: the children's children follow.
  for (const parent of pids) pids.push(...rows.filter((row) => row.parent === parent).map((row) => row.pid));
  const found = await Promise.all(pids.map(identify));
  return found.flatMap((one) => (one === undefined ? [] : [one]));
}
