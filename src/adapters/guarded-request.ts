/** Requests to addresses that others name: by Node's own client, since only that lets the look-up of the name be ours. */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { THIS_MACHINE } from '../domain/http-call.ts';
import { isPublicAddress, lookupPublic, PRIVATE } from './public-address.ts';

export interface GuardedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** `public`: names and addresses that lead into our own network are refused; this machine by its own name is not. */
  readonly addresses: 'public' | 'any';
  readonly signal: AbortSignal;
}

/**
 * Resolves with the answer's head; whoever asks reads the rest. Redirects are not followed.
 * @throws Node's error; its code is `PRIVATE` where the address is not public
 */
export function requestGuarded(url: URL, asked: GuardedRequest): Promise<IncomingMessage> {
  const { method, headers, body, addresses, signal } = asked;
  const guarded = addresses === 'public' && !THIS_MACHINE.test(url.hostname);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (guarded && isIP(literal) !== 0 && !isPublicAddress(literal)) {
    return Promise.reject(Object.assign(new Error('not public'), { code: PRIVATE }));
  }
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((settle, fail) => {
    const request = send(url, {
      method,
      headers: body === null ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      signal,
      ...(guarded ? { lookup: lookupPublic } : {}),
    });
    request.on('error', fail);
    request.on('response', settle);
    request.end(body ?? undefined);
  });
}

export function isPrivate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === PRIVATE;
}
