import { createHmac, hkdfSync, randomBytes, randomInt } from 'node:crypto';
import type { ErasureDeps } from '../deps-erasure.ts';
import { normalise } from '../domain/fingerprint.ts';

type Secrets = Pick<
  ErasureDeps,
  'codeDigest' | 'newCode' | 'newSubjectRef' | 'limitBuckets' | 'fingerprint' | 'subjectDigests'
> & {
  readonly sourceBucket: (source: string) => Uint8Array;
  readonly assertionDigest: (signed: string) => Uint8Array;
};

/** Codes have 8 digits: 26.6 bits, above the 20 that NIST SP 800-63B asks of a code with a limit on tries. */
const CODES = 100_000_000;

/** @param secret the link secret; each use gets a key of its own from it (HKDF, RFC 5869) */
export function createErasureSecrets(secret: string): Secrets {
  const pepper = derive(secret, 'erasure-code');
  const limits = derive(secret, 'request-limit');
  const assertions = derive(secret, 'erasure-assertion');
  const subjects = derive(secret, 'key-subject');
  // The day stands in it: yesterday's buckets tell nothing about today's.
  const bucket = (kind: string, value: string) =>
    mac(limits, `${new Date().toISOString().slice(0, 10)}\n${kind}\n${value}`);
  return {
    codeDigest: (requestId, code) => mac(pepper, `${requestId}\n${code}`),
    newCode: () => String(randomInt(CODES)).padStart(8, '0'),
    newSubjectRef: () => `ERASED-${randomBytes(12).toString('hex')}`,
    limitBuckets: (email) => [bucket('whom', normalise('email', email))],
    sourceBucket: (source) => bucket('source', source),
    assertionDigest: (signed) => mac(assertions, signed),
    subjectDigests: ({ customerId, email }) => [
      // Ids are compared as they are, addresses in one spelling.
      ...(customerId === undefined ? [] : [mac(subjects, `customerId\n${customerId}`)]),
      ...(email === undefined ? [] : [mac(subjects, `email\n${normalise('email', email)}`)]),
    ],
    fingerprint: (key, kind, value) => mac(Buffer.from(key), `${kind}\n${value}`),
  };
}

function derive(secret: string, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `steward/${use}`, 32));
}

function mac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
