/** What is done about providers that fail, from policies/healing.yaml. */
import { readHealingRules } from './adapters/healing-policy.ts';
import { probeComprehend, probeSes, probeSlack } from './adapters/probes.ts';
import type { SlackSettings } from './adapters/slack-client.ts';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import type { HealingDeps } from './deps-healing.ts';
import { createCircuits, NO_CIRCUITS } from './store/circuits.ts';
import type { Database } from './store/database.ts';
import { createIncidentStore } from './store/incidents.ts';

export interface HealingParts {
  readonly config: Config;
  readonly db: Database;
  readonly comprehend: Deps['comprehend'];
  readonly slack: SlackSettings | undefined;
  readonly ses: Parameters<typeof probeSes>[0] | undefined;
}

/** @throws StewardError InvalidPolicy */
export async function composeHealing({ config, db, comprehend, slack, ses }: HealingParts): Promise<HealingDeps> {
  const rules = await readHealingRules(config.files.healing);
  return {
    rules,
    circuits: rules ? createCircuits(db, rules) : NO_CIRCUITS,
    incidents: createIncidentStore(db, rules?.circuit.windowMs ?? 0),
    probes: {
      ...(comprehend ? { comprehend: probeComprehend(comprehend) } : {}),
      ...(slack ? { slack: probeSlack(slack) } : {}),
      ...(ses ? { mail: probeSes(ses) } : {}),
    },
  };
}
