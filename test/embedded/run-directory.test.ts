import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { removeRunDirectory, sweepRunDirectories } from '../support/run-directory.ts';

test('a run clears what killed runs left, and passes over what it may not remove', async () => {
  vi.stubEnv('TMPDIR', await temporaryDirectory());
  onTestFinished(() => void vi.unstubAllEnvs());
  const tmp = String(process.env.TMPDIR);
  // Pids that no system gives.
  const [theirs, ours] = ['steward-test-99999998-aaaaaa', 'steward-test-99999999-bbbbbb'];
  const running = `steward-test-${process.pid}-cccccc`;
  for (const name of [theirs, ours, running, 'something-else']) await mkdir(join(tmp, name));
  await sweepRunDirectories(async (dir) => {
    if (basename(dir) === theirs) throw Object.assign(new Error('not permitted'), { code: 'EACCES' });
    await removeRunDirectory(dir);
  });
  expect((await readdir(tmp)).sort()).toEqual(['something-else', theirs, running].sort());
});
