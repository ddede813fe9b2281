/** A message to one of us whose provider is left alone goes another way. */
import type { Deps } from '../deps.ts';
import { type Watched, type Way, watchedOf, waysBelow } from '../domain/circuit.ts';
import type { Delivery, Transport } from '../domain/delivery.ts';
import { type CircuitParts, leftAlone, unlessOurs } from './circuit.ts';
import { pageKey } from './incident-tell.ts';

type RerouteParts = CircuitParts & Pick<Deps, 'deliveries' | 'directory' | 'templates' | 'transports'>;

/**
 * Slack, then mail, then PagerDuty: the first below that is not open itself. What customers get has no other way. Decided at the last moment:
 * what was queued while the provider was well goes another way too. One whose answer was lost only where it may arrive twice.
 */
export async function reroute(deps: RerouteParts, delivery: Delivery, answerLost: boolean): Promise<Delivery> {
  const way = watchedOf(delivery.transport);
  if (way === undefined || delivery.recipient.kind !== 'agent') return delivery;
  if (answerLost && !deps.templates.repeats(delivery.template)) return delivery;
  const circuit = await leftAlone(deps, way);
  if (circuit === null) return delivery;
  const { incidentId } = circuit;
  for (const other of waysBelow(way)) {
    if (!(await isUsable(deps, other, delivery))) continue;
    const transport: Transport = deps.transports[other];
    const page = { action: 'trigger', dedupKey: pageKey(incidentId), severity: 'error' } as const;
    const facts = { insteadOf: way, incident: incidentId, ...(other === 'pagerduty' ? page : {}) };
    await deps.deliveries.reroute(delivery.id, transport, facts);
    return { ...delivery, transport, facts: { ...delivery.facts, ...facts } };
  }
  await deps.healing.circuits.remedyEnded(incidentId, way, false);
  return delivery;
}

async function isUsable({ healing, directory, transports }: RerouteParts, way: Way, { recipient }: Delivery) {
  // A file in the outbox calls nobody.
  if (way === 'pagerduty' && transports.pagerduty !== 'pagerduty') return false;
  if (way === 'mail' && directory.agent(recipient.id)?.email == null) return false;
  return (await healing.circuits.open(way)) === null;
}

/** Whether the other way helped: several in a row that did not end the remedy. */
export async function noteRerouted({ healing }: CircuitParts, { facts }: Delivery, helped: boolean): Promise<void> {
  const { insteadOf, incident } = facts ?? {};
  if (typeof incident !== 'string' || typeof insteadOf !== 'string') return;
  await healing.circuits.remedyEnded(incident, insteadOf as Watched, helped).catch(unlessOurs);
}

/** PagerDuty is called in the place of a message: it gets ids alone, whatever the message says. */
export function isPageInstead({ facts, channel }: Delivery): boolean {
  return channel !== 'pagerduty' && facts?.insteadOf !== undefined && facts.action !== undefined;
}
