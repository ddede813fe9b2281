/** Word to the admins about an incident, by whatever way still works. */
import { PROVIDER_NAMES, REMEDY_WORDS, STOP_WORDS } from '../domain/circuit.ts';
import { StewardError } from '../domain/errors.ts';
import type { Incident, IncidentOccasion } from '../domain/incident.ts';
import type { JsonObject } from '../domain/json.ts';
import { sayTime } from '../domain/say-time.ts';
import { watched } from './circuit.ts';
import { type AdminWord, type TellParts, tellBy, tellOne } from './tell-admins.ts';

/** PagerDuty calls whoever is on duty: one event in the place of all that could not be told. */
const ON_DUTY = 'pagerduty';

export async function tellAdmins(deps: TellParts, incident: Incident, occasion: IncidentOccasion): Promise<boolean> {
  const word = await wordOf(deps, incident, occasion);
  let unheard = 0;
  for (const id of deps.directory.admins) if (!(await tellOne(deps, word, id))) unheard += 1;
  const wasPaged = occasion === 'closed' && (await isPaged(deps, incident));
  if (unheard === 0 && !wasPaged) return true;
  // A file in the outbox calls nobody.
  if (!deps.pager) return unheard === 0;
  const paged = await tellBy(deps, word, { recipientId: ON_DUTY, channel: 'pagerduty' });
  return paged || unheard === 0;
}

async function wordOf(deps: TellParts, incident: Incident, occasion: IncidentOccasion): Promise<AdminWord> {
  const { incidents } = deps.healing;
  const { id: incidentId, closed } = incident;
  const template = `incident-${occasion}` as const;
  const data = await dataOf(deps, incident);
  return {
    name: `incident-${incidentId}`,
    occasion,
    template,
    data,
    endedIncident: closed ? incidentId : undefined,
    ledger: {
      isTold: (recipientId) => incidents.isTold(incidentId, occasion, recipientId),
      begin: (to) => incidents.beginMessage({ incidentId, occasion, ...to }),
      finish: (to, outcome) => incidents.finishMessage({ incidentId, occasion, ...to }, outcome),
    },
    async page(ids, signal) {
      const { pager, templates, links } = deps;
      if (!pager) throw new StewardError('InvalidConfig', 'PagerDuty is not configured here');
      const { subject, text } = await templates.render(template, data);
      const page = {
        ...ids,
        action: occasion === 'closed' ? ('resolve' as const) : ('trigger' as const),
        dedupKey: pageKey(incidentId),
        severity: 'error' as const,
        summary: subject,
        text,
        link: links.webUi(ids.ticketId),
      };
      await watched(deps, 'pagerduty', () => pager.send(page, signal));
    },
  };
}

/** An incident of PagerDuty that we have opened is ended by us. */
async function isPaged({ healing }: TellParts, { id }: Incident): Promise<boolean> {
  for (const occasion of ['opened', 'stopped'] as const) {
    if (await healing.incidents.isTold(id, occasion, ON_DUTY)) return true;
  }
  return false;
}

/** All that goes to PagerDuty because of one incident is one incident there. */
export function pageKey(incidentId: string): string {
  return `steward/incident/${incidentId}`;
}

async function dataOf({ healing }: TellParts, incident: Incident): Promise<JsonObject> {
  const { id, provider, reason, openedAt, remedy, probing, closed } = incident;
  return {
    facts: {
      incident: id,
      provider: PROVIDER_NAMES[provider],
      reason,
      since: sayTime(openedAt),
      until: closed ? sayTime(closed.at) : '',
      by: closed?.by ?? '',
      remedy: REMEDY_WORDS[provider],
      used: remedy.used,
      stopped: remedy.stopped === null ? '' : STOP_WORDS[remedy.stopped],
      probes: probing.probes,
      degraded: await healing.incidents.countDegraded(id),
    },
  };
}
