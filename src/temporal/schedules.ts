import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { MONTHLY_AUDIT_SCHEDULE, MONTHLY_AUDIT_WORKFLOW } from '../contract.ts';
import { MEASURED_AFTER_MINUTES } from '../domain/month.ts';

export interface SchedulesOptions {
  readonly taskQueue: string;
  readonly timeZone: string;
  /** For tests that share a server. */
  readonly monthlyAuditId?: string;
}

const DAY_MS = 24 * 3_600_000;
/** Whatever was away for as long as this, the months that it missed are made up for. */
const CATCH_UP_MS = 365 * DAY_MS;

/** Makes the schedules, or brings them up to date; a worker calls it at its start, and several may at once. */
export async function ensureSchedules(client: Client, options: SchedulesOptions): Promise<void> {
  const wanted = monthlyAuditSchedule(options);
  try {
    await client.schedule.create(wanted);
    return;
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const handle = client.schedule.getHandle(wanted.scheduleId);
  // Updated without need it would lose a month that fell due while nothing ran: what was before an update is not made up for.
  if (isCurrent(await handle.describe(), options)) return;
  const { spec, action, policies } = wanted;
  // Whether somebody has paused it stays as it is.
  await handle.update((previous) => ({ ...previous, spec, action, policies }));
}

function monthlyAuditSchedule({ taskQueue, timeZone, monthlyAuditId = MONTHLY_AUDIT_SCHEDULE }: SchedulesOptions) {
  return {
    scheduleId: monthlyAuditId,
    spec: { calendars: [{ dayOfMonth: 1, hour: 0, minute: MEASURED_AFTER_MINUTES }], timezone: timeZone },
    // No arguments: a schedule's are encrypted under the schedule's id, and the workflow could not open them.
    action: {
      type: 'startWorkflow' as const,
      workflowType: MONTHLY_AUDIT_WORKFLOW,
      workflowId: monthlyAuditId,
      taskQueue,
      args: [],
    },
    // One after another: each month's log begins where the last report ended.
    policies: { overlap: ScheduleOverlapPolicy.BUFFER_ALL, catchupWindow: CATCH_UP_MS },
  };
}

function isCurrent(
  { spec, action, policies }: ScheduleDescription,
  { taskQueue, timeZone }: SchedulesOptions,
): boolean {
  const [calendar, ...more] = spec.calendars ?? [];
  const at = (ranges: readonly { readonly start: number; readonly end: number }[] | undefined) =>
    ranges?.map(({ start, end }) => `${start}-${end}`).join();
  const minute = MEASURED_AFTER_MINUTES;
  return (
    more.length === 0 &&
    at(calendar?.dayOfMonth) === '1-1' &&
    at(calendar?.hour) === '0-0' &&
    at(calendar?.minute) === `${minute}-${minute}` &&
    spec.timezone === timeZone &&
    action.taskQueue === taskQueue &&
    action.workflowType === MONTHLY_AUDIT_WORKFLOW &&
    policies.overlap === ScheduleOverlapPolicy.BUFFER_ALL &&
    policies.catchupWindow === CATCH_UP_MS
  );
}
