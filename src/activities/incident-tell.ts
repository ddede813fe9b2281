/** Word to the admins about an incident, by whatever way still works. */
import { cancellationSignal } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import type { IncidentMessage } from '../deps-healing.ts';
import { PROVIDER_NAMES, REMEDY_WORDS, STOP_WORDS, type Way, waysFrom } from '../domain/circuit.ts';
import type { LetterName } from '../domain/delivery.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import type { Incident, IncidentOccasion } from '../domain/incident.ts';
import type { JsonObject } from '../domain/json.ts';
import { sayTime } from '../domain/say-time.ts';
import { type CircuitParts, watched } from './circuit.ts';
import { type LetterParts, sendLetter } from './letter.ts';

export type TellParts = CircuitParts &
  LetterParts &
  Pick<Deps, 'directory' | 'slack' | 'pager' | 'transports' | 'links'>;

interface Telling {
  readonly incident: Incident;
  readonly occasion: IncidentOccasion;
  readonly template: LetterName;
  readonly data: JsonObject;
}

/** PagerDuty calls whoever is on duty: one event in the place of all that could not be told. */
const ON_DUTY = 'pagerduty';
const SEND_MS = 15_000;

export async function tellAdmins(deps: TellParts, incident: Incident, occasion: IncidentOccasion): Promise<boolean> {
  const template = `incident-${occasion}` as const;
  const telling: Telling = { incident, occasion, template, data: await dataOf(deps, incident) };
  let unheard = 0;
  for (const id of deps.directory.admins) if (!(await tellOne(deps, telling, id))) unheard += 1;
  const wasPaged = occasion === 'closed' && (await isPaged(deps, incident));
  if (unheard === 0 && !wasPaged) return true;
  // A file in the outbox calls nobody.
  if (!deps.pager) return unheard === 0;
  const paged = await tellBy(deps, telling, { recipientId: ON_DUTY, way: 'pagerduty' });
  return paged || unheard === 0;
}

/** An incident of PagerDuty that we have opened is ended by us. */
async function isPaged({ healing }: TellParts, { id }: Incident): Promise<boolean> {
  for (const occasion of ['opened', 'stopped'] as const) {
    if (await healing.incidents.isTold(id, occasion, ON_DUTY)) return true;
  }
  return false;
}

async function tellOne(deps: TellParts, telling: Telling, recipientId: string): Promise<boolean> {
  const { incident, occasion } = telling;
  if (await deps.healing.incidents.isTold(incident.id, occasion, recipientId)) return true;
  for (const way of waysOf(deps, recipientId)) {
    if (await tellBy(deps, telling, { recipientId, way })) return true;
  }
  return false;
}

function waysOf({ directory, transports }: TellParts, id: string): readonly Way[] {
  const agent = directory.agent(id);
  const has: Readonly<Record<Way, boolean>> = {
    slack: transports.slack === 'slack' && agent?.slack != null,
    mail: agent?.email != null,
    pagerduty: false,
  };
  return waysFrom('slack').filter((way) => has[way]);
}

async function tellBy(
  deps: TellParts,
  telling: Telling,
  { recipientId, way }: { readonly recipientId: string; readonly way: Way },
): Promise<boolean> {
  const { incidents, circuits } = deps.healing;
  const { incident, occasion } = telling;
  // What is known to fail is not tried; the way back is, whatever a moment ago was read of it.
  const circuit = await circuits.open(way);
  if (circuit !== null && circuit.incidentId !== (incident.closed ? incident.id : null)) return false;
  const message: IncidentMessage = { incidentId: incident.id, occasion, recipientId, channel: way };
  const begun = await incidents.beginMessage(message);
  if (begun === 'sent') return true;
  try {
    await send(deps, telling, message, begun === 'again');
    await incidents.finishMessage(message, { status: 'sent' });
    return true;
  } catch (error) {
    if (!(error instanceof StewardError) || cancellationSignal().aborted) throw error;
    const isLost = error instanceof ProviderError && error.answerLost;
    const reason = error instanceof ProviderError ? error.reason : error.code;
    await incidents.finishMessage(message, { status: isLost ? 'unknown' : 'failed', reason });
    return false;
  }
}

/** `again`: nobody knows whether it went out. Slack is looked up, PagerDuty knows the key, and a mail more does no harm. */
async function send(deps: TellParts, telling: Telling, message: IncidentMessage, again: boolean): Promise<void> {
  const { template, data, incident, occasion } = telling;
  const { recipientId, channel } = message;
  const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(SEND_MS)]);
  const ids = { deliveryId: `incident-${incident.id}-${occasion}-${recipientId}`, ticketId: `incident-${incident.id}` };
  const agent = deps.directory.agent(recipientId);
  if (channel === 'mail') {
    const to = { address: agent?.email ?? '', name: agent?.name ?? null };
    return watched(deps, 'mail', () => sendLetter(deps, { ...ids, to, template, data }));
  }
  const { subject, text } = await deps.templates.render(template, data);
  if (channel === 'slack') {
    const { slack } = deps;
    if (!slack || agent?.slack == null) throw new StewardError('InvalidConfig', 'Slack is not configured here');
    const said = { ...ids, channel: agent.slack, text };
    await watched(deps, 'slack', async () => {
      if (again && (await slack.find(said, signal)) !== null) return;
      await slack.post(said, signal);
    });
    return;
  }
  const page = {
    ...ids,
    action: occasion === 'closed' ? ('resolve' as const) : ('trigger' as const),
    dedupKey: pageKey(incident.id),
    severity: 'error' as const,
    summary: subject,
    text,
    link: deps.links.webUi(ids.ticketId),
  };
  const { pager } = deps;
  if (!pager) throw new StewardError('InvalidConfig', 'PagerDuty is not configured here');
  await watched(deps, 'pagerduty', () => pager.send(page, signal));
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
