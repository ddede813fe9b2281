import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds that a process and its children have used so far. Linux only; elsewhere 0. */
export function cpuOf(pid: number): number {
  try {
    const family = [pid, ...childrenOf(pid)];
    return family.reduce((sum, one) => sum + ticksOf(one), 0) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
const TICKS_PER_SECOND = 100;

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => fieldsOf(one)[1] === String(pid));
}

function ticksOf(pid: number): number {
  const fields = fieldsOf(pid);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** The fields of /proc/PID/stat after the command's name, which may hold spaces. */
function fieldsOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
