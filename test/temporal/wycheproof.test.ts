import { expect, test } from 'vitest';
import { decrypt, KEY_BYTES, secretKey } from '../../src/cipher.ts';
import { publicJson, publicPath } from '../support/public-data.ts';

const FILE = 'wycheproof/aes_gcm_test.json';
interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}
const vectors = publicJson<{ testGroups: { ivSize: number; keySize: number; tests: Vector[] }[] }>(FILE);
const groups = vectors?.testGroups ?? [];

const bytes = (hex: string) => Buffer.from(hex, 'hex');
/** What the codec's cipher makes of a vector; null: it refuses. */
function opened({ key, iv, aad, ct, tag }: Vector): string | null {
  try {
    const sealed = Buffer.concat([bytes(iv), bytes(ct), bytes(tag)]);
    return Buffer.from(decrypt(secretKey(bytes(key)), sealed, bytes(aad))).toString('hex');
  } catch {
    return null;
  }
}

test.skipIf(vectors === null)(
  `T10: the cipher opens Wycheproof's vectors of its own kind as they say, and refuses forged ones (skipped without ${publicPath(FILE)})`,
  () => {
    const ours = groups.filter(({ keySize, ivSize }) => keySize === KEY_BYTES * 8 && ivSize === 96);
    const tests = ours.flatMap((group) => group.tests);
    expect(tests.length).toBeGreaterThan(60);
    expect(tests.filter(({ result }) => result === 'invalid').length).toBeGreaterThan(20);
    for (const vector of tests) {
      const right = vector.result === 'valid' ? vector.msg : null;
      expect([vector.tcId, vector.comment, opened(vector)]).toEqual([vector.tcId, vector.comment, right]);
    }
  },
);

test.skipIf(vectors === null)(
  `T10: keys and nonces of another length open nothing (skipped without ${publicPath(FILE)})`,
  () => {
    const others = groups.filter(({ keySize, ivSize }) => keySize !== KEY_BYTES * 8 || ivSize !== 96);
    const tests = others.flatMap((group) => group.tests);
    expect(tests.length).toBeGreaterThan(200);
    for (const vector of tests) expect([vector.tcId, opened(vector)]).toEqual([vector.tcId, null]);
  },
);
