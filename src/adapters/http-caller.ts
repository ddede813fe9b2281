import type { IncomingMessage } from 'node:http';
import type { HttpAnswer, HttpCaller } from '../deps-http.ts';
import { StewardError } from '../domain/errors.ts';
import {
  HTTP_SOCKET_ERROR,
  HTTP_STATUS_ERROR,
  type HttpCall,
  isOnlyRead,
  isWorthRepeating,
} from '../domain/http-call.ts';
import type { Json } from '../domain/json.ts';
import { isPrivate, requestGuarded } from './guarded-request.ts';
import { noAnswer, retryAfterMs } from './network.ts';
import { signWebhook } from './standard-webhooks.ts';

export interface HttpHost {
  /** As in a web address: a name and, where it is not the usual one, a port. */
  readonly host: string;
  /** Signed with each, where a flow asks for it. */
  readonly secrets: readonly string[];
  /** By names in small letters, such as `authorization`; they hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly addresses: 'public' | 'any';
}

export interface HttpCallerSettings {
  /** Nobody else is called. */
  readonly hosts: readonly HttpHost[];
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number;
  readonly now?: () => number;
}

/** As much as a state may get on AWS. */
const MOST_ANSWER_BYTES = 256 * 1024;

/**
 * Makes requests of flows. 2xx is a success and nothing else; redirects are failures too: they lead to where nobody has allowed a request, and
 * what they lead to was signed for another address. What goes wrong is told by statuses and codes: what a receiver says may quote what it was sent.
 */
export function createHttpCaller({ hosts, timeoutMs, now = Date.now }: HttpCallerSettings): HttpCaller {
  const known = new Map(hosts.map((host) => [host.host.toLowerCase(), host]));

  function allowed({ url, sign }: HttpCall): HttpHost {
    const host = known.get(new URL(url).host);
    if (host === undefined) {
      const names = [...known.keys()].join(', ') || 'none';
      throw refused('url', `its host is not in policies/http.yaml; allowed are ${names}`);
    }
    if (sign && host.secrets.length === 0) {
      throw refused('sign', `${host.host} has no secretEnv in policies/http.yaml to sign with`);
    }
    return host;
  }

  return {
    hostOf: (call) => allowed(call).host,
    async send(call, { key, leftMs = Number.POSITIVE_INFINITY, signal }) {
      const host = allowed(call);
      const body = bodyOf(call);
      const limit = AbortSignal.timeout(Math.max(1, Math.min(timeoutMs, leftMs)));
      try {
        const answer = await requestGuarded(new URL(call.url), {
          method: call.method,
          headers: headersOf(call, host, { key, body, now: now() }),
          body,
          addresses: host.addresses,
          signal: AbortSignal.any([signal, limit]),
        });
        return await answerOf(answer, now());
      } catch (error) {
        // The worker stops: no word of the receiver's.
        if (signal.aborted) throw error;
        if (limit.aborted && leftMs <= timeoutMs) {
          return { outcome: 'failed', error: 'States.Timeout', reason: 'no answer in time', retryable: true };
        }
        if (isPrivate(error)) return failed('its address is not public (addresses in policies/http.yaml)', false);
        return failed(limit.aborted ? 'no answer in time' : noAnswer('', error, !isOnlyRead(call.method)).reason, true);
      }
    },
  };
}

function refused(field: string, message: string): StewardError {
  return new StewardError('InvalidRequest', `${field}: ${message}`, { problems: [{ field, message }] });
}

function failed(reason: string, retryable: boolean): HttpAnswer {
  return { outcome: 'failed', error: HTTP_SOCKET_ERROR, reason, retryable };
}

function bodyOf({ body }: HttpCall): string | null {
  if (body === null) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function headersOf(
  call: HttpCall,
  { secrets, headers }: HttpHost,
  { key, body, now }: { readonly key: string; readonly body: string | null; readonly now: number },
): Record<string, string> {
  const own = Object.fromEntries(Object.entries(call.headers).map(([name, text]) => [name.toLowerCase(), text]));
  const type = typeof call.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    accept: 'application/json',
    ...(call.sign ? signWebhook({ id: key, body: body ?? '', now }, secrets) : {}),
    ...(body === null ? {} : { 'content-type': type }),
    ...own,
    ...headers,
    'user-agent': 'Steward',
    'accept-encoding': 'identity',
    'idempotency-key': key,
  };
}

async function answerOf(answer: IncomingMessage, now: number): Promise<HttpAnswer> {
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) {
    answer.destroy();
    return {
      outcome: 'failed',
      error: `${HTTP_STATUS_ERROR}${status}`,
      reason: `HTTP ${status}`,
      retryable: isWorthRepeating(status),
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], now),
    };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MOST_ANSWER_BYTES) {
      answer.destroy();
      const reason = `its answer has more than ${MOST_ANSWER_BYTES} bytes`;
      return { outcome: 'failed', error: 'States.DataLimitExceeded', reason, retryable: false };
    }
    chunks.push(chunk);
  }
  return {
    outcome: 'answered',
    status,
    body: read(Buffer.concat(chunks).toString('utf8'), answer.headers['content-type']),
  };
}

/** JSON where it says so and is so, else a text; null: nothing. */
function read(text: string, type = ''): Json {
  if (text === '') return null;
  if (!/^\s*application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
