import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { MONTHLY_AUDIT_SCHEDULE, MONTHLY_AUDIT_WORKFLOW, RETENTION_SCHEDULE, RETENTION_WORKFLOW } from '../contract.ts';
import { MEASURED_AFTER_MINUTES } from '../domain/month.ts';

export interface SchedulesOptions {
  readonly taskQueue: string;
  readonly timeZone: string;
  /** For tests that share a server: behind the schedules' ids. */
  readonly suffix?: string;
}

interface Plan {
  readonly scheduleId: string;
  readonly workflowType: string;
  /** Without a day: every day. */
  readonly at: { readonly dayOfMonth?: number; readonly hour: number; readonly minute: number };
  readonly overlap: ScheduleOverlapPolicy;
  /** Whatever was away for as long as this, what it missed is made up for. */
  readonly catchUpMs: number;
}

const DAY_MS = 24 * 3_600_000;
const PLANS: readonly Plan[] = [
  {
    scheduleId: MONTHLY_AUDIT_SCHEDULE,
    workflowType: MONTHLY_AUDIT_WORKFLOW,
    at: { dayOfMonth: 1, hour: 0, minute: MEASURED_AFTER_MINUTES },
    // One after another: each month's log begins where the last report ended.
    overlap: ScheduleOverlapPolicy.BUFFER_ALL,
    catchUpMs: 365 * DAY_MS,
  },
  {
    scheduleId: RETENTION_SCHEDULE,
    workflowType: RETENTION_WORKFLOW,
    at: { hour: 2, minute: 30 },
    overlap: ScheduleOverlapPolicy.SKIP,
    catchUpMs: DAY_MS,
  },
];

/** Makes the schedules, or brings them up to date; a worker calls it at its start, and several may at once. */
export async function ensureSchedules(client: Client, options: SchedulesOptions): Promise<void> {
  for (const plan of PLANS) await ensure(client, plan, options);
}

async function ensure(client: Client, plan: Plan, options: SchedulesOptions): Promise<void> {
  const { taskQueue, timeZone, suffix = '' } = options;
  const scheduleId = `${plan.scheduleId}${suffix}`;
  const wanted = {
    spec: { calendars: [plan.at], timezone: timeZone },
    // No arguments: a schedule's are encrypted under the schedule's id, and the workflow could not open them.
    action: {
      type: 'startWorkflow' as const,
      workflowType: plan.workflowType,
      workflowId: scheduleId,
      taskQueue,
      args: [],
    },
    policies: { overlap: plan.overlap, catchupWindow: plan.catchUpMs },
  };
  try {
    await client.schedule.create({ scheduleId, ...wanted });
    return;
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const handle = client.schedule.getHandle(scheduleId);
  // Updated without need it would lose what fell due while nothing ran: what was before an update is not made up for.
  if (isCurrent(await handle.describe(), plan, options)) return;
  // Whether somebody has paused it stays as it is.
  await handle.update((previous) => ({ ...previous, ...wanted }));
}

function isCurrent({ spec, action, policies }: ScheduleDescription, plan: Plan, options: SchedulesOptions): boolean {
  const [calendar, ...more] = spec.calendars ?? [];
  const { dayOfMonth: day, hour, minute } = plan.at;
  const at = (ranges: readonly { readonly start: number; readonly end: number }[] | undefined) =>
    ranges?.map(({ start, end }) => `${start}-${end}`).join();
  return (
    more.length === 0 &&
    at(calendar?.dayOfMonth) === (day === undefined ? '1-31' : `${day}-${day}`) &&
    at(calendar?.hour) === `${hour}-${hour}` &&
    at(calendar?.minute) === `${minute}-${minute}` &&
    spec.timezone === options.timeZone &&
    action.taskQueue === options.taskQueue &&
    action.workflowType === plan.workflowType &&
    policies.overlap === plan.overlap &&
    policies.catchupWindow === plan.catchUpMs
  );
}
