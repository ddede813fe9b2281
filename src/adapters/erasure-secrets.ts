import { createHmac, hkdfSync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { ErasureDeps } from '../deps-erasure.ts';
import type { Asked } from '../domain/erase.ts';
import { normalise } from '../domain/fingerprint.ts';

type Secrets = Pick<ErasureDeps, 'codeDigest' | 'newCode' | 'newSubjectRef' | 'limitBuckets' | 'fingerprint'> & {
  readonly sourceBucket: (source: string) => Uint8Array;
};

/** Codes have 8 digits: 26.6 bits, above the 20 that NIST SP 800-63B asks of a code with a limit on tries. */
const CODES = 100_000_000;

/** @param secret the link secret; each use gets a key of its own from it (HKDF, RFC 5869) */
export function createErasureSecrets(secret: string): Secrets {
  const pepper = derive(secret, 'erasure-code');
  const limits = derive(secret, 'request-limit');
  // The day stands in it: yesterday's buckets tell nothing about today's.
  const bucket = (kind: string, value: string) =>
    mac(limits, `${new Date().toISOString().slice(0, 10)}\n${kind}\n${value}`);
  return {
    codeDigest: (requestId, code) => mac(pepper, `${requestId}\n${code}`),
    newCode: () => String(randomInt(CODES)).padStart(8, '0'),
    newSubjectRef: () => `ERASED-${randomBytes(12).toString('hex')}`,
    limitBuckets: (email) => [bucket('whom', normalise('email', email))],
    sourceBucket: (source) => bucket('source', source),
    fingerprint: (key, kind, value) => mac(Buffer.from(key), `${kind}\n${value}`),
  };
}

/** How far apart two clocks may be. */
const SKEW_MS = 60_000;
const LONGEST_MS = 10 * 60_000;

/**
 * The support platform's word that a person is signed in there: `v1.<payload>.<mac>`, both base64url; the payload is JSON
 * `{"aud":"steward-erasure","sub":"<address or customer id>","iat":<s>,"exp":<s>}`, the mac HMAC-SHA256 of `v1.<payload>` with the shared secret.
 */
export function createAssertionCheck(secret: string | undefined, now: () => number = Date.now) {
  return (assertion: string, asked: Asked): boolean => {
    const [version, payload = '', given = '', ...more] = assertion.split('.');
    if (secret === undefined || version !== 'v1' || more.length > 0) return false;
    const right = mac(Buffer.from(secret), `v1.${payload}`);
    const shown = Buffer.from(given, 'base64url');
    if (shown.length !== right.length || !timingSafeEqual(shown, right)) return false;
    const claims = readJson(Buffer.from(payload, 'base64url').toString('utf8'));
    if (claims === null || claims.aud !== 'steward-erasure') return false;
    const { sub, iat, exp } = claims;
    if (typeof sub !== 'string' || typeof iat !== 'number' || typeof exp !== 'number') return false;
    const at = now();
    const inTime = iat * 1000 <= at + SKEW_MS && at < exp * 1000 && exp * 1000 - iat * 1000 <= LONGEST_MS;
    const whom = asked.email ?? asked.customerId;
    return inTime && normalise('email', sub) === normalise('email', whom);
  };
}

function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function derive(secret: string, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `steward/${use}`, 32));
}

function mac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
