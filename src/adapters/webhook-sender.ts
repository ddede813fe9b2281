import type { IncomingMessage } from 'node:http';
import type { WebhookAnswer, WebhookEndpoint } from '../deps-webhooks.ts';
import type { Json } from '../domain/json.ts';
import { isRefusal, type WebhookMessage, type WebhookRules } from '../domain/webhook.ts';
import { isPrivate, requestGuarded } from './guarded-request.ts';
import { noAnswer, retryAfterMs } from './network.ts';
import { signWebhook } from './standard-webhooks.ts';

export interface WebhookSenderSettings {
  readonly name: string;
  readonly url: string;
  /** Signed with each. */
  readonly secrets: readonly string[];
  /** Null: there is nothing to say. */
  readonly bodyOf: (message: WebhookMessage) => Json | null;
  readonly rules: WebhookRules;
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number;
  /** `public`: names and addresses that lead into our own network are refused; this machine by its own name is not. */
  readonly addresses: 'public' | 'any';
  readonly now?: () => number;
}

/** An answer is its status; of what else a receiver says nobody needs more. */
const MOST_ANSWER_BYTES = 64 * 1024;

/**
 * Sends a message as Standard Webhooks says. 2xx is a yes, 410 says that the receiver is no more, anything else is a failure; redirects too:
 * a receiver that has moved has to be named anew. Errors are told by their codes: what a receiver says may quote what it was sent.
 */
export function createWebhookSender(settings: WebhookSenderSettings): WebhookEndpoint {
  const { name, rules, secrets, bodyOf, now = Date.now } = settings;
  const url = new URL(settings.url);
  return {
    name,
    rules,
    async send(message): Promise<WebhookAnswer> {
      const content = bodyOf(message);
      if (content === null) return { outcome: 'skipped' };
      const body = JSON.stringify(content);
      const headers = { ...signWebhook({ id: message.messageId, body, now: now() }, secrets), 'user-agent': 'Steward' };
      let answer: IncomingMessage;
      try {
        answer = await post(url, settings, headers, body);
      } catch (error) {
        return { outcome: 'failed', reason: reasonOf(error) };
      }
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) return { outcome: 'taken' };
      if (status === 410) return { outcome: 'gone' };
      const retryAfter = status === 429 || status === 503 ? answer.headers['retry-after'] : undefined;
      const reason = `HTTP ${status}`;
      return {
        outcome: 'failed',
        reason,
        retryAfterMs: retryAfterMs(retryAfter, now()),
        ...(isRefusal(status) ? { isRefusal: true } : {}),
      };
    },
  };
}

function reasonOf(error: unknown): string {
  if (isPrivate(error)) return 'its address is not public (STEWARD_WEBHOOK_ADDRESSES)';
  return noAnswer('', error, true).reason;
}

async function post(
  url: URL,
  { addresses, timeoutMs }: Pick<WebhookSenderSettings, 'addresses' | 'timeoutMs'>,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<IncomingMessage> {
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await requestGuarded(url, { method: 'POST', headers, body, addresses, signal });
  // What it says with its status stands, whatever becomes of the rest: that is read away, so that the connection can be used again.
  let bytes = 0;
  answer.on('error', () => {});
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > MOST_ANSWER_BYTES) answer.destroy();
  });
  return answer;
}
