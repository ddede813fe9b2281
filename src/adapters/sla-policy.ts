import { METRICS, type SlaPolicy, type SlaRules } from '../domain/sla.ts';
import { type SlaPolicyFile, slaContradictions, slaPolicy } from '../schema/sla-policy.ts';
import { readCalendars } from './calendars.ts';
import { inOrder, judgePolicyFile } from './policy-file.ts';
import { versionOf } from './version.ts';

/**
 * What we promise, from its file and the calendars of holidays that it names, relative to it.
 * @throws StewardError InvalidPolicy naming the file, the line, the field and the mend.
 */
export async function readSlaRules(path: string, now: Date): Promise<SlaRules> {
  const judged = await judgePolicyFile(path, slaPolicy, slaContradictions);
  const { calendars, problems } = await readCalendars(path, judged.policy?.calendars ?? {}, now);
  const { policies } = inOrder(judged, problems);
  const content = { calendars, policies: policies.map(policyOf) };
  const version = versionOf(JSON.stringify(content));
  return { version, ...content };
}

function policyOf(given: SlaPolicyFile['policies'][number]): SlaPolicy {
  const { name, when, calendar, pausedIn, warnAt, botAnswers } = given;
  const targets = Object.fromEntries(METRICS.flatMap((metric) => (given[metric] ? [[metric, given[metric]]] : [])));
  const conditions = Object.fromEntries(Object.entries(when).filter(([, values]) => values !== undefined));
  return { name, when: conditions, calendar, targets, pausedIn, warnAt, botAnswers };
}
