import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Answer, type Asked, json, retryHeader, type StandIn, startStandIn } from './server.ts';

export interface ReceiverStandIn extends StandIn {
  /** What was told with a right signature, by its webhook-id; the same id twice is one. */
  readonly told: Map<string, unknown>;
  /** A message that it will not have, by its webhook-id. */
  refusing: string;
}

const WINDOW_S = 300;

/** A receiver of signed requests that checks what Standard Webhooks 1.0.0 asks of one: id, time, signature over the raw body. */
export async function startReceiver(secret: string): Promise<ReceiverStandIn> {
  const told = new Map<string, unknown>();
  const more = { told, refusing: '' };
  const held: { receiver?: typeof more } = {};
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
    if (id === held.receiver?.refusing) return json(422, {});
    told.set(id, JSON.parse(body));
    return { status: 204, body: '' };
  }

  const server = await startStandIn({
    action: ({ path }) => path,
    work,
    refuse: (failure, retryAfter) => json(Number(failure), { error: failure }, retryHeader(retryAfter)),
  });
  const receiver = Object.assign(server, more);
  held.receiver = receiver;
  return receiver;
}
