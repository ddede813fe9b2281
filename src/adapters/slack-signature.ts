/** Is it Slack that calls? By the signing secret of our app, over the bytes as they came (docs.slack.dev, "Verifying requests from Slack"). */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How far Slack's clock and ours may be apart, either way. */
export const CLOCK_MS = 5 * 60_000;

export type SlackSigned =
  /** Of the signature: the same call again has the same. */
  { readonly digest: Uint8Array } | { readonly wrong: string };

export interface SlackHeaders {
  readonly timestamp: string | null;
  readonly signature: string | null;
}

export function slackSigned(secret: string, headers: SlackHeaders, body: Uint8Array, now: number): SlackSigned {
  const { timestamp, signature } = headers;
  if (timestamp === null || !/^\d{1,12}$/.test(timestamp)) {
    return { wrong: 'X-Slack-Request-Timestamp: expected seconds since 1970' };
  }
  const sent = Number(timestamp) * 1000;
  if (sent > now + CLOCK_MS) return { wrong: 'X-Slack-Request-Timestamp: lies in the future; compare the clocks' };
  if (sent < now - CLOCK_MS) return { wrong: 'X-Slack-Request-Timestamp: older than five minutes' };
  if (signature === null || !/^v0=[0-9a-f]{64}$/.test(signature)) {
    return { wrong: 'X-Slack-Signature: expected v0= and 64 hex digits' };
  }
  const right = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
  const given = Buffer.from(signature.slice(3), 'hex');
  if (!timingSafeEqual(given, right)) {
    return { wrong: 'X-Slack-Signature: not the one over these bytes; compare SLACK_SIGNING_SECRET with the app’s' };
  }
  return { digest: createHash('sha256').update(given).digest() };
}
