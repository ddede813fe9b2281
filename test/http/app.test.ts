import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { StewardError } from '../../src/domain/errors.ts';
import { isAway } from '../../src/http/away.ts';
import type { Accepted } from '../../src/http/continue.ts';
import { hashKey, newKey, shownKeyHash } from '../../src/http/keys.ts';
import { acceptedSchema, problemSchema } from '../../src/http/openapi.ts';
import type { ProblemDocument } from '../../src/http/refusal.ts';
import { createWorld, postEvent, REFERENCE } from './support.ts';

describe('GET /healthz and /readyz', () => {
  const well = { store: 'ok', temporal: 'ok', policies: 'ok', flow: 'deployed' };

  it('healthz tells that the process is up, whatever else is away', async () => {
    const world = createWorld();
    world.fail = { store: new Error('away'), temporal: new Error('away') };
    expect((await world.app.request('/healthz')).status).toBe(200);
  });

  it('readyz tells whether tickets can be taken, and what is away', async () => {
    const world = createWorld();
    const ready = await world.app.request('/readyz');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', ...well }]);
    world.fail = { temporal: new Error('10.0.0.7 refused') };
    const away = await world.app.request('/readyz');
    expect([away.status, await away.json()]).toEqual([503, { status: 'away', ...well, temporal: 'away' }]);
    expect(away.headers.get('retry-after')).toBe('5');
  });

  it('readyz tells of policies that are refused, and takes tickets all the same', async () => {
    const world = createWorld();
    world.policiesRefused = true;
    const ready = await world.app.request('/readyz');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'degraded', ...well, policies: 'refused' }]);
  });
});

describe('GET /openapi.json', () => {
  it('describes the ways in, their schemas and every refusal', async () => {
    const response = await createWorld().app.request('/openapi.json');
    expect(response.status).toBe(200);
    const api = (await response.json()) as {
      openapi: string;
      paths: Record<string, Record<string, { responses: object }>>;
    };
    expect(api.openapi).toBe('3.1.0');
    expect(Object.keys(api.paths).sort()).toEqual([
      '/healthz',
      '/readyz',
      '/v1/agents/{id}/presence',
      '/v1/audits/{month}',
      '/v1/email',
      '/v1/erasures',
      '/v1/erasures/{id}',
      '/v1/erasures/{id}/approve',
      '/v1/erasures/{id}/code',
      '/v1/erasures/{id}/extend',
      '/v1/erasures/{id}/refuse',
      '/v1/erasures/{id}/retry',
      '/v1/erasures/{id}/skip',
      '/v1/erasures/{id}/vouch',
      '/v1/events',
      '/v1/flow-tasks/complete',
      '/v1/flow-tasks/fail',
      '/v1/flow-tasks/heartbeat',
      '/v1/flows/{name}/runs',
      '/v1/mails',
      '/v1/mails/{id}',
      '/v1/mails/{id}/release',
      '/v1/slack/interactions',
      '/v1/sns',
      '/v1/sources/{name}',
      '/v1/tasks',
      '/v1/tasks/{id}',
      '/v1/tasks/{id}/decide',
      '/v1/tasks/{id}/delegate',
    ]);
    expect(Object.keys(api.paths['/v1/events']?.post?.responses ?? {})).toEqual([
      '200',
      '202',
      '400',
      '401',
      '403',
      '409',
      '410',
      '413',
      '415',
      '422',
      '500',
      '503',
    ]);
    const text = JSON.stringify(api);
    for (const word of ['customerTier', 'ticket.rated', 'application/problem+json', 'x-api-key'])
      expect(text).toContain(word);
  });

  it('is there whatever was loaded before: the app alone, as `npm start` loads it', async () => {
    const script = `import { createApp } from './src/http/app.ts';
      const response = await createApp({ log: console }).request('/openapi.json');
      process.stdout.write(response.status + ' ' + (await response.text()));`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/^200 \{"openapi":"3\.1\.0"/);
  });

  it('refers to schemas that are there', async () => {
    const text = await (await createWorld().app.request('/openapi.json')).text();
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((m) => m[1]?.replace('#/components/schemas/', '') ?? '');
    expect(refs).toEqual(expect.arrayContaining(['ticket.created', 'ticket.rated', 'Accepted', 'Problem']));
    for (const name of refs) expect(components.schemas).toHaveProperty([name]);
  });

  it('says of patterns only what JSON Schema knows', async () => {
    const text = await (await createWorld().app.request('/openapi.json')).text();
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
      (m) => JSON.parse(m[1] ?? '""') as string,
    );
    expect(patterns.length).toBeGreaterThan(0);
    for (const pattern of patterns) expect(pattern).not.toMatch(/\/[a-z]*$|\\p\{/);
  });

  it('describes answers as they are', async () => {
    // A difference between the types and their descriptions does not compile.
    const accepted: z.input<typeof acceptedSchema> = {} as Accepted;
    const problem: z.input<typeof problemSchema> = {} as Omit<ProblemDocument, 'problems'>;
    expect([accepted, problem]).toHaveLength(2);
    const world = createWorld();
    acceptedSchema.strict().parse(await (await postEvent(world, REFERENCE)).json());
    problemSchema.strict().parse(await (await postEvent(world, {})).json());
  });
});

describe('what is not there', () => {
  it('404 as problem+json for programs', async () => {
    const response = await createWorld().app.request('/v2/events');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
  it('405 for other methods on /v1/events', async () => {
    const response = await createWorld().app.request('/v1/events', { method: 'PUT' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('API keys', () => {
  it('are random, recognisable and kept as SHA-256', () => {
    expect(newKey()).toMatch(/^stw_[A-Za-z0-9_-]{43}$/);
    expect(newKey()).not.toBe(newKey());
    expect(hashKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
  it('are read from either header', () => {
    const key = newKey();
    expect(shownKeyHash(new Headers({ authorization: `bearer  ${key}` }))).toBe(hashKey(key));
    expect(shownKeyHash(new Headers({ 'x-api-key': key }))).toBe(hashKey(key));
    expect(shownKeyHash(new Headers({ authorization: `Basic ${key}` }))).toBeNull();
    expect(shownKeyHash(new Headers({ 'x-api-key': `${key}=` }))).toBeNull();
    expect(shownKeyHash(new Headers())).toBeNull();
  });
});

describe('isAway', () => {
  const coded = (code: string | number, message = 'x') => Object.assign(new Error(message), { code });
  it.each([
    ['a refused connection', coded('ECONNREFUSED')],
    ['several refused addresses', new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')])],
    ['a server that shuts down', coded('57P01')],
    ['a server that starts', coded('57P03')],
    ['too many connections', coded('53300')],
    ['a lost connection', new Error('Connection terminated unexpectedly')],
    ['an exhausted pool', new Error('timeout exceeded when trying to connect')],
    ['Temporal unavailable', new Error('x', { cause: coded(14) })],
    ['Temporal too late', coded(4)],
    ['Temporal cut off', new Error('x', { cause: Object.assign(new Error('transport error'), { code: 2 }) })],
    ['Temporal overloaded', coded(8)],
    ['our own word for it', new StewardError('Unavailable', 'x')],
  ])('is true for %s', (_, error) => {
    expect(isAway(error)).toBe(true);
  });
  it.each([
    ['a broken query', coded('42601')],
    ['a violated constraint', coded('23505')],
    ['a wrong argument to Temporal', coded(3)],
    ['a fault of ours', new TypeError('x is not a function')],
    ['another error of ours', new StewardError('InvalidTicket', 'x')],
    ['no error at all', 'ECONNREFUSED'],
  ])('is false for %s', (_, error) => {
    expect(isAway(error)).toBe(false);
  });
  it('ends with an error that causes itself', () => {
    const error: Error & { cause?: unknown } = new Error('x');
    error.cause = error;
    expect(isAway(error)).toBe(false);
  });
});
