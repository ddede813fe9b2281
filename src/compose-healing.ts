/** What is done about providers that fail, from policies/healing.yaml. */
import { probeComprehend, probeSes, probeSlack } from './adapters/probes.ts';
import type { SlackSettings } from './adapters/slack-client.ts';
import type { Deps } from './deps.ts';
import type { HealingDeps, HealingRules } from './deps-healing.ts';
import { createCircuits, NO_CIRCUITS } from './store/circuits.ts';
import type { Database } from './store/database.ts';
import { createDegradedTickets } from './store/degraded.ts';
import { createIncidentStore } from './store/incidents.ts';

export interface HealingParts {
  /** Null: nothing is done. */
  readonly rules: HealingRules | null;
  readonly db: Database;
  readonly comprehend: Deps['comprehend'];
  readonly slack: SlackSettings | undefined;
  readonly ses: Parameters<typeof probeSes>[0] | undefined;
}

export function composeHealing({ rules, db, comprehend, slack, ses }: HealingParts): HealingDeps {
  return {
    rules,
    circuits: rules ? createCircuits(db, rules) : NO_CIRCUITS,
    incidents: createIncidentStore(db, rules?.circuit.windowMs ?? 0),
    degraded: rules
      ? createDegradedTickets(db, { windowMs: rules.circuit.windowMs, perSecond: rules.againPerSecond })
      : null,
    probes: {
      ...(comprehend ? { comprehend: probeComprehend(comprehend) } : {}),
      ...(slack ? { slack: probeSlack(slack) } : {}),
      ...(ses ? { mail: probeSes(ses) } : {}),
    },
  };
}
