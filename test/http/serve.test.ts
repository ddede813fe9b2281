import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../../src/http/serve.ts';
import { createWorld, REFERENCE } from './support.ts';

const open: Served[] = [];
async function listen(app: Hono): Promise<Served> {
  const served = await serve(app, { host: '127.0.0.1', port: 0 });
  open.push(served);
  return served;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close(0)));
});

describe('serve', () => {
  it('takes a ticket over the wire', async () => {
    const world = createWorld();
    const { url } = await listen(world.app);
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'x-api-key': world.key, 'content-type': 'application/json' },
      body: JSON.stringify(REFERENCE),
    });
    expect(response.status).toBe(202);
  });

  it('answers 413 to a body without a declared length while it is still coming', async () => {
    const world = createWorld();
    const { port } = await listen(world.app);
    const upload = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/events',
      headers: { 'x-api-key': world.key },
    });
    upload.on('error', () => undefined);
    upload.write(Buffer.alloc(300 * 1024, 'x'));
    const [response] = await once(upload, 'response');
    expect(response.statusCode).toBe(413);
    upload.destroy();
  });

  it('answers 401 to a large mail without reading it', async () => {
    const world = createWorld();
    const { port } = await listen(world.app);
    const upload = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/email',
      headers: { 'content-length': 9_000_000 },
    });
    upload.on('error', () => undefined);
    upload.write('From: a');
    const [response] = await once(upload, 'response');
    expect(response.statusCode).toBe(401);
    upload.destroy();
  });

  it('survives a body that breaks off, and a request that is none', async () => {
    const world = createWorld();
    const { port, url } = await listen(world.app);
    const upload = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/events',
      headers: { 'x-api-key': world.key, 'content-length': 1000 },
    });
    const broken = once(upload, 'error').catch(() => undefined);
    upload.write('{', () => upload.destroy());
    await broken;
    for (const raw of [
      'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
      'GET //[ HTTP/1.1\r\nHost: x\r\n\r\n',
      '\u0000\r\n\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1').setEncoding('latin1');
      socket.end(raw);
      let answer = '';
      for await (const chunk of socket) answer += chunk;
      expect(answer).not.toMatch(/^HTTP\/1.1 5/);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(world.logged).toEqual([]);
  });

  it('says which port is taken and which setting moves it', async () => {
    const { port } = await listen(new Hono());
    await expect(serve(new Hono(), { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PortTaken',
      message: expect.stringMatching(new RegExp(`${port}.*STEWARD_PORT`)),
    });
  });

  it('lets a request under way end before it closes, and takes no new one', async () => {
    let begun = () => {};
    let finish = () => {};
    const started = new Promise<void>((resolve) => (begun = resolve));
    const held = new Promise<void>((resolve) => (finish = resolve));
    const app = new Hono().get('/slow', async (c) => {
      begun();
      await held;
      return c.text('done');
    });
    const served = await serve(app, { host: '127.0.0.1', port: 0 });
    const answer = fetch(`${served.url}/slow`).then((response) => response.text());
    await started;
    const closed = served.close();
    await expect(fetch(`${served.url}/slow`)).rejects.toThrow();
    finish();
    expect(await answer).toBe('done');
    await closed;
  });

  it('cuts what takes longer than the grace', async () => {
    const app = new Hono().get('/stuck', () => new Promise<Response>(() => {}));
    const served = await serve(app, { host: '127.0.0.1', port: 0 });
    const answer = fetch(`${served.url}/stuck`);
    const cut = expect(answer).rejects.toThrow();
    await served.close(50);
    await cut;
  });
});
