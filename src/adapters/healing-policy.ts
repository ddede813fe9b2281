import { access } from 'node:fs/promises';
import type { HealingRules } from '../deps-healing.ts';
import { healingContradictions, healingPolicy } from '../schema/healing-policy.ts';
import { readPolicyFile } from './policy-file.ts';
import { unlessMissing } from './unless-missing.ts';

/**
 * What is done about providers that fail, from its file; null where there is none: then nothing is.
 * @throws StewardError InvalidPolicy naming the file, the line, the field and the mend.
 */
export async function readHealingRules(path: string): Promise<HealingRules | null> {
  const isThere = await unlessMissing(access(path).then(() => true));
  if (!isThere) return null;
  const { circuit, probe, againPerSecond, remedies } = await readPolicyFile(path, healingPolicy, healingContradictions);
  return {
    circuit: {
      windowMs: circuit.window,
      openAfter: circuit.openAfter,
      share: circuit.share,
      firstPauseMs: probe.firstPause,
      longestPauseMs: probe.longestPause,
      closeAfter: probe.closeAfter,
    },
    // PagerDuty is the last way: there is no remedy that could be bounded.
    remedies: { ...remedies, pagerduty: { atMost: 0, stopAfter: 1 } },
    againPerSecond,
  };
}
