/** What a ticket is received with: its flow, and which sources its facts come from, as the settings have them. */

import { dirname } from 'node:path';
import { createFlowFinder } from './compose-flow.ts';
import type { LiveRules } from './compose-rules.ts';
import type { Config } from './config.ts';
import type { Plans } from './deps.ts';
import type { PinnedFlow, PlannedSource } from './domain/plan.ts';

/** What tickets are received with, as it is now. */
export function composePlans(config: Config, flow: PinnedFlow, rules: LiveRules): Plans {
  return {
    flow,
    sources: planSources(config),
    timings: config.timings,
    get sla() {
      return rules.now.sla;
    },
    get escalation() {
      return rules.now.escalation.rules;
    },
    find: createFlowFinder(dirname(config.files.flow)),
  };
}

function planSources(config: Config): PlannedSource[] {
  const { crm, sentiment, status } = config.sources;
  return [
    { fact: 'crm', by: 'own', ...crm },
    { fact: 'sentiment', by: config.comprehend ? 'comprehend' : 'own', ...sentiment },
    ...(config.statuspage ? [{ fact: 'status' as const, by: 'status' as const, ...status }] : []),
  ];
}
