import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { MeasuredMonth } from '../activities/monthly-audit.ts';
import { type MonthlyAuditResult, providerQueue, SCHEDULED_AT } from '../contract.ts';
import { failureOf } from './failure.ts';

const scheduledAt = defineSearchAttributeKey(SCHEDULED_AT, 'DATETIME');

/** The report of the month before: measured, kept, written as files, and mailed to the privacy officers. */
export async function monthlyAudit(): Promise<MonthlyAuditResult> {
  // A run by hand has no such time: it is about the month before its own start.
  const { typedSearchAttributes, startTime } = workflowInfo();
  const at = typedSearchAttributes.get(scheduledAt) ?? startTime;
  setCurrentDetails('measuring the month');
  const measured = await auditing.measureMonth(new Date(at).toISOString());
  const { month, outcome, sha256, differs, officers } = measured;
  await auditing.publishMonth(month);
  setCurrentDetails(`the report of ${month} is there; mailing it`);
  const notMailed: string[] = [];
  for (const officer of officers) if (!(await mail(measured, officer))) notMailed.push(officer);
  setCurrentDetails(`the report of ${month}: ${outcome}`);
  return { month, outcome, sha256, differs, notMailed };
}

/** There is a month until the next one: whatever is away is waited for. */
const patient: ActivityOptions = {
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
};

/** A log of years is verified in minutes; heartbeats tell that it goes on. */
const auditing = proxyActivities<Activities>({
  ...patient,
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '2 minutes',
});

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** False when the provider refused it for good. */
async function mail({ month, differs, mailQueue }: MeasuredMonth, officer: string): Promise<boolean> {
  const { taskQueue } = workflowInfo();
  const mailing = proxyActivities<Activities>({
    ...patient,
    startToCloseTimeout: '30s',
    ...(mailQueue ? { taskQueue: providerQueue(taskQueue, 'mail') } : {}),
  });
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      await mailing.mailMonth(month, officer, differs);
      return true;
    } catch (error) {
      const failure = failureOf(error);
      if (!failure.retryable) return false;
      await sleep(Math.max(pause, failure.retryAfterMs), { summary: `Mail to ${officer} again` });
    }
  }
}
