/** API keys: shown once, kept as a hash. 256 random bits need no slow hash: there is nothing to guess. */
import { hash, randomBytes } from 'node:crypto';

const KEY = /^stw_[A-Za-z0-9_-]{43}$/;

export function newKey(): string {
  return `stw_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256 in hex, as `api_keys.hash` keeps it. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** The hash of the key that a request shows, or null when it shows none that could be ours. `Authorization` wins over `x-api-key`. */
export function shownKeyHash(headers: { get(name: string): string | null }): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1];
  const key = bearer ?? headers.get('x-api-key')?.trim() ?? '';
  return KEY.test(key) ? hashKey(key) : null;
}
