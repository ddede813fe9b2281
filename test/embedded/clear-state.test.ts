import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearState, lookIntoState } from '../../src/embedded/clear-state.ts';
import { temporaryDirectory } from '../support/directory.ts';

const OURS = [
  'audit-heads.jsonl',
  'link.secret',
  'postgres.password',
  'postgres-server.log',
  'temporal.db',
  'temporal.db-wal',
  'temporal.version',
];

async function stateWith(...others: string[]): Promise<string> {
  const dir = join(await temporaryDirectory(), 'state');
  await mkdir(join(dir, 'postgres', 'base'), { recursive: true });
  await mkdir(join(dir, 'outbox'));
  await writeFile(join(dir, 'outbox', '1.eml'), '');
  for (const name of [...OURS, ...others]) await writeFile(join(dir, name), '');
  return dir;
}

test('all that is ours goes, and the directory with it', async () => {
  const dir = await stateWith();
  expect((await lookIntoState(dir)).ours).toEqual([...OURS, 'outbox', 'postgres'].sort());
  await clearState(dir);
  await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('what is not ours stays', async () => {
  const dir = await stateWith('notes.txt', 'postgres-backup.sql', 'my.temporal.db');
  expect((await clearState(dir)).others).toEqual(['my.temporal.db', 'notes.txt', 'postgres-backup.sql']);
  expect((await readdir(dir)).sort()).toEqual(['my.temporal.db', 'notes.txt', 'postgres-backup.sql']);
});

test('a directory that is not there is empty', async () => {
  const dir = join(await temporaryDirectory(), 'none');
  expect(await lookIntoState(dir)).toEqual({ ours: [], others: [] });
  await clearState(dir);
});
