import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { CANARY_WORKFLOW, type CanaryArgs, canaryWorkflowId } from '../contract.ts';
import { startWaker, type Waker, type WakerOptions } from './waker.ts';

export interface CanaryWakerOptions extends Pick<WakerOptions<CanaryArgs>, 'wanting' | 'onTrouble'> {
  readonly client: Client;
  readonly taskQueue: string;
  readonly everyMs?: number;
}

/** Sees to it that each canary under way is watched: the id makes one of several starts, and one that is gone is begun anew. */
export function startCanaryWaker({ client, taskQueue, everyMs = 2_000, ...looking }: CanaryWakerOptions): Waker {
  return startWaker({
    ...looking,
    everyMs,
    async wake(canary) {
      try {
        await client.workflow.start(CANARY_WORKFLOW, {
          workflowId: canaryWorkflowId(canary),
          taskQueue,
          args: [canary],
          staticSummary: `Watches a canary of flow ${canary.name}`,
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  });
}
