import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ErasureLedger, FingerprintKeys } from '../deps-erasure.ts';
import type { LedgerEntry } from '../deps-erasure-store.ts';
import { ERASURE_ID } from '../domain/erase.ts';
import { StewardError } from '../domain/errors.ts';
import { unlessMissing } from './unless-missing.ts';

/** A file for each request, for its owner's eyes alone. Removing it is what ends the window. */
export function createFingerprintFiles(dir: string): FingerprintKeys {
  const file = (requestId: string) => {
    if (!ERASURE_ID.test(requestId)) throw new StewardError('InvalidRequest', 'a request id is ERA- and 16 hex digits');
    return join(dir, `${requestId}.key`);
  };
  const find = (requestId: string) => unlessMissing(readFile(file(requestId)));
  return {
    find,
    async make(requestId) {
      const known = await find(requestId);
      if (known !== null) return known;
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const key = randomBytes(32);
      try {
        await writeFile(file(requestId), key, { mode: 0o600, flag: 'wx', flush: true });
        return key;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        return (await find(requestId)) ?? key;
      }
    },
    async destroy(requestId) {
      await rm(file(requestId), { force: true });
    },
  };
}

/** Lines of JSON, each on disk before the keys that it names are destroyed. A line that a crash cut off tells of nothing that was done. */
export function createErasureLedger(file: string): ErasureLedger {
  return {
    async append(entry) {
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(file, 'a', 0o600);
      try {
        // Behind a torn line it begins anew.
        await handle.appendFile(`\n${JSON.stringify(entry)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async read() {
      const text = (await unlessMissing(readFile(file)))?.toString('utf8') ?? '';
      return text.split('\n').flatMap((line) => parseLine(line));
    },
  };
}

function parseLine(line: string): LedgerEntry[] {
  if (line.trim() === '') return [];
  try {
    return [JSON.parse(line) as LedgerEntry];
  } catch {
    return [];
  }
}
