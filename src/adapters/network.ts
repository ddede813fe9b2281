import { ProviderError } from '../domain/errors.ts';

/** Failures before the first byte of a request: the provider has done nothing. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * A request that got no answer. `effect`: it would have changed something, so that an answer lost on the way matters.
 * The reason is the error's code alone: messages carry addresses, and reasons end up in histories.
 */
export function noAnswer(provider: string, error: unknown, effect: boolean): ProviderError {
  const code = codeOf(error);
  const sent = !NEVER_SENT.has(code) && !/did not establish a connection/.test(messageOf(error));
  return new ProviderError(provider, `no answer (${code})`, { retryable: true, answerLost: effect && sent });
}

/** `fetch` and the AWS SDK wrap what happened; the innermost code says most. */
function codeOf(error: unknown): string {
  let found = 'unknown';
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause ?? firstOf(at), depth++) {
    if ('code' in at && typeof at.code === 'string') found = at.code;
    else if (found === 'unknown' && at.name !== 'Error' && at.name !== 'TypeError') found = at.name;
  }
  return found;
}

/** A host with several addresses fails with one error for each. */
function firstOf(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

/** `Retry-After` in ms, given in seconds or as a date; undefined when there is none to be read. */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : undefined;
}
