import { ActivityCancellationType, type ActivityOptions, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ToTell } from '../activities/erase/tell.ts';
import type { Activities } from '../activities/index.ts';
import { providerQueue } from '../contract.ts';

/** An erasure has a month, so no step of it is hurried; but one that was lost with its worker must not wait for long. */
const LOST_AFTER = '30s';

const again: ActivityOptions = {
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '15s' },
  // After that it is parked: visible, with its cause, and tried again by itself now and then.
  scheduleToCloseTimeout: '10 minutes',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
};

/** Short steps on our own database. */
export function erasing(): Activities {
  return proxyActivities<Activities>({ ...again, startToCloseTimeout: LOST_AFTER });
}

/** Steps that go through many things; they show by heartbeats that they are alive. */
export function patiently(): Activities {
  return proxyActivities<Activities>({
    ...again,
    scheduleToCloseTimeout: '1 hour',
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: LOST_AFTER,
  });
}

/** Which providers have a queue of their own here. */
interface Queued {
  readonly queues: { readonly mail: boolean; readonly slack: boolean };
}

/** Mail goes over its provider's queue, whose rate limit is the provider's quota. */
export function mailing(matter: Queued): Activities {
  return overQueue(matter.queues.mail ? 'mail' : null);
}

export function telling(matter: Queued, { kind }: ToTell): Activities {
  // What a recipient answers, or does not answer in time, ends it: then it is asked again beside the erasure. Only what is no word of
  // theirs is repeated, such as a database that is away or a worker that died; none of it may make them count as silent at once.
  return overQueue(matter.queues.slack && kind === 'slack' ? 'slack' : null, { scheduleToCloseTimeout: '2 minutes' });
}

function overQueue(provider: 'mail' | 'slack' | null, options: ActivityOptions = {}): Activities {
  const { taskQueue } = workflowInfo();
  return proxyActivities<Activities>({
    ...again,
    ...options,
    startToCloseTimeout: LOST_AFTER,
    ...(provider ? { taskQueue: providerQueue(taskQueue, provider) } : {}),
  });
}
