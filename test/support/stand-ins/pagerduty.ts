import { type Answer, type Asked, json, retryHeader, type StandIn, startStandIn } from './server.ts';

export interface PagerDutyEvent {
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedup_key: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}
export interface Incident {
  readonly key: string;
  status: 'triggered' | 'acknowledged' | 'resolved';
}
export interface PagerDutyStandIn extends StandIn {
  readonly key: string;
  /** What was taken, oldest first. */
  readonly events: PagerDutyEvent[];
  /** What PagerDuty makes of them: a trigger opens one, or joins the open one of its key. */
  readonly incidents: Incident[];
  /** Events of this action wait on their way until they are let go; others pass them by. */
  hold(action: PagerDutyEvent['event_action']): { release(): void };
}

export const PAGERDUTY_KEY = 'a'.repeat(32);
const SEVERITIES = ['critical', 'error', 'warning', 'info'];

/** Checks what the Events API v2 checks: the routing key, the action, the key's length, and the payload of a trigger. */
export async function startPagerDuty(): Promise<PagerDutyStandIn> {
  const events: PagerDutyEvent[] = [];
  const incidents: Incident[] = [];
  let held: { readonly action: string; readonly over: Promise<void> } | undefined;

  function take(event: PagerDutyEvent): void {
    events.push(event);
    const open = incidents.findLast(({ key, status }) => key === event.dedup_key && status !== 'resolved');
    if (event.event_action === 'trigger') {
      if (!open) incidents.push({ key: event.dedup_key, status: 'triggered' });
    } else if (open) open.status = event.event_action === 'acknowledge' ? 'acknowledged' : 'resolved';
  }

  async function work({ method, path, body, headers }: Asked): Promise<Answer> {
    if (method !== 'POST' || path !== '/v2/enqueue') return json(404, {});
    const event = parse(body);
    const errors = headers['content-type']?.startsWith('application/json') ? faults(event) : ['not JSON'];
    if (errors.length > 0 || event === undefined) {
      return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
    }
    if (held && held.action === event.event_action) await held.over;
    take(event as unknown as PagerDutyEvent);
    return json(202, { status: 'success', message: 'Event processed', dedup_key: event.dedup_key });
  }

  const server = await startStandIn({
    action: ({ body }) => String(parse(body)?.event_action),
    work,
    refuse: (failure, retryAfter) =>
      failure === '429'
        ? json(429, { message: 'Too Many Requests' }, retryHeader(retryAfter))
        : { status: 500, body: 'Internal Server Error' },
  });
  return Object.assign(server, {
    key: PAGERDUTY_KEY,
    events,
    incidents,
    hold(action: PagerDutyEvent['event_action']) {
      let release = () => {};
      const over = new Promise<void>((resolve) => {
        release = () => {
          held = undefined;
          resolve();
        };
      });
      held = { action, over };
      return { release };
    },
  });
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function faults(event: Record<string, unknown> | undefined): string[] {
  if (event === undefined) return ['not JSON'];
  const { routing_key, event_action, dedup_key, payload } = event;
  const found: string[] = [];
  if (routing_key !== PAGERDUTY_KEY) found.push("'routing_key' is invalid");
  if (!['trigger', 'acknowledge', 'resolve'].includes(String(event_action))) found.push("'event_action' is invalid");
  if (typeof dedup_key !== 'string' || dedup_key.length > 255) found.push("'dedup_key' is missing or too long");
  if (event_action !== 'trigger') return found;
  const { summary, source, severity } = (payload ?? {}) as Record<string, unknown>;
  if (typeof summary !== 'string' || summary === '' || summary.length > 1_024)
    found.push("'payload.summary' is missing");
  if (typeof source !== 'string' || source === '') found.push("'payload.source' is missing");
  if (!SEVERITIES.includes(String(severity))) found.push("'payload.severity' is invalid");
  return found;
}
