import { ProviderError } from '../domain/errors.ts';
import type { Secret } from '../secret.ts';
import { noAnswer, retryAfterMs } from './network.ts';

export interface AwsSettings {
  readonly region: string;
  /** Another address than AWS's own, for a local stand-in. */
  readonly endpoint?: string | undefined;
  /** Without them the SDK looks where AWS users keep theirs: environment, profile, role. */
  readonly credentials?: AwsCredentials | undefined;
  /** How long an answer may take, 10 s unless told. */
  readonly timeoutMs?: number | undefined;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys that are lent for a while. */
  readonly sessionToken?: string;
}
/** The same as our settings have them. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
}

const TIMEOUT_MS = 10_000;
const CONNECT_MS = 3_000;

export function awsCredentials(keys: AwsKeys | undefined): AwsCredentials | undefined {
  if (!keys) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const lent = sessionToken && { sessionToken: sessionToken.reveal() };
  return { accessKeyId, secretAccessKey: secretAccessKey.reveal(), ...lent };
}

/** What every AWS client of ours is made with. One call is one attempt: the flow's Retry says when to call again. */
export function awsClientConfig(settings: AwsSettings) {
  const { region, endpoint, credentials, timeoutMs = TIMEOUT_MS } = settings;
  // A connection kept for the next request may be dead by then, and a reset looks like a lost answer.
  const agent = { keepAlive: false };
  return {
    region,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, timeoutMs),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      // Silence between the head and the end of an answer.
      socketTimeout: timeoutMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}

const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'LimitExceededException',
  'RequestLimitExceeded',
  'SlowDown',
]);
const TRANSIENT = new Set([
  'RequestTimeout',
  'RequestTimeoutException',
  'RequestTimeTooSkewed',
  'PriorRequestNotComplete',
]);
/** Whoever calls with these credentials is refused. */
const NOT_LET_IN = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
/** A daily quota frees bit by bit, over hours. */
const DAILY_QUOTA_MS = 3_600_000;

/**
 * An AWS SDK error as ours. `effect`: the call changes something. AWS's messages name addresses, so the reason is the error's
 * name and status alone.
 */
export function awsError(provider: string, error: unknown, effect: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const { name, message, status, header } = read(error);
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return new ProviderError(provider, 'no usable AWS credentials', { retryable: false, fault: 'provider' });
  }
  if (status === undefined) return noAnswer(provider, error, effect);
  const reason = `${name} (HTTP ${status})`;
  if (THROTTLED.has(name) || status === 429) {
    const quota = /daily message quota/i.test(message) ? DAILY_QUOTA_MS : undefined;
    const wait = retryAfterMs(header, Date.now()) ?? quota;
    return new ProviderError(provider, reason, { retryable: true, retryAfterMs: wait, fault: 'pace' });
  }
  // An answer that can't be read after the work was done, or a gateway that got none itself.
  const answerLost = effect && (status < 300 || status === 502 || status === 504);
  const retryable = status < 300 || status >= 500 || TRANSIENT.has(name);
  const fault = retryable || NOT_LET_IN.has(name) ? 'provider' : 'call';
  return new ProviderError(provider, reason, { retryable, answerLost, fault });
}

function read(error: unknown) {
  const { name, message, $metadata, $response } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number; headers?: Record<string, string> };
  };
  return {
    name: name ?? 'Error',
    message: message ?? '',
    status: $metadata?.httpStatusCode ?? $response?.statusCode,
    header: $response?.headers?.['retry-after'],
  };
}
