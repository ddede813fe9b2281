import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holderOf, holdState } from '../../src/embedded/hold.ts';
import { identify } from '../../src/embedded/process-identity.ts';
import { temporaryDirectory } from '../support/directory.ts';

const KILLED = JSON.stringify({ pid: process.pid, started: 'another life' });

async function stateWith(note?: string): Promise<{ dir: string; file: string }> {
  const dir = await temporaryDirectory();
  const file = join(dir, 'steward.pid');
  if (note !== undefined) await writeFile(file, note);
  return { dir, file };
}

test('a state directory is held by one, and is free when it is given back', async () => {
  const { dir, file } = await stateWith();
  const release = await holdState(dir);
  expect(await holderOf(dir)).toBe(process.pid);
  await expect(holdState(dir)).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringMatching(new RegExp(`process ${process.pid}.*STEWARD_STATE_DIR`)),
  });
  await release();
  expect(await holderOf(dir)).toBeUndefined();
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

test.each([
  ['one that was killed', KILLED],
  ['a file that was damaged', '{"pid": 12'],
  ['a file of another shape', '7'],
])('%s holds nothing: the next takes it over', async (_, note) => {
  const { dir, file } = await stateWith(note);
  expect(await holderOf(dir)).toBeUndefined();
  await holdState(dir);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
});

test('an empty file is taken over when it is old: whoever made it just now is about to write', async () => {
  const { dir, file } = await stateWith('');
  const holding = holdState(dir);
  const self = { pid: process.pid, started: (await identify(process.pid))?.started };
  await writeFile(file, JSON.stringify(self));
  await expect(holding).rejects.toMatchObject({ code: 'Unavailable' });

  const old = await stateWith('');
  await utimes(old.file, 0, 0);
  await holdState(old.dir);
  expect(await holderOf(old.dir)).toBe(process.pid);
});

test('of many that start at once one gets it, whatever a killed one left', async () => {
  for (const note of [undefined, KILLED, 'damaged']) {
    for (let round = 0; round < 20; round++) {
      const { dir } = await stateWith(note);
      const starts = await Promise.allSettled(Array.from({ length: 8 }, () => holdState(dir)));
      expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  }
});

test('what another holds by now is not given back by the one before', async () => {
  const { dir, file } = await stateWith();
  const release = await holdState(dir);
  await writeFile(file, KILLED);
  await release();
  expect(await readFile(file, 'utf8')).toBe(KILLED);
});
