import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CodecDoor } from '../http/deps.ts';

const HOURS = 8;
const TOKEN = /^([\w-]{1,64})\.(\d{1,16})\.([\w-]{43})$/;

/** `key id . its end . HMAC of both`: whoever has it can show that they had the key, and can't find the key from it. */
export function createCodecSessions(secret: string, now: () => number = Date.now): CodecDoor['sessions'] {
  const sign = (keyId: string, until: string) =>
    createHmac('sha256', secret).update(`codec session\n${keyId}\n${until}`).digest('base64url');
  return {
    seconds: HOURS * 3600,
    begin(keyId) {
      const until = String(now() + HOURS * 3_600_000);
      return `${keyId}.${until}.${sign(keyId, until)}`;
    },
    keyOf(token) {
      const [, keyId = '', until = '', shown = ''] = TOKEN.exec(token) ?? [];
      const right = Buffer.from(sign(keyId, until));
      const given = Buffer.from(shown);
      if (given.byteLength !== right.byteLength || !timingSafeEqual(given, right)) return null;
      return Number(until) > now() ? keyId : null;
    },
  };
}
