import { chmod, type FileHandle, open, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openKekFile } from '../../src/adapters/kek-file.ts';
import { temporaryDirectory } from '../support/directory.ts';

const aFile = async () => join(await temporaryDirectory(), 'keys', 'kek');
const make = { make: true };
const refused = (message: RegExp) => ({ code: 'InvalidConfig', message: expect.stringMatching(message) });

test('is made on first start, for its owner alone, and is the same at the next', async () => {
  const file = await aFile();
  const first = await openKekFile(file, make);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const again = await openKekFile(file, { make: false });
  expect(again.id).toBe(first.id);
  expect(await again.unwrap(await first.wrap(Buffer.from('a data key'), 'n'), 'n')).toEqual(Buffer.from('a data key'));
  expect(await readFile(file, 'utf8')).not.toContain(first.id);
});

test('is on the disk, and its name too, before anything is wrapped with it', async () => {
  const file = await aFile();
  const handle = await open('.');
  await handle.close();
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  const flushed: { ino: number; named: boolean }[] = [];
  const { sync } = prototype;
  const watched = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    await sync.call(this);
    const named = await stat(file).catch(() => null);
    flushed.push({ ino: (await this.stat()).ino, named: named !== null });
  });
  await openKekFile(file, make).finally(() => watched.mockRestore());
  expect(flushed).toEqual([
    { ino: (await stat(file)).ino, named: false },
    { ino: (await stat(dirname(file))).ino, named: true },
  ]);
});

test('is one key when several processes start at once', async () => {
  const file = await aFile();
  const all = await Promise.all(Array.from({ length: 10 }, () => openKekFile(file, make)));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
});

test.each([0o604, 0o644, 0o666, 0o620])('with mode %o is refused with the mend', async (mode) => {
  const file = await aFile();
  await openKekFile(file, make);
  await chmod(file, mode);
  await expect(openKekFile(file, make)).rejects.toMatchObject(refused(/chmod 600 .*kek/));
});

test('is not made by who only looks on', async () => {
  const file = await aFile();
  await expect(openKekFile(file, { make: false })).rejects.toMatchObject(
    refused(/no key-encryption key at .*npm start/),
  );
  await expect(stat(file)).rejects.toThrow();
});

test.each(['', 'short', 'x'.repeat(44), `${'x'.repeat(42)}!`])('that holds %j is refused', async (text) => {
  const file = join(await temporaryDirectory(), 'kek');
  await writeFile(file, text, { mode: 0o600 });
  await expect(openKekFile(file, make)).rejects.toMatchObject(refused(/holds no key-encryption key/));
});

test('T10: a wrapped key moved to another name, or damaged, does not unwrap', async () => {
  const kek = await openKekFile(await aFile(), make);
  const wrapped = await kek.wrap(Buffer.alloc(32, 7), 'ticket-A');
  await expect(kek.unwrap(wrapped, 'ticket-B')).rejects.toMatchObject({ code: 'PayloadCorrupt' });
  wrapped[20] = Number(wrapped[20]) ^ 1;
  await expect(kek.unwrap(wrapped, 'ticket-A')).rejects.toMatchObject({ code: 'PayloadCorrupt' });
  const other = await openKekFile(await aFile(), make);
  await expect(other.unwrap(await kek.wrap(Buffer.alloc(32), 'n'), 'n')).rejects.toThrow();
});
