/** Tokens of Tasks that wait for one: whoever has it may answer, and nobody can make one up. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { base64urlnopad } from '@scure/base';

export interface TokenParts {
  /** Which workflow waits, in whatever run. */
  readonly workflowId: string;
  /** The Task's occasion, its attempt and which of the run's tokens it is. */
  readonly place: string;
  readonly mac: string;
}

/** @param secret hex, the workflow's own */
export function makeToken(secret: string, workflowId: string, place: string): string {
  return base64urlnopad.encode(utf8ToBytes(JSON.stringify([workflowId, place, macOf(secret, workflowId, place)])));
}

function macOf(secret: string, workflowId: string, place: string): string {
  const message = utf8ToBytes(JSON.stringify(['task-token', workflowId, place]));
  return base64urlnopad.encode(hmac(sha256, hexToBytes(secret), message));
}

/** As it says; undefined: it is none. */
export function readToken(token: unknown): TokenParts | undefined {
  if (typeof token !== 'string' || token.length > MOST) return undefined;
  try {
    const parts = JSON.parse(new TextDecoder().decode(base64urlnopad.decode(token))) as unknown;
    if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === 'string'))
      return undefined;
    const [workflowId, place, mac] = parts as [string, string, string];
    return { workflowId, place, mac };
  } catch {
    return undefined;
  }
}
/** Names of states are 80 characters long at most, and Tasks may stand within each other's lines. */
const MOST = 8_192;

/** Did the workflow with this secret make it? */
export function isMadeBy(secret: string, { workflowId, place, mac }: TokenParts): boolean {
  const right = macOf(secret, workflowId, place);
  let differing = right.length ^ mac.length;
  for (let i = 0; i < right.length; i++) differing |= right.charCodeAt(i) ^ mac.charCodeAt(i);
  return differing === 0;
}
