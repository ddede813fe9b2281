/** A local HTTP server in the place of a provider, that fails on demand. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The provider's name for what is asked: `DetectSentiment`, `chat.postMessage`, … */
  readonly action: string;
}
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * - `429`: throttled, in the provider's own words; `500`: an error of the provider. Neither does the work.
 * - `timeout`: never answers, and does no work. `late`: does the work, and never answers.
 * - `lost`: does the work, and cuts the connection instead of answering.
 */
export type Failure = '429' | '500' | 'timeout' | 'late' | 'lost';
export interface FailureOptions {
  /** Seconds, sent as `Retry-After` with a 429. */
  readonly retryAfter?: number;
  /** Only this action fails; others go on. */
  readonly action?: string;
  /** Only what speaks of this fails, such as a ticket's id. */
  readonly about?: string;
}

export interface StandIn {
  readonly url: string;
  /** Everything that was asked, whether it worked or not. */
  readonly asked: readonly Asked[];
  /** The next `times` requests fail; several calls queue up. */
  failNext(failure: Failure, options?: FailureOptions, times?: number): void;
  /** The next `times` requests get this very answer instead of the work. */
  answerNext(answer: Answer, options?: Pick<FailureOptions, 'action'>, times?: number): void;
  /** Forgets what was planned for this action. */
  mend(action: string): void;
  /** Forgets planned failures and what was asked. */
  reset(): void;
  stop(): Promise<void>;
}

export interface Provider {
  action(request: Omit<Asked, 'action'>): string;
  work(asked: Asked): Answer | Promise<Answer>;
  /** A 429 or 500 as this provider words it. */
  refuse(failure: '429' | '500', retryAfter: number | undefined, asked: Asked): Answer;
}

type Plan = { readonly action?: string | undefined; readonly about?: string | undefined } & (
  | { failure: Failure; retryAfter?: number | undefined }
  | { answer: Answer }
);

export async function startStandIn(provider: Provider): Promise<StandIn> {
  const asked: Asked[] = [];
  let plans: Plan[] = [];

  const server = createServer((req, res) => {
    // A stand-in that trips over a request says so, instead of leaving the client to wait.
    serve(req, res).catch((error) => res.writeHead(599).end(String(error)));
  });

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
    const request = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body: await read(req) };
    const ask: Asked = { ...request, action: provider.action(request) };
    asked.push(ask);
    const plan = take(ask);
    const send = ({ status, headers, body }: Answer) => res.writeHead(status, headers).end(body);
    if (!plan) return send(await provider.work(ask));
    if ('answer' in plan) return send(plan.answer);
    const { failure } = plan;
    if (failure === '429' || failure === '500') return send(provider.refuse(failure, plan.retryAfter, ask));
    if (failure !== 'timeout') await provider.work(ask);
    if (failure === 'lost') req.socket.destroy();
    return undefined;
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  function take({ action, body }: Asked): Plan | undefined {
    const at = plans.findIndex(
      (plan) => (plan.action === undefined || plan.action === action) && body.includes(plan.about ?? ''),
    );
    return at < 0 ? undefined : plans.splice(at, 1)[0];
  }
  const repeat = (plan: Plan, times: number) => plans.push(...Array.from({ length: times }, () => plan));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    failNext: (failure, options = {}, times = 1) => void repeat({ failure, ...options }, times),
    answerNext: (answer, { action } = {}, times = 1) => void repeat({ answer, action }, times),
    mend(action) {
      plans = plans.filter((plan) => plan.action !== action);
    },
    reset() {
      plans = [];
      asked.length = 0;
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function retryHeader(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}

/** An address where nobody listens any more. */
export async function deafUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}
