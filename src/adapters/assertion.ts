/** The support platform's signed word that a person is signed in there. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Asked } from '../domain/erase.ts';
import { normalise } from '../domain/fingerprint.ts';

/** How far apart two clocks may be. */
const SKEW_MS = 60_000;
const LONGEST_MS = 10 * 60_000;

/** `signed`: the same however its text was written, since base64 can be written in several ways; `until`: nobody takes it any more from then on. */
export type AssertionVerdict =
  | { readonly signed: string; readonly until: Date }
  /** For whoever sent it; quotes nothing of it. */
  | { readonly wrong: string };

/**
 * `v1.<payload>.<mac>`, both base64url; the payload is JSON
 * `{"aud":"steward-erasure","sub":"<address or customer id>","iat":<s>,"exp":<s>}`, the mac HMAC-SHA256 of `v1.<payload>` with the shared
 * secret. A field more, such as `jti`, does no harm. Why it does not hold is told only where the signature is right.
 */
export function createAssertionCheck(secret: string | undefined, now: () => number = Date.now) {
  return (assertion: string, asked: Asked): AssertionVerdict => {
    if (secret === undefined) return { wrong: 'none is taken here: STEWARD_ASSERTION_SECRET is not set' };
    const [version, payload = '', given = '', ...more] = assertion.split('.');
    if (version !== 'v1' || given === '' || more.length > 0) return { wrong: 'expected v1.<payload>.<mac>' };
    const signed = `v1.${payload}`;
    const right = createHmac('sha256', secret).update(signed).digest();
    const shown = Buffer.from(given, 'base64url');
    if (shown.length !== right.length || !timingSafeEqual(shown, right)) {
      return { wrong: 'its signature is not the one of the shared secret over this payload' };
    }
    const claims = readJson(Buffer.from(payload, 'base64url').toString('utf8'));
    if (claims === null) return { wrong: 'its payload is no JSON object' };
    const wrong = wrongIn(claims, asked, now());
    if (wrong !== null) return { wrong };
    return { signed: `${signed}.${right.toString('base64url')}`, until: new Date(Number(claims.exp) * 1000) };
  };
}

function wrongIn({ aud, sub, iat, exp }: Record<string, unknown>, asked: Asked, at: number): string | null {
  if (aud !== 'steward-erasure') return 'aud: expected "steward-erasure"';
  if (typeof sub !== 'string') return 'sub: expected the address or customer id that the request names';
  if (!isSeconds(iat)) return 'iat: expected the time of signing, in seconds since 1970';
  if (!isSeconds(exp)) return 'exp: expected the time of its end, in seconds since 1970';
  if (exp <= iat || (exp - iat) * 1000 > LONGEST_MS) return 'exp: expected at most 10 minutes after iat';
  if (iat * 1000 > at + SKEW_MS) return 'iat: lies in the future by more than a minute; compare the clocks';
  if (at >= exp * 1000) return 'exp: its time is over; ask for a new one';
  return isOf(sub, asked) ? null : 'sub: is somebody else than the request names';
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Of ids the case counts: `c-1` need not be the customer `C-1`. */
function isOf(sub: string, { email, customerId }: Asked): boolean {
  return email === undefined ? sub === customerId : normalise('email', sub) === normalise('email', email);
}

function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
