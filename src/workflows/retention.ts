import { ActivityCancellationType, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { RetentionResult } from '../contract.ts';

const retaining = proxyActivities<Activities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** What is left after so many batches, the next night takes. */
const MOST_BATCHES = 200;

/** Takes the words out of tickets that have been closed for long, where the policy says that this goes by itself; else counts them. */
export async function retention(): Promise<RetentionResult> {
  let tickets = 0;
  for (let batch = 1; ; batch++) {
    const done = await retaining.retainTickets();
    tickets += done.tickets;
    setCurrentDetails(
      `${tickets} tickets ${done.applied ? 'have lost their words' : 'are due'}, ${done.held} are held by law`,
    );
    if (!done.applied || !done.more || batch === MOST_BATCHES) {
      return { applied: done.applied, tickets, held: done.held };
    }
  }
}
