import type { Client } from '@temporalio/client';
import { WEBHOOK_WORKFLOW, type WebhookArgs, webhooksDue, webhookWorkflowId } from '../contract.ts';
import { startWaker, type Waker, type WakerOptions } from './waker.ts';

export interface WebhookWakerOptions extends Pick<WakerOptions<string>, 'wanting' | 'onTrouble'> {
  readonly client: Client;
  readonly taskQueue: string;
  readonly everyMs?: number;
}

/** Looks for endpoints that have something to be told, and wakes or starts their workflows. */
export function startWebhookWaker({ client, taskQueue, everyMs = 500, ...looking }: WebhookWakerOptions): Waker {
  return startWaker({
    ...looking,
    everyMs,
    async wake(endpoint) {
      await client.workflow.signalWithStart(WEBHOOK_WORKFLOW, {
        workflowId: webhookWorkflowId(endpoint),
        taskQueue,
        args: [{ endpoint } satisfies WebhookArgs],
        signal: webhooksDue,
        staticSummary: `Webhooks to ${endpoint}`,
      });
    },
  });
}
