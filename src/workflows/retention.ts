import { ActivityCancellationType, patched, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { KeptStep } from '../activities/erase/end-kept.ts';
import type { Activities } from '../activities/index.ts';
import type { RetentionArgs, RetentionResult } from '../contract.ts';

const retaining = proxyActivities<Activities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** What is left after so many batches, the next night takes. */
const MOST_BATCHES = 200;

/** Takes the words out of tickets that have been closed for long, where the policy says that this goes by itself or somebody asks for it; else counts them. */
export async function retention(args?: RetentionArgs): Promise<RetentionResult> {
  const emptied = await emptyTickets(args?.apply ?? false);
  // What was promised to a person: whatever the rule for tickets says.
  return patched('kept-data-ends') ? { ...emptied, kept: await endKept(emptied.tickets) } : emptied;
}

async function endKept(tickets: number): Promise<NonNullable<RetentionResult['kept']>> {
  const sum = { ended: 0, kept: 0, unclear: 0 };
  let fault: string | null = null;
  let after: string | null = '';
  for (let batch = 1; after !== null && batch <= MOST_BATCHES; batch++) {
    const { next, ...done }: KeptStep = await retaining.endKept(after);
    sum.ended += done.ended;
    sum.kept += done.kept;
    sum.unclear += done.unclear;
    fault ??= done.fault;
    after = next;
    setCurrentDetails(
      `${tickets} tickets; of what erasures kept ${sum.ended} ended, ${sum.kept} requests still keep something` +
        (fault === null ? '' : `; ${sum.unclear} are unclear, and keep it: ${fault}`),
    );
  }
  return sum;
}

async function emptyTickets(apply: boolean): Promise<RetentionResult> {
  let tickets = 0;
  for (let batch = 1; ; batch++) {
    const done = await (apply ? retaining.retainTickets(apply) : retaining.retainTickets());
    tickets += done.tickets;
    setCurrentDetails(
      `${tickets} tickets ${done.applied ? 'have lost their words' : 'are due'}, ${done.held} are held by law`,
    );
    if (!done.applied || !done.more || batch === MOST_BATCHES) {
      return { applied: done.applied, tickets, held: done.held };
    }
  }
}
