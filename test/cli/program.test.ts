/** `bin/steward.js`, the command of the package. */
import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { explain } from '../../src/cli/run.ts';
import { temporaryDirectory } from '../support/directory.ts';

const run = promisify(execFile);

test('the source is run where it is there, whatever a build has left beside it; else what was built', async () => {
  const dir = await temporaryDirectory();
  await cp('bin', join(dir, 'bin'), { recursive: true });
  await symlink(resolve('node_modules'), join(dir, 'node_modules'));
  await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  for (const [file, text] of [
    ['src/cli.ts', `const said: string = 'source'; process.stdout.write(said);`],
    ['dist/cli.js', `process.stdout.write('built');`],
  ] as const) {
    await mkdir(join(dir, file, '..'));
    await writeFile(join(dir, file), text);
  }
  const steward = async () => (await run(process.execPath, [join(dir, 'bin/steward.js')])).stdout;
  expect(await steward()).toBe('source');
  await rm(join(dir, 'src'), { recursive: true });
  expect(await steward()).toBe('built');
});

test.each(['timeout exceeded when trying to connect', 'Connection terminated unexpectedly'])(
  'a database that does not answer (%s) is told in words; what nobody foresaw shows its stack',
  (message) => {
    const said = explain(new Error(message));
    expect(said).toContain(`does not answer (${message})`);
    expect(said).not.toContain(import.meta.filename);
    expect(explain(new Error('a slip of ours'))).toContain(import.meta.filename);
  },
);
