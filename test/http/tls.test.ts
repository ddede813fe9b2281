/** Threat T12: with a certificate the gateway speaks TLS 1.3, and nothing older or in the clear. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as requestInTheClear } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Served, serve } from '../../src/http/serve.ts';
import { useCertificates } from '../support/certificates.ts';
import { createWorld, REFERENCE } from './support.ts';

const certificates = useCertificates();
const world = createWorld();
const held = {} as { served: Served };
const filesOf = () => ({ certFile: certificates.server.cert, keyFile: certificates.server.key });
beforeAll(async () => {
  held.served = await serve(world.app, { host: '127.0.0.1', port: 0, tls: filesOf() });
});
afterAll(() => held.served.close(0));

/** The version that was agreed on, or what the handshake ended with. */
async function handshake(maxVersion: SecureVersion): Promise<string> {
  const ca = readFileSync(certificates.ca);
  const socket: TLSSocket = connect({
    port: held.served.port,
    host: '127.0.0.1',
    ca,
    maxVersion,
    minVersion: 'TLSv1.2',
  });
  try {
    // An error before that rejects it.
    await once(socket, 'secureConnect');
    return String(socket.getProtocol());
  } catch (error) {
    return String((error as { code: string }).code);
  } finally {
    socket.destroy();
  }
}

test('T12: a client of TLS 1.3 is served, and its ticket is taken', async () => {
  expect(held.served.url).toMatch(/^https:/);
  expect(await handshake('TLSv1.3')).toBe('TLSv1.3');
  const body = JSON.stringify(REFERENCE);
  const headers = { 'x-api-key': world.key, 'content-type': 'application/json' };
  const ca = readFileSync(certificates.ca);
  const sending = request(`${held.served.url}/v1/events`, { method: 'POST', headers, ca });
  const [response] = await once(sending.end(body), 'response');
  response.resume();
  expect(response.statusCode).toBe(202);
});

test('T12: a client of TLS 1.2 is refused by the handshake', async () => {
  expect(await handshake('TLSv1.2')).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
});

test('T12: a request in the clear is not answered', async () => {
  const sending = requestInTheClear({ port: held.served.port, host: '127.0.0.1', path: '/healthz' });
  await expect(once(sending.end(), 'response')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test.each<[said: RegExp, files: () => Parameters<typeof serve>[1]['tls']]>([
  [
    /STEWARD_TLS_CERT_FILE: the file .*nowhere can't be read/,
    () => ({ ...filesOf(), certFile: join(certificates.dir, 'nowhere') }),
  ],
  [
    /STEWARD_TLS_KEY_FILE: the file .*nowhere can't be read/,
    () => ({ ...filesOf(), keyFile: join(certificates.dir, 'nowhere') }),
  ],
  [/a certificate and its own key/, () => ({ ...filesOf(), keyFile: certificates.client.key })],
  [/a certificate and its own key/, () => ({ ...filesOf(), certFile: certificates.server.key })],
])('T12: files that will not do are refused at the start: %s', async (said, files) => {
  await expect(serve(world.app, { host: '127.0.0.1', port: 0, tls: files() })).rejects.toMatchObject({
    code: 'InvalidConfig',
    message: expect.stringMatching(said),
  });
});
