/** What endpoints are told of tickets: which messages there are, when one is tried again, and when an endpoint is left alone. */
import type { Json, JsonObject } from './json.ts';

export const WEBHOOK_EVENTS = [
  'ticket.created',
  'ticket.state_changed',
  'ticket.assigned',
  'ticket.priority_changed',
  'ticket.answered',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
/** Sent when an operator asks for it, to every endpoint that there is. */
export const TEST_EVENT = 'webhook.test';

export const WEBHOOK_STATUSES = ['pending', 'sent', 'failed', 'skipped'] as const;
/** `failed`: given up. `skipped`: the endpoint's format has no words for it. */
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];
export function isWebhookStatus(word: string): word is WebhookStatus {
  return WEBHOOK_STATUSES.some((status) => status === word);
}

export interface WebhookMessage {
  /** `webhook-id`: the same however often it is sent. */
  readonly messageId: string;
  /** Of two messages about a ticket the later one has the greater. */
  readonly sequence: number;
  readonly type: WebhookEvent | typeof TEST_EVENT;
  /** Null: of a test. */
  readonly ticketId: string | null;
  /** ISO 8601: when the change was written. */
  readonly at: string;
  /** Ids and labels: the ticket as it was after the change, and what of it was otherwise before. */
  readonly facts: JsonObject;
  /** Failed so far; those of probes are not counted. */
  readonly attempts: number;
  /** ISO 8601: its time counts from here on. */
  readonly dueFrom: string;
}

/** The body as Standard Webhooks lays it out. */
export function webhookBody({ type, at, ticketId, sequence, facts }: WebhookMessage): Json {
  return { type, timestamp: at, data: { ...(ticketId === null ? {} : { ticketId }), sequence, ...facts } };
}

/** How an endpoint is dealt with; times in ms. */
export interface WebhookRules {
  /** Pauses after the first failure, the second, …; after the last one a message is given up. */
  readonly retries: readonly number[];
  /** So many failures in a row open the circuit. */
  readonly openAfter: number;
  /** Until the first probe; each one that fails doubles it. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** Longer ones are somebody's mistake: nobody would notice that nothing goes out. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

const SHORTEST_HORIZON_MS = 24 * 3_600_000;

/** How long a message waits for an open circuit at most: somewhat longer than all its retries take, and not less than a day. */
export function horizonMs({ retries }: Pick<WebhookRules, 'retries'>): number {
  const all = retries.reduce((sum, pause) => sum + pause, 0) + (retries.at(-1) ?? 0);
  return Math.max(all, SHORTEST_HORIZON_MS);
}

export interface Failure {
  readonly retryAfterMs?: number | undefined;
  /** The receiver is there and turns down this message, not whoever calls. */
  readonly isRefusal?: boolean | undefined;
}

/** These say something of the receiver, its door or the moment: the next message would fare no better. */
const OF_RECEIVER: readonly number[] = [401, 403, 404, 408, 410, 425, 429];
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && !OF_RECEIVER.includes(status);
}

/** When a message goes out again, in epoch ms, after its `attempts`-th failure; null: it is given up. */
export function nextAttempt(rules: WebhookRules, attempts: number, failure: Failure, now: number): number | null {
  const pause = rules.retries[attempts - 1];
  if (pause === undefined) return null;
  return now + Math.max(pause, asked(failure));
}

/** Closed: everything goes out. Open: a probe at `probeAt`, and nothing else. Times in epoch ms. */
export interface Circuit {
  /** In a row. */
  readonly failures: number;
  readonly open: { readonly since: number; readonly probeAt: number; readonly pauseMs: number } | null;
}
export const CLOSED: Circuit = { failures: 0, open: null };

/**
 * After a failure. An endpoint that says when to come back is not called before that. One that refuses the message it is probed with is alive:
 * the circuit closes, or that message would hold up all others for as long as it waits.
 */
export function afterFailure(circuit: Circuit, rules: WebhookRules, failure: Failure, now: number): Circuit {
  if (circuit.open && failure.isRefusal) return CLOSED;
  const failures = circuit.failures + 1;
  if (circuit.open === null && failures < rules.openAfter && failure.retryAfterMs === undefined) {
    return { failures, open: null };
  }
  const pauseMs = circuit.open ? Math.min(2 * circuit.open.pauseMs, rules.longestPauseMs) : rules.firstPauseMs;
  const wait = Math.max(pauseMs, asked(failure));
  return { failures, open: { since: circuit.open?.since ?? now, probeAt: now + wait, pauseMs } };
}

function asked({ retryAfterMs = 0 }: Failure): number {
  return Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
}

/** Where an endpoint stands after a pass over its messages. */
export interface WebhookPass {
  /** In ms from now; null: nothing waits. */
  readonly nextMs: number | null;
  readonly waiting: number;
  readonly standing: 'closed' | 'open' | 'disabled' | 'removed';
}

/** For the Temporal Web UI. */
export function sayPass({ waiting, standing }: WebhookPass): string {
  const messages = waiting === 1 ? '1 message waits' : `${waiting} messages wait`;
  switch (standing) {
    case 'closed':
      return waiting === 0 ? 'Everything was sent' : `${messages}`;
    case 'open':
      return `The circuit is open: only probes go out; ${messages}`;
    case 'disabled':
      return 'The receiver has said that it is gone: nothing is sent';
    case 'removed':
      return 'No longer in policies/webhooks.yaml: nothing is sent';
  }
}
