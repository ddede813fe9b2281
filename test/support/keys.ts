import { randomBytes } from 'node:crypto';
import { bindTo, decrypt, encrypt, secretKey } from '../../src/cipher.ts';
import type { KeyEncryption } from '../../src/deps-keys.ts';

/** A key-encryption key that lives as long as the test, and counts what it was asked. */
export function memoryKek(id = randomBytes(8).toString('hex')) {
  const key = secretKey(randomBytes(32));
  const asked = { wraps: 0, unwraps: 0 };
  const kek: KeyEncryption = {
    id,
    wrap: async (dek, name) => {
      asked.wraps += 1;
      return encrypt(key, dek, bindTo('data key', name));
    },
    unwrap: async (wrapped, name) => {
      asked.unwraps += 1;
      return decrypt(key, wrapped, bindTo('data key', name));
    },
  };
  return Object.assign(async () => kek, { asked });
}
