import {
  ActivityCancellationType,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type WebhookArgs, webhooksDue } from '../contract.ts';
import { sayPass, type WebhookPass } from '../domain/webhook.ts';

/** A pass lasts a minute, and a round in it as long as the receiver may take. A worker that died is noticed by its silence. */
const sending = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** With nothing to do for so long it ends; the next message starts it again. */
const IDLE = '10 minutes';

/**
 * Tells one endpoint what happens to tickets, for as long as anything waits: what is to be told, and when it is tried again, lies in
 * `webhook_messages`. One workflow an endpoint: a receiver that is away for days costs the others nothing.
 */
export async function tellWebhooks(args: WebhookArgs): Promise<void> {
  let due = false;
  setHandler(webhooksDue, () => {
    due = true;
  });
  while (!workflowInfo().continueAsNewSuggested) {
    due = false;
    const pass = await sending.sendWebhooks(args);
    setCurrentDetails(sayPass(pass));
    const isDue = await condition(() => due, pass.nextMs === null ? IDLE : Math.max(1, pass.nextMs), {
      summary: summaryOf(pass),
    });
    if (!isDue && pass.nextMs === null) return;
  }
  await continueAsNew<typeof tellWebhooks>(args);
}

function summaryOf({ nextMs, standing }: WebhookPass): string {
  if (nextMs === null) return 'Until there is something to tell';
  return standing === 'open' ? 'Until the next probe' : 'Until the next attempt';
}
