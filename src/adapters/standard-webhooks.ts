/** Standard Webhooks 1.0.0: the signature over id, time and body that shows a receiver who sent a request, and that nobody altered it. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const WRITTEN = 'whsec_';
/** Older or newer ones may be somebody's recording. */
const TOLERANCE_S = 300;

export interface Signed {
  readonly id: string;
  readonly body: string;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * The headers of a request.
 * @param secrets as they are or, as Standard Webhooks writes them, base64 behind `whsec_`; signed with each, while one replaces another
 */
export function signWebhook({ id, body, now }: Signed, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map((secret) => `v1,${macOf(secret, id, timestamp, body).toString('base64')}`);
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/** Is the request signed with one of the secrets, and fresh? Says what is wrong with it, without a word of it. */
export function wrongWebhook(
  headers: { get(name: string): string | null },
  body: string,
  secrets: readonly string[],
  now: number,
): string | null {
  const id = headers.get('webhook-id');
  const timestamp = headers.get('webhook-timestamp');
  const given = headers.get('webhook-signature');
  if (!id || !timestamp || !given) return 'webhook-id, webhook-timestamp and webhook-signature are needed';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_S) {
    return 'webhook-timestamp is more than five minutes away from now';
  }
  const shown = given
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .map((one) => Buffer.from(one.slice(3), 'base64'));
  const isOurs = secrets.some((secret) => {
    const right = macOf(secret, id, timestamp, body);
    return shown.some((one) => one.length === right.length && timingSafeEqual(one, right));
  });
  return isOurs ? null : 'webhook-signature fits neither body nor secret';
}

function macOf(secret: string, id: string, timestamp: string, body: string): Buffer {
  return createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest();
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(WRITTEN) ? Buffer.from(secret.slice(WRITTEN.length), 'base64') : Buffer.from(secret);
}
