import type { SlackCopies, SlackCopy } from '../deps.ts';
import type { Notice, Recipient } from '../deps-erasure.ts';
import type { Particulars } from '../deps-erasure-store.ts';
import { ProviderError } from '../domain/errors.ts';
import type { Category } from '../domain/privacy-policy.ts';
import { noAnswer, retryAfterMs } from './network.ts';
import { signWebhook } from './standard-webhooks.ts';

const TIMEOUT_MS = 15_000;

/** Removes what we wrote about the person in Slack. Who read it has read it; it no longer stands there. */
export function createSlackRecipient(name: string, categories: readonly Category[], slack: SlackCopies): Recipient {
  return {
    name,
    kind: 'slack',
    categories,
    async tell({ categories: erased, particulars }, signal) {
      // What stands there is what was said: where that is kept, it stays.
      if (!erased.includes('conversations')) return 'nothing';
      const copies = slackCopies(particulars);
      // Again from the start when one of them failed: one that is gone already does no harm.
      const error = await slack.takeAway(copies, async () => {}, signal);
      if (error) throw error;
      return copies.length === 0 ? 'nothing' : 'told';
    },
  };
}

export function slackCopies({ slack, slackLost = [] }: Pick<Particulars, 'slack' | 'slackLost'>): SlackCopy[] {
  return [...slack.map((messageId) => ({ messageId })), ...slackLost.map((lost) => ({ messageId: null, lost }))];
}

export interface HttpRecipientSettings {
  readonly name: string;
  readonly kind: 'crm' | 'webhook';
  readonly categories: readonly Category[];
  readonly url: string;
  /** Shared with the receiver, as it is or, as Standard Webhooks writes secrets, base64 behind `whsec_`; 24 bytes or more. */
  readonly secret: string;
  readonly now?: () => number;
}

/**
 * Tells a receiver by HTTP whose data has to go: `POST` of JSON, signed as Standard Webhooks 1.0.0 says (`webhook-id`,
 * `webhook-timestamp`, `webhook-signature: v1,<base64 HMAC-SHA256>`). The id is the same however often it is sent.
 */
export function createHttpRecipient({
  name,
  kind,
  categories,
  url,
  secret,
  now = Date.now,
}: HttpRecipientSettings): Recipient {
  return {
    name,
    kind,
    categories,
    async tell(notice, signal) {
      // Another word than that of the erasure, which has its own.
      const what = notice.later ? `-${[...notice.categories].sort().join('-')}` : '';
      const id = `${notice.requestId}-${name}${what}`;
      const body = bodyOf(notice);
      let response: Response;
      try {
        response = await fetch(url, {
          method: 'POST',
          body,
          // A receiver that has moved has to be named anew: personal data follows no redirect.
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
          headers: signWebhook({ id, body, now: now() }, [secret]),
        });
        await response.body?.cancel();
      } catch (error) {
        throw noAnswer(name, error, false);
      }
      if (response.ok) return 'told';
      // Gone: the receiver is no more, or knows nobody of that name.
      if (response.status === 410) return 'nothing';
      const retryable = response.status >= 500 || response.status === 429 || response.status === 408;
      const wait = retryAfterMs(response.headers.get('retry-after'), now());
      throw new ProviderError(name, `HTTP ${response.status}`, { retryable, retryAfterMs: wait });
    },
  };
}

function bodyOf({ requestId, categories, particulars }: Notice): string {
  const { customerIds, emails, phones } = particulars;
  return JSON.stringify({ type: 'subject.erased', requestId, categories, subject: { customerIds, emails, phones } });
}
