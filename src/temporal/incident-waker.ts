import type { Client } from '@temporalio/client';
import { HEAL_WORKFLOW, type HealArgs, healWorkflowId, incidentDue } from '../contract.ts';
import { PROVIDER_NAMES } from '../domain/circuit.ts';
import { startWaker, type Waker, type WakerOptions } from './waker.ts';

export interface IncidentWakerOptions extends Pick<WakerOptions<HealArgs>, 'wanting' | 'onTrouble'> {
  readonly client: Client;
  readonly taskQueue: string;
  readonly lostAttemptMs: number;
  readonly everyMs?: number;
}

/** Looks for incidents at which nobody is, and wakes or starts their workflows: the id makes one of several starts. */
export function startIncidentWaker({
  client,
  taskQueue,
  lostAttemptMs,
  everyMs = 500,
  ...looking
}: IncidentWakerOptions): Waker {
  return startWaker({
    ...looking,
    everyMs,
    async wake(incident) {
      await client.workflow.signalWithStart(HEAL_WORKFLOW, {
        workflowId: healWorkflowId(incident),
        taskQueue,
        args: [{ ...incident, lostAttemptMs }],
        signal: incidentDue,
        staticSummary: `${PROVIDER_NAMES[incident.provider]} fails: incident ${incident.incidentId}`,
      });
    },
  });
}
