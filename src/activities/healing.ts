import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { type LookAgain, lookAgain, ticketWorkflowId } from '../contract.ts';
import type { Deps } from '../deps.ts';
import type { HealingRules, Probe } from '../deps-healing.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import { afterProbe, type Incident, type IncidentLook, type IncidentOccasion, lookAt } from '../domain/incident.ts';
import { beating } from './beat.ts';
import { here, unlessGone } from './engine.ts';
import { tellAdmins } from './incident-tell.ts';
import type { TellParts } from './tell-admins.ts';

export type HealingParts = TellParts & Pick<Deps, 'healing'>;

interface Of {
  readonly incidentId: string;
}

/** A probe takes no longer; a provider that needs more is not back. */
const PROBE_MS = 10_000;
/** Beyond the next look: then whoever is at it has died, or its workflow is gone. */
const SLACK_MS = 120_000;

export function healingActivities(deps: HealingParts) {
  const { incidents, probes } = deps.healing;
  return {
    /** A look at an incident: probes where that is due, closes the circuit where the provider is back. */
    tendIncident: ({ incidentId }: Of): Promise<IncidentLook> =>
      beating(async () => {
        const rules = rulesOf(deps);
        let incident = await incidents.get(incidentId);
        if (incident.closed === null && incident.probing.nextAt <= Date.now()) {
          const failure = await probe(deps, incident, probes[incident.provider]);
          const { closes, ...probing } = afterProbe(incident.probing, failure, rules.circuit, Date.now());
          incident = await incidents.probed(incidentId, probing, closes);
        }
        const look = lookAt(incident, Date.now());
        await incidents.watch(incidentId, (look.standing === 'open' ? look.nextMs : 0) + SLACK_MS);
        return look;
      }),

    /** Tells the admins once, each by the first way that works. False: somebody could not be told yet. */
    tellIncident: ({ incidentId, occasion }: Of & { readonly occasion: IncidentOccasion }): Promise<boolean> =>
      beating(async () => tellAdmins(deps, await incidents.get(incidentId), occasion)),

    /** Has the next tickets looked at again; how many. None: all are, or the provider has failed anew. */
    lookAgainAt: ({ incidentId }: Of): Promise<number> =>
      beating(async () => {
        const { againPerSecond } = rulesOf(deps);
        const { provider } = await incidents.get(incidentId);
        await incidents.watch(incidentId, SLACK_MS);
        const ticketIds = await incidents.toLookAgain(incidentId, againPerSecond);
        for (const ticketId of ticketIds) {
          const said: LookAgain = { incidentId, source: 'healing', eventId: `${incidentId}/${ticketId}` };
          // A ticket whose workflow has ended needs no further fact.
          await unlessGone(() => here().client.workflow.getHandle(ticketWorkflowId(ticketId)).signal(lookAgain, said));
          await incidents.lookedAgain(provider, [ticketId]);
        }
        return ticketIds.length;
      }),

    endIncident: ({ incidentId }: Of): Promise<void> => beating(() => incidents.end(incidentId)),
  };
}

/** Why it failed; null: the provider is back. Without a probe it is when no call has failed since the last look. */
async function probe(deps: HealingParts, incident: Incident, call: Probe | undefined): Promise<string | null> {
  const { provider, probing } = incident;
  if (!call) {
    const since = Date.now() - probing.pauseMs;
    return (await deps.healing.incidents.failedSince(provider, since)) ? 'calls still fail' : null;
  }
  try {
    await call(AbortSignal.any([cancellationSignal(), AbortSignal.timeout(PROBE_MS)]));
    return null;
  } catch (error) {
    if (!(error instanceof ProviderError) || cancellationSignal().aborted) throw error;
    // Too fast for it, or not this text: it answers.
    return error.fault === 'call' ? null : error.reason;
  }
}

function rulesOf({ healing: { rules } }: HealingParts): HealingRules {
  if (rules) return rules;
  const { workflowExecution } = activityInfo();
  throw new StewardError(
    'InvalidConfig',
    `${workflowExecution?.workflowId ?? 'an incident'} needs policies/healing.yaml, which this worker has not`,
  );
}
