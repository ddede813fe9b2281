/** Which sources a ticket's facts come from, as the settings have them. */
import type { Config } from './config.ts';
import type { PlannedSource } from './domain/plan.ts';

export function planSources(config: Config): PlannedSource[] {
  const { crm, sentiment, status } = config.sources;
  return [
    { fact: 'crm', by: 'own', ...crm },
    { fact: 'sentiment', by: config.comprehend ? 'comprehend' : 'own', ...sentiment },
    ...(config.statuspage ? [{ fact: 'status' as const, by: 'status' as const, ...status }] : []),
  ];
}
