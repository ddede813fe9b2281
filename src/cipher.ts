/** The one place that encrypts: AES-256-GCM with a fresh 12-byte IV and the whole 16-byte tag, as `iv ‖ ciphertext ‖ tag`. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** Prints as nothing that anybody could use, unlike its bytes. */
export type SecretKey = KeyObject;

export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
// Without the length Node takes a tag of 4 bytes as well, which a forger guesses.
const OPTIONS = { authTagLength: TAG_BYTES } as const;

export function secretKey(bytes: Uint8Array): SecretKey {
  if (bytes.byteLength !== KEY_BYTES) throw new Error(`a key has ${KEY_BYTES} bytes, not ${bytes.byteLength}`);
  return createSecretKey(bytes);
}

export function encrypt(key: SecretKey, plain: Uint8Array, context: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, OPTIONS).setAAD(context);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws when the ciphertext is not what was encrypted with this key and this context */
export function decrypt(key: SecretKey, sealed: Uint8Array, context: Uint8Array): Uint8Array {
  if (sealed.byteLength < IV_BYTES + TAG_BYTES) throw new Error('too short for a ciphertext');
  const end = sealed.byteLength - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), OPTIONS)
    .setAAD(context)
    .setAuthTag(sealed.subarray(end));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, end)), decipher.final()]);
}

/** What a ciphertext belongs to, as the additional data that it is bound to: no two lists of texts give the same bytes. */
export function bindTo(...parts: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(parts));
}
