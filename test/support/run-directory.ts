import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLeftOver } from '../../src/embedded/server-process.ts';

const PREFIX = 'steward-test-';

/** An empty directory whose name tells which process made it, so that it can be swept when that process was killed. */
export async function makeRunDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // PostgreSQL may run as another user, who must get through.
  await chmod(dir, 0o711);
  return dir;
}

/** The directory, and the servers that still run in it. */
export async function removeRunDirectory(dir: string): Promise<void> {
  await endLeftOver({ dir, name: 'postgres-server', stopSignal: 'SIGQUIT' });
  await endLeftOver({ dir, name: 'temporal-server', stopSignal: 'SIGTERM' });
  await rm(dir, { recursive: true, force: true });
}

/** Removes what the killed runs before this one left; what another user's runs left, such as root's, is theirs to remove. */
export async function sweepRunDirectories(remove = removeRunDirectory): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    const owner = Number.parseInt(name.slice(PREFIX.length), 10);
    if (Number.isInteger(owner) && !isRunning(owner)) await remove(join(tmpdir(), name)).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
