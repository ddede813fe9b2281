import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { postgresUser } from '../../src/embedded/postgres-user.ts';
import { temporaryDirectory } from '../support/directory.ts';

const isRoot = process.getuid?.() === 0;

async function program(mode: number): Promise<string> {
  const file = join(await temporaryDirectory(), 'checkout', 'program');
  await mkdir(join(file, '..'));
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, mode);
  return file;
}

/** Whether the user may run the file, asked by access(2), as PostgreSQL asks about its own parts. */
async function mayRun(file: string): Promise<boolean> {
  const user = await postgresUser(file, join(file, '../data'));
  const ask = [process.execPath, '-e', `fs.accessSync(process.argv[1], fs.constants.X_OK)`, file];
  const [command = '', ...args] = [...(user?.prefix ?? []), ...ask];
  try {
    execFileSync(command, args, {
      stdio: 'ignore',
      ...(user?.prefix.length === 0 ? { uid: user.uid, gid: user.gid } : {}),
    });
    return true;
  } catch {
    return false;
  }
}

test('another user than root runs PostgreSQL, and only where we are root', async () => {
  const user = await postgresUser(await program(0o755), '/tmp/data');
  if (isRoot) expect(user).toMatchObject({ uid: expect.any(Number), prefix: [] });
  else expect(user).toBeUndefined();
  expect(user?.uid).not.toBe(0);
});

test('an open checkout is run from without any special right', async () => {
  expect(await mayRun(await program(0o755))).toBe(true);
});

test('a checkout that only root may enter is run from all the same', async () => {
  const file = await program(0o755);
  await chmod(join(file, '..'), 0o700);
  expect(await mayRun(file)).toBe(true);
});

test('a checkout made under a strict umask is run from all the same', async () => {
  const file = await program(0o700);
  await chmod(join(file, '..'), 0o700);
  expect(await mayRun(file)).toBe(true);
});
