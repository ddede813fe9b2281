import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Answer, type Asked, json, retryHeader, type StandIn, startStandIn } from './server.ts';

export interface ReceiverStandIn extends StandIn {
  /** What was told with a right signature, by its webhook-id; the same id twice is one. */
  readonly told: Map<string, unknown>;
}

const WINDOW_S = 300;

/** A receiver of signed requests that checks what Standard Webhooks 1.0.0 asks of one: id, time, signature over the raw body. */
export async function startReceiver(secret: string): Promise<ReceiverStandIn> {
  const told = new Map<string, unknown>();
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

  function work({ method, headers, body }: Asked): Answer {
    if (method !== 'POST') return json(405, {});
    const id = String(headers['webhook-id'] ?? '');
    const timestamp = String(headers['webhook-timestamp'] ?? '');
    if (id === '' || Math.abs(Date.now() / 1000 - Number(timestamp)) > WINDOW_S) return json(400, { error: 'time' });
    const right = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
    const signatures = String(headers['webhook-signature'] ?? '').split(' ');
    const given = signatures.filter((one) => one.startsWith('v1,')).map((one) => Buffer.from(one.slice(3), 'base64'));
    if (!given.some((one) => one.length === right.length && timingSafeEqual(one, right)))
      return json(401, { error: 'signature' });
    told.set(id, JSON.parse(body));
    return { status: 204, body: '' };
  }

  const server = await startStandIn({
    action: ({ path }) => path,
    work,
    refuse: (failure, retryAfter) => json(Number(failure), { error: failure }, retryHeader(retryAfter)),
  });
  return Object.assign(server, { told });
}
