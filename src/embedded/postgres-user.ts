import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { StewardError } from '../domain/errors.ts';

const run = promisify(execFile);

/** The user PostgreSQL runs as, and how to get there; PostgreSQL refuses to run as root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** Put before the command where the plain change of user is not enough. */
  readonly prefix: readonly string[];
}

// `postgres` where the machine has it, else `nobody`, whom every machine has: we add no user to somebody's machine.
const CANDIDATES = ['postgres', 'nobody'];
const SETPRIV = '/usr/bin/setpriv';
// From <linux/capability.h>. The first is enough unless the program itself is closed to others, as after a strict umask; Docker's
// default set holds only the second.
const CAPABILITIES = [
  { name: 'dac_read_search', bit: 2n, executes: false },
  { name: 'dac_override', bit: 1n, executes: true },
];

/**
 * `undefined` when we are not root: then PostgreSQL runs as we do.
 * @param program what that user must be able to run
 * @param data what that user must be able to reach
 * @throws StewardError ServerFailed
 */
export async function postgresUser(program: string, data: string): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await findUser();
  const open = ((await stat(program)).mode & constants.S_IXOTH) !== 0;
  for (const path of [program, data]) {
    if (open && (await canReach(path, uid, gid))) continue;
    return { uid, gid, prefix: await reachAll(path, { uid, gid, executes: !open }) };
  }
  return { uid, gid, prefix: [] };
}

async function findUser(): Promise<{ uid: number; gid: number }> {
  for (const name of CANDIDATES) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // This machine does not know the user: the next one.
    }
  }
  throw failed(`this machine has no user ${CANDIDATES.join(' or ')}`);
}

/** Whether every directory above `path` lets the user through. */
async function canReach(path: string, uid: number, gid: number): Promise<boolean> {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const { mode, uid: owner, gid: group } = await stat(dir);
    const bit = owner === uid ? constants.S_IXUSR : group === gid ? constants.S_IXGRP : constants.S_IXOTH;
    if ((mode & bit) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}

/**
 * A checkout below a closed directory (root's home) is out of reach for any other user. Opening somebody's home is not ours to do;
 * instead the server keeps, of all root's rights, the one to look into directories.
 */
async function reachAll(path: string, need: { uid: number; gid: number; executes: boolean }): Promise<string[]> {
  const { uid, gid } = need;
  const held = await heldCapability(need.executes);
  const there = await access(SETPRIV, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (held === undefined || !there) throw failed(`the user who runs it instead (uid ${uid}) cannot reach ${path}`);
  const keep = `+${held}`;
  return [
    SETPRIV,
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=${keep}`,
    `--ambient-caps=${keep}`,
    // Or else access(2) would forget that right, and PostgreSQL asks it before it runs its own parts.
    '--securebits=+no_setuid_fixup',
  ];
}

async function heldCapability(executes: boolean): Promise<string | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const enough = CAPABILITIES.filter((capability) => capability.executes || !executes);
  return enough.find(({ bit }) => ((effective >> bit) & 1n) === 1n)?.name;
}

function failed(why: string): StewardError {
  return new StewardError(
    'ServerFailed',
    `PostgreSQL does not run as root, and ${why}. Run this as another user, move the directory, or set DATABASE_URL to a PostgreSQL of yours.`,
  );
}
