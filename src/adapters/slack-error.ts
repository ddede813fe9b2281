import {
  SlackError,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { ProviderError } from '../domain/errors.ts';
import { noAnswer, retryAfterMs } from './network.ts';

/** Slack's own words for "again later". Every other refusal (unknown channel, bad token, missing scope, …) stays as it is. */
const AGAIN_LATER = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
const TOO_FAST = new Set(['ratelimited', 'rate_limited']);
/** Whoever calls with this token is refused. */
const NOT_LET_IN = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
]);
/** "It's possible some aspect of the operation succeeded before the error was raised" (docs.slack.dev, chat.postMessage). */
const PERHAPS_DONE = new Set(['internal_error', 'fatal_error']);

/** An error of Slack's client as ours. `effect`: the call posts something. */
export function slackError(error: unknown, effect: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof WebAPIRateLimitedError) {
    return new ProviderError('slack', 'rate limited', {
      retryable: true,
      retryAfterMs: error.retryAfter * 1000,
      fault: 'pace',
    });
  }
  if (error instanceof WebAPIHTTPError) {
    const { statusCode } = error;
    const retryable = statusCode >= 500 || statusCode === 408 || statusCode === 429;
    const wait = retryAfterMs(error.headers['retry-after'], Date.now());
    const answerLost = effect && statusCode >= 500;
    const fault = statusCode === 429 ? 'pace' : retryable ? 'provider' : 'call';
    return new ProviderError('slack', `HTTP ${statusCode}`, { retryable, retryAfterMs: wait, answerLost, fault });
  }
  if (error instanceof WebAPIPlatformError) return refusal(error, effect);
  if (error instanceof WebAPIRequestError) return noAnswer('slack', error.original, effect);
  // The client throws a plain Error for a 429 that doesn't say how long to wait.
  if (error instanceof Error && !(error instanceof SlackError) && error.message.startsWith('Retry header')) {
    return new ProviderError('slack', 'rate limited', { retryable: true, fault: 'pace' });
  }
  return noAnswer('slack', error, effect);
}

function refusal(error: WebAPIPlatformError, effect: boolean): ProviderError {
  const reason: unknown = error.data.error;
  // An answer that is no JSON comes as its whole text: not from Slack, and not fit for a log.
  if (typeof reason !== 'string' || !/^[a-z0-9_]{1,80}$/.test(reason)) {
    return new ProviderError('slack', 'the answer is not of Slack', { retryable: true, answerLost: effect });
  }
  return new ProviderError('slack', reason, {
    retryable: AGAIN_LATER.has(reason),
    answerLost: effect && PERHAPS_DONE.has(reason),
    fault: faultOf(reason),
  });
}

function faultOf(reason: string): ProviderError['fault'] {
  if (TOO_FAST.has(reason)) return 'pace';
  return AGAIN_LATER.has(reason) || NOT_LET_IN.has(reason) ? 'provider' : 'call';
}
