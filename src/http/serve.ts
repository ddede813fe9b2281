/** Gives the gateway a port. */

import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
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

export interface ServeOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** PEM files; with them it answers by HTTPS alone, and none older than TLS 1.3. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** @throws StewardError PortTaken, InvalidConfig */
export async function serve(app: Hono, { host, port, tls }: ServeOptions): Promise<Served> {
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = tls ? await createTlsServer(tls, answer) : createServer(TIMEOUTS, answer);
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: (graceMs = GRACE_MS) => close(server, graceMs),
  };
}

async function createTlsServer(
  { certFile, keyFile }: NonNullable<ServeOptions['tls']>,
  answer: RequestListener,
): Promise<Server> {
  const [cert, key] = await Promise.all([
    readPem(certFile, 'STEWARD_TLS_CERT_FILE'),
    readPem(keyFile, 'STEWARD_TLS_KEY_FILE'),
  ]);
  try {
    return createHttpsServer({ ...TIMEOUTS, cert, key, minVersion: 'TLSv1.3' }, answer);
  } catch (cause) {
    const message = `STEWARD_TLS_CERT_FILE and STEWARD_TLS_KEY_FILE: expected a certificate and its own key in PEM, got what OpenSSL does not take`;
    throw new StewardError('InvalidConfig', message, { cause });
  }
}

function readPem(path: string, setting: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new StewardError('InvalidConfig', `${setting}: the file ${path} can't be read`, { cause });
  });
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
