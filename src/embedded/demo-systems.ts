/** Stand-ins for a carrier, an inventory and a support platform, on this machine: what flows/shipment-delay.asl.yaml calls. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSignedBy } from '../compose-http.ts';
import type { Json, JsonObject } from '../domain/json.ts';

export type SystemName = 'carrier' | 'inventory' | 'platform';

export interface Systems {
  /** Where each is, such as `http://127.0.0.1:40123`. */
  readonly at: Readonly<Record<SystemName, string>>;
  /** All that was asked of them, in order; `done`: by a request with this key before. */
  readonly asked: readonly AskedOfSystem[];
  /** What is reserved by now, by its name. */
  readonly reserved: ReadonlyMap<string, JsonObject>;
  /** Shipments of which the carrier takes no replacement. */
  readonly refused: Set<string>;
  stop(): Promise<void>;
}
export interface AskedOfSystem {
  readonly system: SystemName;
  readonly method: string;
  readonly path: string;
  readonly body: Json;
  readonly status: number;
  /** A request with its key was done before: it was answered as then, and nothing was done. */
  readonly isRepeat: boolean;
}

interface Answer {
  readonly status: number;
  readonly body?: JsonObject;
}
interface Request {
  readonly method: string;
  readonly path: readonly string[];
  readonly body: Json;
  /** Signed by whoever has the secret. */
  readonly isSigned: boolean;
}

/** @param secret by which requests to the carrier must be signed. `onAsked` hears of each request. */
export async function startSystems(
  secret: string,
  onAsked: (asked: AskedOfSystem) => void = () => {},
): Promise<Systems> {
  const asked: AskedOfSystem[] = [];
  const reserved = new Map<string, JsonObject>();
  const refused = new Set<string>();

  const answers: Readonly<Record<SystemName, (request: Request) => Answer>> = {
    carrier({ method, path: [kind, shipment = '', part], isSigned }) {
      if (kind !== 'shipments') return { status: 404 };
      if (method === 'GET') return { status: 200, body: { shipment, status: 'delayed', hours: 30 } };
      if (part !== 'replacement') return { status: 404 };
      if (!isSigned) return { status: 401 };
      return { status: refused.has(shipment) ? 503 : 200 };
    },
    inventory({ method, path: [kind, name = '', part], body }) {
      if (kind !== 'reservations') return { status: 404 };
      if (method === 'PUT') {
        const reservation = { ...(body as JsonObject), warehouse: 'north' };
        reserved.set(name, reservation);
        return { status: 200, body: reservation };
      }
      const reservation = reserved.get(name);
      if (reservation === undefined) return { status: 404 };
      if (method === 'DELETE') {
        reserved.delete(name);
        return { status: 204 };
      }
      if (part !== 'dispatch') return { status: 404 };
      reserved.set(name, { ...reservation, dispatched: true });
      return { status: 200 };
    },
    platform: ({ method, path: [kind] }) => ({
      status: method === 'POST' && (kind === 'messages' || kind === 'tickets') ? 201 : 404,
    }),
  };

  const start = (system: SystemName) => {
    const done = new Map<string, Answer>();
    return listen(async (req) => {
      const text = await read(req);
      const path = req.url ?? '/';
      const method = req.method ?? 'GET';
      const headers = { get: (name: string) => String(req.headers[name] ?? '') };
      const request: Request = {
        method,
        path: path.slice(1).split('/').map(decodeURIComponent),
        body: text === '' ? null : (JSON.parse(text) as Json),
        isSigned: isSignedBy(secret, headers, text),
      };
      const key = headers.get('idempotency-key');
      const before = done.get(key);
      const answer = before ?? answers[system](request);
      // What failed may be tried again under its key.
      if (answer.status < 300 && method !== 'GET') done.set(key, answer);
      const one = { system, method, path, body: request.body, status: answer.status, isRepeat: before !== undefined };
      asked.push(one);
      onAsked(one);
      return answer;
    });
  };
  const servers = {
    carrier: await start('carrier'),
    inventory: await start('inventory'),
    platform: await start('platform'),
  };
  const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { carrier, inventory, platform } = servers;
  return {
    at: { carrier: urlOf(carrier), inventory: urlOf(inventory), platform: urlOf(platform) },
    asked,
    reserved,
    refused,
    async stop() {
      await Promise.all(Object.values(servers).map(close));
    },
  };
}

async function listen(answer: (request: IncomingMessage) => Promise<Answer>): Promise<Server> {
  const server = createServer((req, res) => {
    answer(req).then(
      ({ status, body }) =>
        res.writeHead(status, { 'content-type': 'application/json' }).end(body ? JSON.stringify(body) : undefined),
      () => res.writeHead(400).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

function close(server: Server): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
