import { z } from 'zod';
import type { PageEvent, Pager } from '../deps.ts';
import { ProviderError } from '../domain/errors.ts';
import { noAnswer, retryAfterMs } from './network.ts';
import { cutText } from './text.ts';

export interface PagerDutySettings {
  /** The integration key of a service's Events API v2 integration. */
  readonly key: string;
  /** `https://events.pagerduty.com`, or that of the service region. */
  readonly url: string;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 10_000;
/** The limit of `payload.summary` (PagerDuty, Events API v2). */
const MAX_SUMMARY = 1_024;
const Answer = z.object({ status: z.string() });

/**
 * PagerDuty by its Events API v2. An event whose answer was lost is simply sent again: those with one deduplication key are one incident.
 * Returns the key.
 */
export function createPagerDuty({ key, url, timeoutMs = TIMEOUT_MS }: PagerDutySettings): Pager {
  return {
    async send(event, signal) {
      if (signal.aborted) throw new ProviderError('pagerduty', 'cancelled before sending', { retryable: true });
      const { status, headers, text } = await post(
        `${url}/v2/enqueue`,
        JSON.stringify({ routing_key: key, ...eventOf(event) }),
        AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      );
      if (status === 202 && Answer.safeParse(jsonOf(text)).data?.status === 'success') return event.dedupKey;
      const isAccepted = status >= 200 && status < 300;
      throw new ProviderError('pagerduty', isAccepted ? 'the answer is not of PagerDuty' : `HTTP ${status}`, {
        // 400: the event is not valid; 403 and others: the key is not. Neither gets better by itself.
        retryable: isAccepted || status >= 500 || status === 408 || status === 429,
        retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.now()),
        answerLost: isAccepted || status >= 500,
        ...(status === 429 ? { fault: 'pace' as const } : status === 403 ? { fault: 'provider' as const } : {}),
      });
    },
  };
}

async function post(url: string, body: string, signal: AbortSignal) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      signal,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    throw noAnswer('pagerduty', error, true);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function eventOf({ action, dedupKey, severity, summary, text, link, ticketId }: PageEvent) {
  const event = { event_action: action, dedup_key: dedupKey };
  if (action !== 'trigger') return event;
  return {
    ...event,
    client: 'Steward',
    client_url: link,
    links: [{ href: link, text: 'The ticket in the Temporal Web UI' }],
    payload: {
      summary: cutText(summary, MAX_SUMMARY),
      source: 'steward',
      severity,
      component: ticketId,
      class: 'ticket waits for a person',
      custom_details: { ticket: ticketId, text },
    },
  };
}
