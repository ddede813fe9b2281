import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchStack } from './stack.ts';

/** Where the gateway that encrypts answers, and with which key. */
type Gateway = Pick<BenchStack, 'apiKey' | 'ports'>;

const TICKET = {
  customerId: 'CUST-BENCH',
  customerTier: 'premium',
  sentimentScore: -0.7,
  subject: 'Login issue',
  message: 'This is terrible, I cannot log in.',
};
/** At once, as a support platform sends. */
const TOGETHER = 16;

/** Sends so many tickets in, each its own and a person's to answer, and answers their ids. */
export async function letIn(
  gateway: Gateway,
  tickets: number,
  detailOf: (ticketId: string) => Partial<typeof TICKET> & { readonly customerEmail?: string } = () => ({}),
): Promise<readonly string[]> {
  const ids = Array.from({ length: tickets }, () => `TKT-${randomBytes(6).toString('hex')}`);
  const left = [...ids];
  await Promise.all(
    Array.from({ length: TOGETHER }, async () => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) await submit(gateway, id, detailOf(id));
    }),
  );
  return ids;
}

async function submit(gateway: Gateway, ticketId: string, detail: object): Promise<void> {
  const event = { source: 'bench', 'detail-type': 'ticket.created', detail: { ...TICKET, ...detail, ticketId } };
  for (;;) {
    const status = await post(gateway, '/v1/events', JSON.stringify(event), {
      authorization: `Bearer ${gateway.apiKey}`,
      'content-type': 'application/json',
    });
    if (status === 202) return;
    if (status !== 503) throw new Error(`a ticket was answered with ${status}`);
    // As senders do who are asked to.
    await sleep(1_000);
  }
}

/** The status of the answer, once it has been read whole. */
export async function post(
  { ports }: Pick<Gateway, 'ports'>,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.encrypted}${path}`, { method: 'POST', headers, body });
  await response.text();
  return response.status;
}
