/** Tells "PostgreSQL or Temporal is away" from a fault of ours. The first may be asked again, the second should be mended. */
import { StewardError } from '../domain/errors.ts';

/** CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const GRPC_AWAY = new Set([1, 4, 8, 14]);

const NETWORK_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** PostgreSQL: connection exceptions, too many clients, a full disk or memory, a server that stops, starts or is cancelled. */
const SQLSTATE_AWAY = /^(08...|53...|57P0[1-4]|57014|25006)$/;

/** What `pg` and its pool say without any code, and Temporal's transport with one that says nothing (UNKNOWN). */
const WORDS_AWAY =
  /^(transport error$|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Cannot use a pool after)/;

/** The words of those, which quote nothing of anybody; undefined of any other error. */
export function awayWords({ message }: Error): string | undefined {
  return WORDS_AWAY.exec(message)?.[0];
}

/** Deep enough for every wrapper we have met, and an end for errors that cause themselves. */
const DEPTH = 8;

export function isAway(error: unknown, depth = DEPTH): boolean {
  if (!(error instanceof Error) || depth === 0) return false;
  if (error instanceof StewardError && error.code === 'Unavailable') return true;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'number' && GRPC_AWAY.has(code)) return true;
  if (typeof code === 'string' && (NETWORK_AWAY.has(code) || SQLSTATE_AWAY.test(code))) return true;
  if (WORDS_AWAY.test(error.message)) return true;
  // Several addresses were tried, and each refused.
  if (error instanceof AggregateError && error.errors.some((e) => isAway(e, depth - 1))) return true;
  return isAway(error.cause, depth - 1);
}
