import { access } from 'node:fs/promises';
import { type HttpPolicyFile, httpContradictions, httpPolicy } from '../schema/http-policy.ts';
import { readPolicyFile } from './policy-file.ts';
import { unlessMissing } from './unless-missing.ts';

/**
 * Whom flows may call, from its file; null where there is none: then nobody.
 * @throws StewardError InvalidPolicy naming the file, the line, the field and the mend.
 */
export async function readHttpPolicy(path: string): Promise<HttpPolicyFile | null> {
  const isThere = await unlessMissing(access(path).then(() => true));
  return isThere ? readPolicyFile(path, httpPolicy, httpContradictions) : null;
}
