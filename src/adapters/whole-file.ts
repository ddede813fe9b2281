import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whole or not at all, for its owner's eyes alone: a reader, or a crash, never meets half a file. Makes the directory when missing. */
export async function writeWholeFile(dir: string, name: string, content: Buffer | string): Promise<void> {
  const draft = join(dir, `.${name}.${randomUUID()}`);
  try {
    await writeFile(draft, content, { mode: 0o600 }).catch(async (error: NodeJS.ErrnoException) => {
      // Made when it turns out to be missing: looking each time cost as much as the writing.
      if (error.code !== 'ENOENT') throw error;
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await chmod(dir, 0o700);
      await writeFile(draft, content, { mode: 0o600 });
    });
    await rename(draft, join(dir, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
