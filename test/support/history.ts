import { tsToMs } from '@temporalio/common/lib/time.js';
import { ticketWorkflowId } from '../../src/contract.ts';
import type { TestSteward } from './steward.ts';

/** What a ticket's history says of its normal activities and timers: times of the server's clock, in epoch ms. */
export interface Told {
  readonly activities: readonly ToldActivity[];
  readonly timers: readonly ToldTimer[];
}
export interface ToldTimer {
  readonly summary: string;
  readonly at: number;
  readonly ms: number;
  readonly outcome: 'open' | 'fired' | 'cancelled';
}
export interface ToldActivity {
  readonly name: string;
  readonly summary: string;
  readonly scheduledAt: number;
  readonly scheduleToCloseMs: number;
  /** Attempts that Temporal made of it. */
  readonly attempts: number;
  readonly closedAt: number | null;
  readonly outcome: 'open' | 'completed' | 'failed' | 'timedOut';
}

export async function historyOf(steward: TestSteward, ticketId: string): Promise<Told> {
  const handle = steward.temporal.client.workflow.getHandle(ticketWorkflowId(ticketId));
  const { events } = await handle.fetchHistory();
  const activities = new Map<string, ToldActivity>();
  const timers = new Map<string, ToldTimer>();
  const patch = (id: unknown, with_: Partial<ToldActivity>) => {
    const known = activities.get(String(id));
    if (known) activities.set(String(id), { ...known, ...with_ });
  };
  const end = (id: unknown, outcome: ToldTimer['outcome']) => {
    const known = timers.get(String(id));
    if (known) timers.set(String(id), { ...known, outcome });
  };
  for (const event of events ?? []) {
    const at = tsToMs(event.eventTime);
    const summary = textOf(event.userMetadata?.summary?.data);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      activities.set(String(event.eventId), {
        name: scheduled.activityType?.name ?? '',
        summary,
        scheduledAt: at,
        scheduleToCloseMs: tsToMs(scheduled.scheduleToCloseTimeout),
        attempts: 0,
        closedAt: null,
        outcome: 'open',
      });
    }
    const started = event.activityTaskStartedEventAttributes;
    if (started) patch(started.scheduledEventId, { attempts: started.attempt ?? 0 });
    const { activityTaskCompletedEventAttributes: completed, activityTaskFailedEventAttributes: failed } = event;
    const timedOut = event.activityTaskTimedOutEventAttributes;
    if (completed) patch(completed.scheduledEventId, { closedAt: at, outcome: 'completed' });
    if (failed) patch(failed.scheduledEventId, { closedAt: at, outcome: 'failed' });
    if (timedOut) patch(timedOut.scheduledEventId, { closedAt: at, outcome: 'timedOut' });
    const timer = event.timerStartedEventAttributes;
    if (timer) {
      timers.set(String(event.eventId), { summary, at, ms: tsToMs(timer.startToFireTimeout), outcome: 'open' });
    }
    end(event.timerFiredEventAttributes?.startedEventId, 'fired');
    end(event.timerCanceledEventAttributes?.startedEventId, 'cancelled');
  }
  return { activities: [...activities.values()], timers: [...timers.values()] };
}

function textOf(data: Uint8Array | null | undefined): string {
  return data ? String(JSON.parse(Buffer.from(data).toString())) : '';
}
