import { ActivityCancellationType, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { KeptStep } from '../activities/erase/end-kept.ts';
import type { Activities } from '../activities/index.ts';
import type { RunsStep, SlackStep } from '../activities/retention.ts';
import type { RetentionArgs, RetentionResult } from '../contract.ts';
import { isSince } from './changes.ts';

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
  const { due, ...emptied } = await emptyTickets(args?.apply ?? false);
  // What was promised to a person: whatever the rule for tickets says.
  const kept = isSince('kept-data-ends') ? { kept: await endKept(emptied.tickets) } : {};
  const runs = isSince('runs-of-flows-end') ? { runs: await emptyRuns(args?.apply ?? false) } : {};
  // Last: whoever else fails is not kept waiting by Slack.
  const slack = isSince('slack-messages-go') ? { slack: await removeFromSlack(emptied.tickets, due) } : {};
  return { ...emptied, ...kept, ...runs, ...slack };
}

async function emptyRuns(apply: boolean): Promise<NonNullable<RetentionResult['runs']>> {
  const sum = { over: 0, held: 0 };
  let after: string | null = null;
  for (let batch = 1; batch <= MOST_BATCHES; batch++) {
    const done: RunsStep = await retaining.retainRuns(apply, after);
    sum.over += done.runs;
    sum.held += done.held;
    after = done.next;
    setCurrentDetails(
      `${sum.over} runs of flows ${done.applied ? 'have lost their traces' : 'are due'}, ${sum.held} are held by law`,
    );
    if (after === null) break;
  }
  return sum;
}

async function removeFromSlack(tickets: number, due: number): Promise<NonNullable<RetentionResult['slack']>> {
  const sum = { due, removed: 0, left: 0 };
  let fault: string | null = null;
  let after: string | null = '';
  for (let batch = 1; after !== null && batch <= MOST_BATCHES; batch++) {
    const { next, ...done }: SlackStep = await retaining.removeFromSlack(after);
    sum.removed += done.removed;
    sum.left += done.left;
    fault ??= done.fault;
    after = next;
    setCurrentDetails(
      `${tickets} tickets; in Slack ${sum.removed} messages are gone, ${due} are due` +
        (fault === null ? '' : `, ${sum.left} were not taken away: ${fault}`),
    );
  }
  return sum;
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

/** `due`: messages in Slack that would go with the tickets, where these are only counted. */
async function emptyTickets(apply: boolean): Promise<RetentionResult & { readonly due: number }> {
  let tickets = 0;
  for (let batch = 1; ; batch++) {
    const done = await (apply ? retaining.retainTickets(apply) : retaining.retainTickets());
    tickets += done.tickets;
    setCurrentDetails(
      `${tickets} tickets ${done.applied ? 'have lost their words' : 'are due'}, ${done.held} are held by law`,
    );
    if (!done.applied || !done.more || batch === MOST_BATCHES) {
      return { applied: done.applied, tickets, held: done.held, due: done.applied ? 0 : (done.slack ?? 0) };
    }
  }
}
