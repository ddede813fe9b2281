import type { MonthlyAuditDeps } from '../deps-audits.ts';
import { writeWholeFile } from './whole-file.ts';

/** Reports as `YYYY-MM.json` and `YYYY-MM.html`: whole or not at all, and written again the same. */
export function createAuditFiles(dir: string): MonthlyAuditDeps['publish'] {
  return async (month, files) => {
    for (const [ending, text] of Object.entries(files)) await writeWholeFile(dir, `${month}.${ending}`, text);
  };
}
