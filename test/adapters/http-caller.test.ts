import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpCaller, type HttpHost } from '../../src/adapters/http-caller.ts';
import { readHttpPolicy } from '../../src/adapters/http-policy.ts';
import { composeHttp } from '../../src/compose-http.ts';
import { httpCallOf } from '../../src/domain/http-call.ts';
import { testFile } from '../support/files.ts';
import { deafUrl } from '../support/stand-ins/server.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});
async function answering(answer: Parameters<typeof createServer>[1] & object): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
function send(url: string, more: Partial<HttpHost> = {}, timeoutMs = 2_000, leftMs?: number) {
  const host = { host: new URL(url).host, secrets: [], headers: {}, addresses: 'public' as const, ...more };
  const signal = new AbortController().signal;
  return createHttpCaller({ hosts: [host], timeoutMs }).send(httpCallOf({ url }), { key: 'k', leftMs, signal });
}

describe('an answer', () => {
  test.each([
    ['application/json', '{"a": 1}', { a: 1 }],
    ['application/problem+json; charset=utf-8', '[1]', [1]],
    ['application/json', 'no JSON', 'no JSON'],
    ['text/plain', '{"a": 1}', '{"a": 1}'],
    ['text/plain', '', null],
  ])('of %s %j is %j', async (type, text, body) => {
    const url = await answering((_, res) => res.writeHead(201, { 'content-type': type }).end(text));
    expect(await send(url)).toEqual({ outcome: 'answered', status: 201, body });
  });

  test('of 256 KiB is taken, and one byte more is too much, however it comes', async () => {
    const most = 256 * 1024;
    expect(await send(await answering((_, res) => res.end('x'.repeat(most))))).toMatchObject({ outcome: 'answered' });
    const url = await answering((_, res) => {
      res.write('x'.repeat(most));
      res.end('x');
    });
    expect(await send(url)).toMatchObject({ error: 'States.DataLimitExceeded', retryable: false });
  });

  test('that leads elsewhere is not followed', async () => {
    let asked = 0;
    const url = await answering((_, res) => {
      asked += 1;
      res.writeHead(307, { location: '/again' }).end();
    });
    expect(await send(url)).toMatchObject({ error: 'States.Http.StatusCode.307', retryable: false });
    expect(asked).toBe(1);
  });

  test('that does not end in time is none', async () => {
    const url = await answering((_, res) => void res.writeHead(200).write('a'));
    expect(await send(url, {}, 200)).toMatchObject({ error: 'States.Http.Socket', retryable: true });
    expect(await send(url, {}, 2_000, 200)).toMatchObject({ error: 'States.Timeout', retryable: true });
  });

  test('that breaks off is none', async () => {
    const url = await answering((_, res) => {
      res.writeHead(200, { 'content-length': '10' }).write('a');
      setImmediate(() => res.destroy());
    });
    expect(await send(url)).toMatchObject({ error: 'States.Http.Socket', retryable: true });
    expect(await send(await deafUrl())).toMatchObject({ reason: 'no answer (ECONNREFUSED)' });
  });
});

test('a worker that stops has no word of the receiver’s to tell', async () => {
  const url = await answering(() => {});
  const stops = new AbortController();
  const host = { host: new URL(url).host, secrets: [], headers: {}, addresses: 'public' as const };
  const caller = createHttpCaller({ hosts: [host], timeoutMs: 5_000 });
  const sent = caller.send(httpCallOf({ url }), { key: 'k', signal: stops.signal });
  stops.abort(new Error('it stops'));
  await expect(sent).rejects.toThrow();
});

test.each(['https://10.0.0.1/', 'https://[fd00::1]/', 'https://169.254.169.254/latest'])(
  '%s is not called, though it is named',
  async (url) => {
    expect(await send(url)).toMatchObject({ reason: expect.stringContaining('not public'), retryable: false });
  },
);

test.each([
  'https://api.carrier.example.evil.example/',
  'https://api.carrier.example:8443/',
  'https://api.carrier.example@evil.example/',
  'https://evil.example/?api.carrier.example',
])('%s is not the host that is allowed', (url) => {
  const caller = createHttpCaller({
    hosts: [{ host: 'api.carrier.example', secrets: [], headers: {}, addresses: 'public' }],
    timeoutMs: 1,
  });
  expect(() => caller.hostOf(httpCallOf({ url }))).toThrow(
    'not in policies/http.yaml; allowed are api.carrier.example',
  );
  expect(caller.hostOf(httpCallOf({ url: 'https://API.carrier.example:443/x' }))).toBe('api.carrier.example');
  expect(() => caller.hostOf(httpCallOf({ url: 'https://api.carrier.example/', sign: true }))).toThrow(/^sign: /);
});

describe('policies/http.yaml', () => {
  test('as it is shipped allows nobody', async () => {
    expect(await readHttpPolicy('policies/http.yaml')).toEqual({ hosts: [], timeout: 30_000 });
  });
  test.each([
    [{ host: 'https://api.carrier.example' }, 'hosts.0.host'],
    [{ host: 'api.carrier.example/v1' }, 'hosts.0.host'],
    [{ host: 'Api.carrier.example' }, 'hosts.0.host'],
    [{ host: '*.carrier.example' }, 'hosts.0.host'],
    [{ host: 'a.example', secretEnv: 'the secret itself' }, 'hosts.0.secretEnv'],
    [{ host: 'a.example', headersEnv: { Authorization: 'A' } }, 'hosts.0.headersEnv.Authorization'],
    [{ host: 'a.example', headersEnv: { host: 'A' } }, 'hosts.0.headersEnv.host'],
    [{ host: 'a.example', headersEnv: { authorization: 'Bearer x' } }, 'hosts.0.headersEnv.authorization'],
    [{ host: 'a.example', addresses: 'all' }, 'hosts.0.addresses'],
    [{ host: 'a.example', verbs: [] }, 'hosts.0.verbs'],
  ])('with %j is refused', async (host, field) => {
    const file = testFile('http.yaml', { hosts: [host] });
    await expect(readHttpPolicy(file)).rejects.toMatchObject({ problems: [{ field }] });
  });
  test('names each host once', async () => {
    const file = testFile('http.yaml', { hosts: [{ host: 'a.example:8443' }, { host: 'a.example:8443' }] });
    await expect(readHttpPolicy(file)).rejects.toMatchObject({ problems: [{ field: 'hosts.1.host' }] });
  });
});

test.each([
  [undefined, 'CARRIER_LOGIN: expected the secret that a.example of policies/http.yaml knows us by'],
  ['Bearer x\r\nhost: b', 'CARRIER_LOGIN: expected one line'],
])('a start with %j as a secret is refused', (secret, said) => {
  const host = {
    host: 'a.example',
    secretEnv: [],
    headersEnv: { authorization: 'CARRIER_LOGIN' },
    addresses: 'any' as const,
  };
  expect(() => composeHttp({ hosts: [host], timeout: 1 }, () => secret).load()).toThrow(said);
});
