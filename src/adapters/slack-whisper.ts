import { ProviderError } from '../domain/errors.ts';
import { noAnswer, retryAfterMs } from './network.ts';
import { escapeMrkdwn } from './slack-client.ts';

/** Slack's hosts for answers to a click; of an API at another address, that one's. */
const HOSTS = ['https://hooks.slack.com', 'https://hooks.slack-gov.com'];
const TIMEOUT_MS = 5_000;

/** Says something at a click's own address, so that only who clicked sees it. @throws ProviderError */
export function createWhisper(apiUrl: string | undefined) {
  const hosts = apiUrl === undefined ? HOSTS : [new URL(apiUrl).origin];
  return async (answerUrl: string, text: string, signal: AbortSignal): Promise<void> => {
    // It is signed by Slack with the rest of the click; yet we go nowhere else.
    if (!URL.canParse(answerUrl) || !hosts.includes(new URL(answerUrl).origin)) {
      throw new ProviderError('slack', 'the answer’s address is not of Slack', { retryable: false });
    }
    const asked = fetch(answerUrl, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: escapeMrkdwn(text) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const response = await asked.catch((error: unknown) => {
      throw noAnswer('slack', error, false);
    });
    await response.body?.cancel();
    if (response.ok) return;
    throw new ProviderError('slack', `HTTP ${response.status}`, {
      retryable: response.status >= 500 || response.status === 429,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    });
  };
}
