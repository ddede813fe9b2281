import type { PrivacyPolicy } from '../domain/privacy-policy.ts';
import { contradictionsOf, privacyPolicy } from '../schema/privacy-policy.ts';
import { readPolicyFile } from './policy-file.ts';

/** The rules of privacy from their file. @throws StewardError InvalidPolicy naming the file, the line, the field and the mend. */
export function readPrivacyPolicy(path: string): Promise<PrivacyPolicy> {
  return readPolicyFile(path, privacyPolicy, contradictionsOf);
}
