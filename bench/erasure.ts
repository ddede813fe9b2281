import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { letIn } from './let-in.ts';
import { type BenchStack, startBenchStack } from './stack.ts';

export interface ErasureFigures {
  readonly tickets: number;
  /** From the code to the moment at which no key of the person is left. */
  readonly shreddedSeconds: number;
  /** Until Temporal knew none of the histories any more. */
  readonly absentSeconds: number;
}

const LOOK_EVERY_MS = 250;

/** One customer with so many open tickets asks to be forgotten, by the form and the code from the outbox. */
export async function benchErasure(tickets: number, say: (line: string) => void): Promise<ErasureFigures> {
  const stack = await startBenchStack(say);
  try {
    return await eraseWith(stack, tickets, say);
  } finally {
    await stack.stop();
  }
}

async function eraseWith(stack: BenchStack, tickets: number, say: (line: string) => void): Promise<ErasureFigures> {
  const customerId = `CUST-${randomBytes(6).toString('hex')}`;
  const email = `${customerId.toLowerCase()}@customer.example`;
  const base = `http://127.0.0.1:${stack.ports.encrypted}`;
  say(`erasure: ${tickets} tickets of one customer`);
  const words = { sentimentScore: 0, subject: 'Invoice', message: 'Where is my invoice?' };
  await letIn(stack, tickets, () => ({ customerId, customerEmail: email, customerTier: 'standard', ...words }));
  await until(async () => (await stack.open(customerId)) === tickets);

  const form = await (await fetch(`${base}/privacy`)).text();
  const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const asked = await fetch(`${base}/privacy`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ token, email }),
  });
  const path = asked.headers.get('location') ?? '';
  const requestId = /ERA-[0-9a-f]{16}/.exec(decodeURIComponent(path))?.[0] ?? '';
  const code = await codeOf(stack.dir, requestId);
  const begun = performance.now();
  await fetch(`${base}${path}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ code }) });
  const seconds = () => Math.round((performance.now() - begun) / 100) / 10;
  await until(async () => (await stack.erasure(requestId)).shredded);
  const shreddedSeconds = seconds();
  say(`erasure: shredded after ${shreddedSeconds} s`);
  await until(async () => (await stack.erasure(requestId)).erased);
  return { tickets, shreddedSeconds, absentSeconds: seconds() };
}

async function codeOf(dir: string, requestId: string): Promise<string> {
  let code = '';
  await until(async () => {
    const mail = await readFile(join(dir, 'outbox', `${requestId}-code.eml`), 'utf8').catch(() => '');
    code = /^(\d{4} \d{4})\r?$/m.exec(mail)?.[1] ?? '';
    return code !== '';
  });
  return code;
}

async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await sleep(LOOK_EVERY_MS);
}

export function erasureAims({ tickets, shreddedSeconds }: ErasureFigures) {
  return [
    { aim: `erasing a customer with ${tickets} tickets: seconds to shredded <= 60`, is: shreddedSeconds, max: 60 },
  ];
}
