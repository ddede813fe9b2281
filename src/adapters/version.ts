import { createHash } from 'node:crypto';

/** Names what a file says: the first 12 hex digits of the SHA-256 of its canonical text. */
export function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
