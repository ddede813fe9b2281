import { Hono } from 'hono';
import { afterEach, expect, test } from 'vitest';
import { type Served, serve } from '../../src/http/serve.ts';
import { sourceOf } from '../../src/http/source.ts';

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close(0)));
});

/** What is made of a request over the wire behind so many proxies. */
async function seen(trusted: number, forwarded?: string): Promise<string> {
  const app = new Hono().get('/', (c) => c.text(sourceOf(c, trusted)));
  const served = await serve(app, { host: '127.0.0.1', port: 0 });
  open.push(served);
  const response = await fetch(
    served.url,
    forwarded === undefined ? {} : { headers: { 'x-forwarded-for': forwarded } },
  );
  return response.text();
}

const SOCKET = '127.0.0.1';

test.each<[trusted: number, forwarded: string | undefined, source: string]>([
  [0, '203.0.113.9', SOCKET],
  [1, '203.0.113.9', '203.0.113.9'],
  [1, '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  [1, 'made up, , 198.51.100.1,203.0.113.9', '203.0.113.9'],
  [2, '198.51.100.1, 203.0.113.9, 10.0.0.7', '203.0.113.9'],
  [1, '203.0.113.9:51234', '203.0.113.9'],
  [1, '2001:DB8::9', '2001:db8:0:0::/64'],
  [1, '[2001:db8::9]', '2001:db8:0:0::/64'],
  [1, '[2001:db8::9]:51234', '2001:db8:0:0::/64'],
  [1, '2001:db8::ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
  [1, '2001:0db8:0000:0001:0000:0000:0000:0009', '2001:db8:0:1::/64'],
  [1, 'fe80::1%eth0', 'fe80:0:0:0::/64'],
  [1, '::1', '0:0:0:0::/64'],
  [1, '::ffff:203.0.113.9', '203.0.113.9'],
  [1, '[::FFFF:cb00:7109]:51234', '203.0.113.9'],
  [1, undefined, SOCKET],
  [1, '', SOCKET],
  [1, 'unknown', SOCKET],
  [1, '203.0.113.900', SOCKET],
  [1, '198.51.100.1, ', SOCKET],
  [2, '203.0.113.9', SOCKET],
  [2, 'made up, 10.0.0.7', SOCKET],
])('behind %i proxies %j comes from %s', async (trusted, forwarded, source) => {
  expect(await seen(trusted, forwarded)).toBe(source);
});
