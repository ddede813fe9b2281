/** What workflows share that tell the admins of something until they have heard. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** Some messages, or a probe of ten seconds. A step that is lost with its worker is done again when that is noticed, and not in minutes. */
export function tellingSteps(lostAttemptMs: number) {
  return proxyActivities<Activities>({
    startToCloseTimeout: '3 minutes',
    heartbeatTimeout: lostAttemptMs,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

export const FIRST_PAUSE_MS = 5_000;
export const LONGEST_PAUSE_MS = 600_000;
/** Whoever could not be told for so long finds it in the lists. */
export const PATIENCE_MS = 24 * 3_600_000;
