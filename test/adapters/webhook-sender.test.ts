import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { isPublicAddress, lookupPublic, PRIVATE } from '../../src/adapters/public-address.ts';
import { signWebhook, wrongWebhook } from '../../src/adapters/standard-webhooks.ts';
import { createWebhookSender } from '../../src/adapters/webhook-sender.ts';
import { deafUrl } from '../support/stand-ins/server.ts';

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`;
const NOW = 1_614_265_330_000;

describe('a signature', () => {
  test('is the one that Standard Webhooks publishes for its example', () => {
    const body = '{"test": 2432232314}';
    const headers = signWebhook({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body, now: NOW }, [
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    ]);
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect(headers['webhook-timestamp']).toBe('1614265330');
  });

  test('by two secrets is right for whoever has either', () => {
    const signed = new Headers(signWebhook({ id: 'm', body: '{}', now: NOW }, [SECRET, OTHER]));
    for (const secret of [SECRET, OTHER]) expect(wrongWebhook(signed, '{}', [secret], NOW)).toBeNull();
    expect(wrongWebhook(signed, '{}', ['a third secret, as it is'], NOW)).toContain('fits neither');
  });

  test.each([
    ['another body', {}, '{"a":1}', 0],
    ['another id', { 'webhook-id': 'n' }, '{}', 0],
    ['another time', { 'webhook-timestamp': String(NOW / 1000 + 1) }, '{}', 0],
    ['too old', {}, '{}', 301_000],
    ['from the future', {}, '{}', -301_000],
    ['no signature', { 'webhook-signature': '' }, '{}', 0],
    ['another version', { 'webhook-signature': 'v1a,AAAA' }, '{}', 0],
    ['no time', { 'webhook-timestamp': 'now' }, '{}', 0],
  ])('%s is refused', (_, change, body, later) => {
    const headers = new Headers({ ...signWebhook({ id: 'm', body: '{}', now: NOW }, [SECRET]), ...change });
    expect(wrongWebhook(headers, body, [SECRET], NOW + later)).not.toBeNull();
  });
});

describe('an address', () => {
  test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  test.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
    ],
    ...[
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      'fe80::1',
      'fd00::1',
      'ff02::1',
      '::ffff:10.0.0.1',
      '::ffff:a00:1',
    ],
    ...['64:ff9b::a00:1', '2002:a00:1::', 'localhost', ''],
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));

  test('a name that leads to one of ours is not looked up', async () => {
    const code = await new Promise((settle) => lookupPublic('localhost', {}, (error) => settle(error?.code)));
    expect(code).toBe(PRIVATE);
  });
});

describe('a receiver', () => {
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
  const send = (url: string, timeoutMs = 2_000, addresses: 'public' | 'any' = 'public') =>
    createWebhookSender({
      ...{ name: 'desk', url, secrets: [SECRET], timeoutMs, addresses, bodyOf: () => ({}) },
      rules: { retries: [1], openAfter: 1, firstPauseMs: 1, longestPauseMs: 1 },
    }).send({
      ...{ messageId: 'm', sequence: 1, type: 'webhook.test', ticketId: null, facts: {}, attempts: 0 },
      ...{ at: '2026-04-23T10:15:00Z', dueFrom: '2026-04-23T10:15:00Z' },
    });

  test.each([
    [200, { outcome: 'taken' }],
    [299, { outcome: 'taken' }],
    [410, { outcome: 'gone' }],
    [301, { outcome: 'failed', reason: 'HTTP 301' }],
    [404, { outcome: 'failed', reason: 'HTTP 404' }],
    [422, { outcome: 'failed', reason: 'HTTP 422', isRefusal: true }],
    [500, { outcome: 'failed', reason: 'HTTP 500' }],
  ])('that answers %i: %j', async (status, outcome) => {
    const url = await answering((_, res) =>
      res.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('a person’s name'),
    );
    expect(await send(url)).toMatchObject(outcome);
  });

  test.each([
    [429, 7_000],
    [503, 7_000],
    [500, undefined],
  ])('that answers %i with Retry-After is called again after %s ms', async (status, retryAfterMs) => {
    const url = await answering((_, res) => res.writeHead(status, { 'retry-after': '7' }).end());
    expect(await send(url)).toMatchObject({ outcome: 'failed', retryAfterMs });
  });

  test('that never ends its answer costs no more than the time-out, and one that floods is cut off', async () => {
    const silent = await answering((_, res) => void res.writeHead(200).write('a'));
    const begun = Date.now();
    expect(await send(silent, 300)).toEqual({ outcome: 'taken' });
    expect(Date.now() - begun).toBeLessThan(2_000);
    server?.closeAllConnections();
    server?.close();
    let sent = 0;
    const flooding = await answering((_, res) => {
      res.writeHead(200);
      const more = () => {
        while (!res.destroyed && res.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!res.destroyed) res.once('drain', more);
      };
      more();
    });
    expect(await send(flooding, 20_000)).toEqual({ outcome: 'taken' });
    expect(sent).toBeLessThan(50_000_000);
  });

  test('that does not answer, or is not there, is a failure by its code', async () => {
    expect(await send(await answering(() => {}), 200)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^no answer/),
    });
    expect(await send(await deafUrl())).toMatchObject({ outcome: 'failed', reason: 'no answer (ECONNREFUSED)' });
  });

  test.each([
    'https://10.0.0.1/',
    'https://[fd00::1]/',
    'https://169.254.169.254/latest',
    'https://localhost.localdomain/',
  ])('at %s is not called', async (url) => {
    const answer = await send(url, 5_000);
    expect(answer).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/not public|ENOTFOUND|EAI_AGAIN/),
    });
  });
});
