/** Mails for the tests: written out as they come over the wire, and handed to the gateway. */
import { expect } from 'vitest';
import { createWorld, post, type World } from './support.ts';

/** From Ada, unless `headers` say otherwise; an empty header is left out. */
export function mail(headers: Record<string, string>, body: string | Buffer): Buffer {
  const all = {
    From: 'Ada Lovelace <ada@example.com>',
    Subject: 'Fire',
    'Message-ID': '<first@example.com>',
    ...headers,
  };
  const head = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${head.join('')}\r\n`), Buffer.from(body)]);
}

export interface Part {
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

export const html = (body: string): Part => ({ headers: { 'Content-Type': 'text/html; charset=utf-8' }, body });
export const plain = (body: string): Part => ({ headers: { 'Content-Type': 'text/plain' }, body });
/** Something with a name that is no text; `more` are further headers. */
export const file = (name: string, type: string, more: Record<string, string> = {}): Part => ({
  headers: { 'Content-Type': `${type}; name="${name}"`, ...more },
  body: 'DATA',
});
export const picture = (name: string): Part => file(name, 'image/png', { 'Content-ID': `<${name}>` });

let boundaries = 0;
/** `multipart('mixed', …)`, to be a part of another or a whole mail. */
export function multipart(kind: string, ...parts: readonly Part[]): Part {
  boundaries += 1;
  const boundary = `=_${boundaries}`;
  const chunks = parts.flatMap(({ headers, body }) => {
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return [Buffer.from(`--${boundary}\r\n${head.join('')}\r\n`), Buffer.from(body), Buffer.from('\r\n')];
  });
  return {
    headers: { 'Content-Type': `multipart/${kind}; boundary="${boundary}"` },
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** A part as a whole mail. */
export function mailOf(part: Part, headers: Record<string, string> = {}): Buffer {
  return mail({ ...part.headers, ...headers }, part.body);
}

export function send(world: World, body: Buffer | string, headers: Record<string, string> = {}) {
  return post(world, '/v1/email', body, { 'content-type': 'message/rfc822', ...headers });
}

/** What the ticket holds that a mail becomes. */
export async function detailOf(body: Buffer) {
  const world = createWorld();
  const response = await send(world, body);
  expect(response.status).toBe(202);
  return world.submitted[0]?.detail;
}
