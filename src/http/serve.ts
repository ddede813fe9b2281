/** Gives the gateway a port. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { StewardError } from '../domain/errors.ts';

export interface Served {
  readonly url: string;
  readonly port: number;
  /** Takes no new request, lets those under way end within `graceMs`, then cuts. */
  close(graceMs?: number): Promise<void>;
}

const GRACE_MS = 10_000;
const SWEEP_MS = 20;
/** Who sends headers or a body slower than this holds a connection and has nothing to say. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};

/** @param port 0 takes any free one. @throws StewardError PortTaken */
export async function serve(app: Hono, { host, port }: { host: string; port: number }): Promise<Served> {
  const server = createServer(TIMEOUTS, getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: (graceMs = GRACE_MS) => close(server, graceMs),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const taken = 'code' in cause && (cause.code === 'EADDRINUSE' || cause.code === 'EACCES');
      const message = `Port ${port}, wanted for the gateway, is taken (or not allowed). End what listens there, or set STEWARD_PORT to a free port.`;
      reject(taken ? new StewardError('PortTaken', message, { cause }) : cause);
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    // A kept-alive connection whose last request has ended would hold the close for as long as it is kept.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
