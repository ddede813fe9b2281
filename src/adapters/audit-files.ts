import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MonthlyAuditDeps } from '../deps-audits.ts';

/** Reports as `YYYY-MM.json` and `YYYY-MM.html`: whole or not at all, and written again the same. */
export function createAuditFiles(dir: string): MonthlyAuditDeps['publish'] {
  return async (month, files) => {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    for (const [ending, text] of Object.entries(files)) await put(dir, `${month}.${ending}`, text);
  };
}

async function put(dir: string, name: string, text: string): Promise<void> {
  const draft = join(dir, `.${name}.${randomUUID()}`);
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, join(dir, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
