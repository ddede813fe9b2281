import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../secret.ts';

/** The secret behind status-page links: made on first start, kept with mode 0600, so that links outlive a restart. */
export async function keepLinkSecret(stateDir: string): Promise<Secret> {
  const file = join(stateDir, 'link.secret');
  await mkdir(stateDir, { recursive: true });
  try {
    await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return new Secret((await readFile(file, 'utf8')).trim());
}
