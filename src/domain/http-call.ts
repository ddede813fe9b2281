/** A request that a flow makes (`module:http`): what may be in it, judged as far as it is known. */
import type { Problem } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

export interface HttpCall {
  readonly url: string;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: there is none. A text goes as it is, everything else as JSON. */
  readonly body: Json;
  /** As Standard Webhooks says, with the host's secrets. */
  readonly sign: boolean;
}

/** As AWS names them: it answered with a status that is no success; no whole answer came. */
export const HTTP_STATUS_ERROR = 'States.Http.StatusCode.';
export const HTTP_SOCKET_ERROR = 'States.Http.Socket';

/** A request that only reads: no effect outside. */
export function isOnlyRead(method: HttpMethod): boolean {
  return method === 'GET' || method === 'HEAD';
}

/**
 * Can the same request succeed later? 409: a receiver that keeps to idempotency keys says so while an earlier request with the same key is
 * under way.
 */
export function isWorthRepeating(status: number): boolean {
  if (status === 501 || status === 505) return false;
  return status >= 500 || [408, 409, 425, 429].includes(status);
}

type Check = (value: unknown, given: JsonObject) => string | undefined;

const FIELDS: Readonly<Record<keyof HttpCall, Check>> = {
  url: urlProblem,
  method: (value) =>
    value == null || HTTP_METHODS.some((one) => one === value)
      ? undefined
      : `expected one of ${HTTP_METHODS.join(', ')}`,
  headers: headersProblem,
  body(value, { method = 'GET' }) {
    const isBare = method === null || method === 'GET' || method === 'HEAD';
    return value != null && isBare ? 'expected none: GET and HEAD have no body; name another method' : undefined;
  },
  sign: (value) => (value == null || typeof value === 'boolean' ? undefined : 'expected true or false'),
};
export const HTTP_FIELDS: readonly string[] = Object.keys(FIELDS);

/** Every wrong field. `later`: fields whose value is not known yet. Empty: it is right. */
export function checkHttpCall(value: unknown, { later = [] }: { readonly later?: readonly string[] } = {}): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [
      { field: 'request', message: 'expected an object with url and, where needed, method, headers, body, sign' },
    ];
  }
  const given = value as JsonObject;
  const strange = [...Object.keys(given), ...later].filter((field) => !Object.hasOwn(FIELDS, field));
  const isMethodLater = later.includes('method');
  return [
    ...strange.map((field) => ({ field, message: `is no field; the fields are ${HTTP_FIELDS.join(', ')}` })),
    ...Object.entries(FIELDS).flatMap(([field, check]) => {
      if (later.includes(field) || (field === 'body' && isMethodLater)) return [];
      const message = check(given[field], given);
      return message === undefined ? [] : [{ field, message }];
    }),
  ];
}

/** What was found right, whole. */
export function httpCallOf(value: unknown): HttpCall {
  const { url = '', method, headers, body, sign } = value as Partial<HttpCall>;
  return { url, method: method ?? 'GET', headers: headers ?? {}, body: body ?? null, sign: sign ?? false };
}

const URL_WORDS = 'expected a web address that begins with https:// (or http:// on this machine)';
const MOST_URL = 8_192;
/** This machine by its own name: there, nothing is read on the way. */
export const THIS_MACHINE = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function urlProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MOST_URL || !URL.canParse(value)) return URL_WORDS;
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (protocol !== 'https:' && !(protocol === 'http:' && THIS_MACHINE.test(hostname))) return URL_WORDS;
  if (username !== '' || password !== '') return 'holds a user or a password; name its secret in policies/http.yaml';
  return hash === '' ? undefined : 'ends in a fragment (#), which is never sent';
}

/** Ours to write: by them a receiver knows the request, or the connection is kept. */
const OURS =
  /^(host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|user-agent|idempotency-key|proxy-.*|webhook-.*)$/;
/** A flow is kept for good, for everybody who may see flows. */
const SECRET = /^(authorization|cookie|x-api-key|api-key)$/;
const MOST_HEADERS = 30;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** One that is not Steward's own to write. */
export function isFreeHeader(name: string): boolean {
  return HEADER_NAME.test(name) && !OURS.test(name.toLowerCase());
}
/** What may stand in one. */
export const HEADER_TEXT = /^[\x20-\x7e]{0,4096}$/;

function headersProblem(value: unknown): string | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return 'expected an object of names and texts';
  const entries = Object.entries(value);
  if (entries.length > MOST_HEADERS) return `expected ${MOST_HEADERS} at most`;
  for (const [name, text] of entries) {
    if (!HEADER_NAME.test(name)) return 'has a name that is none of a header';
    const low = name.toLowerCase();
    if (OURS.test(low)) return `${low} is written by Steward; leave it out`;
    if (SECRET.test(low)) return `${low} is a secret, and flows are kept; name it in policies/http.yaml (headersEnv)`;
    if (typeof text !== 'string' || !HEADER_TEXT.test(text)) {
      return `${low}: expected one line of letters, digits and signs (ASCII), 4096 at most`;
    }
  }
  return undefined;
}
