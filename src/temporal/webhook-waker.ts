import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { WEBHOOK_WORKFLOW, type WebhookArgs, webhooksDue, webhookWorkflowId } from '../contract.ts';

export interface WakerOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** Endpoints for which somebody has to begin; each is named to one who asks. */
  readonly wanting: () => Promise<readonly string[]>;
  /** Hears of the first of several failures in a row; all are tried again. */
  readonly onTrouble: (error: unknown) => void;
  readonly everyMs?: number;
}

/**
 * Looks for endpoints that have something to be told, and wakes or starts their workflows. Every worker process runs one. That a message
 * waits is written in the database with the change itself, so no word of it can be lost: who dies after writing is followed by another look.
 */
export function startWebhookWaker(options: WakerOptions): { stop(): Promise<void> } {
  const { client, taskQueue, wanting, onTrouble, everyMs = 500 } = options;
  const stopping = new AbortController();

  async function wake(endpoint: string): Promise<void> {
    await client.workflow.signalWithStart(WEBHOOK_WORKFLOW, {
      workflowId: webhookWorkflowId(endpoint),
      taskQueue,
      args: [{ endpoint } satisfies WebhookArgs],
      signal: webhooksDue,
      staticSummary: `Webhooks to ${endpoint}`,
    });
  }

  async function run(): Promise<void> {
    let wasWell = true;
    while (!stopping.signal.aborted) {
      try {
        await Promise.all((await wanting()).map(wake));
        wasWell = true;
      } catch (error) {
        if (wasWell) onTrouble(error);
        wasWell = false;
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
