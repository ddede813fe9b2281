import type { Payload } from '@temporalio/common';
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
    const summary = await textOf(steward, ticketWorkflowId(ticketId), event.userMetadata?.summary);
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

/** All that a ticket's history holds, as text: once as it lies there, once with every payload as the ticket reads it. */
export async function textsOf(steward: TestSteward, workflowId: string): Promise<{ lying: string; read: string }> {
  const { events } = await steward.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const [codec] = steward.composed.dataConverter.payloadCodecs ?? [];
  const context = { type: 'workflow', namespace: 'default', workflowId } as const;
  const read = async (value: unknown): Promise<unknown> => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString();
    if (Array.isArray(value)) return Promise.all(value.map(read));
    if (typeof value !== 'object' || value === null) return value;
    // 64-bit integers.
    if ('toNumber' in value) return String(value);
    const [inner] = isPayload(value) ? ((await codec?.decode([value], context)) ?? []) : [value];
    const entries = Object.entries(inner ?? {}).map(async ([key, one]) => [key, await read(one)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  const bytes = (_key: string, value: unknown) =>
    value instanceof Uint8Array || (value as { type?: unknown } | null)?.type === 'Buffer'
      ? Buffer.from((value as { data?: Uint8Array }).data ?? (value as Uint8Array)).toString('latin1')
      : value;
  return { lying: JSON.stringify(events, bytes), read: JSON.stringify(await read(events)) };
}

function isPayload(value: object): value is Payload {
  return 'metadata' in value && typeof value.metadata === 'object' && value.metadata !== null && 'data' in value;
}

/** Of a payload in a ticket's history, as the ticket reads it. */
async function textOf(steward: TestSteward, workflowId: string, payload: Payload | null | undefined): Promise<string> {
  if (!payload) return '';
  const context = { type: 'workflow', namespace: 'default', workflowId } as const;
  const [codec] = steward.composed.dataConverter.payloadCodecs ?? [];
  const [decoded] = (await codec?.decode([payload], context)) ?? [];
  return String(JSON.parse(Buffer.from(decoded?.data ?? []).toString()));
}
