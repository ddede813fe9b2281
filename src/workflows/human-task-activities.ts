import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type Provider, providerQueue } from '../contract.ts';

/** PostgreSQL's and Temporal's own work: repeated without end, since what was decided must be kept, and told to the ticket that waits. */
export const keepingTask = proxyActivities<Activities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** A message that does not go out for so long goes by mail; where there is no other way, whom it asks is asked on. */
const TO_SEND = '15 minutes';
/** A message that can't be drawn for so long stays as it looks; who clicks at it is told how things stand. */
const TO_DRAW = '1 hour';
const TO_ANSWER = '10 minutes';

export function sendingTask(transport: 'ses' | 'slack' | 'outbox', summary: string): Pick<Activities, 'sendTask'> {
  return over(transport === 'outbox' ? null : transport === 'ses' ? 'mail' : 'slack', TO_SEND, summary);
}
export function drawingTask(summary: string): Pick<Activities, 'drawTask'> {
  return over('slack', TO_DRAW, summary);
}
export function answeringTask(): Pick<Activities, 'answerTaskClick'> {
  return over('slack', TO_ANSWER, 'Answer in private');
}

function over(provider: Provider | null, scheduleToCloseTimeout: string, summary: string): Activities {
  return proxyActivities<Activities>({
    ...(provider === null ? {} : { taskQueue: providerQueue(workflowInfo().taskQueue, provider) }),
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary,
  } as Parameters<typeof proxyActivities>[0]) as Activities;
}
