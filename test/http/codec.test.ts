/** The codec server as Temporal's CLI and Web UI use it. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createCodecSessions } from '../../src/adapters/codec-sessions.ts';
import { composeGateway } from '../../src/compose.ts';
import { judge } from '../../src/config.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { KEY_ROLES, may } from '../../src/domain/access.ts';
import { createApp } from '../../src/http/app.ts';
import type { CodecAudit, GatewayDeps } from '../../src/http/deps.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { type Served, serve } from '../../src/http/serve.ts';
import { Secret } from '../../src/secret.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { testFile } from '../support/files.ts';
import { onFreePort } from '../support/ports.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { escalated, until } from '../workflows/support.ts';

const steward = useSteward();
const LINK_SECRET = 'a secret of tests, 32 letters or more';
const UI = 'http://127.0.0.1:8233';
const audits: CodecAudit[] = [];
const logged: object[] = [];
const warned: string[] = [];
const held = {} as { app: ReturnType<typeof createApp>; deps: GatewayDeps; served: Served; url: string };

beforeAll(async () => {
  const settled = {
    config: judge({}).config,
    databaseUrl: new Secret(steward.databaseUrl),
    linkSecret: new Secret(LINK_SECRET),
  };
  const warn = (_: object, message: string) => void warned.push(message);
  const log = { info: (facts: object) => void logged.push(facts), warn, error: console.error };
  const deps = composeGateway(settled, steward.composed, steward.temporal.client, steward.steward, log);
  const record = async (audit: CodecAudit) => {
    audits.push(audit);
    await deps.codec.record(audit);
  };
  held.deps = { ...deps, codec: { ...deps.codec, record } };
  held.app = createApp(held.deps);
  const { served, port } = await onFreePort(async (port) => ({
    served: await serve(held.app, { host: '127.0.0.1', port }),
    port,
  }));
  Object.assign(held, { served, url: `http://127.0.0.1:${port}/codec` });
});
afterAll(() => held.served?.close(0));

interface Json {
  readonly metadata: Record<string, string>;
  readonly data: string;
}
const base64 = (text: string) => Buffer.from(text).toString('base64');
const textOf = (payload: Json | undefined) => Buffer.from(payload?.data ?? '', 'base64').toString();
const clear = (value: unknown): Json => ({
  metadata: { encoding: base64('json/plain') },
  data: base64(JSON.stringify(value)),
});
const byKey = (key = steward.apiKey) => ({ authorization: `Bearer ${key}` });

function ask(act: string, body: unknown, headers: Record<string, string> = byKey(), method = 'POST') {
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  return held.app.request(`/codec/${act}`, { method, headers, ...(method === 'POST' ? { body: json } : {}) });
}
async function payloadsOf(response: Response | Promise<Response>): Promise<Json[]> {
  return ((await (await response).json()) as { payloads: Json[] }).payloads;
}
/** One sealed for this workflow. */
async function sealed(workflowId: string, value: unknown): Promise<Json> {
  const [one] = await payloadsOf(
    ask('encode', { payloads: [clear(value)] }, { ...byKey(), 'x-workflow-id': workflowId }),
  );
  if (!one) throw new Error('one in, one out');
  return one;
}

describe('POST /codec/decode', () => {
  it('opens what Temporal has of a ticket, and passes on what it can not open', async () => {
    const id = await escalated(steward, { message: 'My words' });
    const { events } = await steward.temporal.client.workflow.getHandle(ticketWorkflowId(id)).fetchHistory();
    const [start] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const bytes = Object.entries(start?.metadata ?? {}).map(([k, v]) => [k, Buffer.from(v).toString('base64')]);
    const input = { metadata: Object.fromEntries(bytes), data: Buffer.from(start?.data ?? []).toString('base64') };
    const damaged = { ...input, data: `AAAA${input.data.slice(4)}` };
    const unknown = { ...input, metadata: { ...input.metadata, 'encryption-key-id': base64('none') } };
    const payloads = [input, clear('clear'), damaged, unknown, { ...input, data: 'AAAA' }, {}];
    const response = await ask('decode', { payloads });
    expect(response.status).toBe(200);
    const [opened, ...others] = await payloadsOf(response);
    expect(JSON.parse(textOf(opened))).toMatchObject({ detail: { ticketId: id, message: 'My words' } });
    expect(others).toMatchObject(payloads.slice(1));
    const said = { key: { name: 'test' }, workflowIds: [ticketWorkflowId(id)], opened: 1, erased: 0, unchanged: 5 };
    expect(audits.at(-1)).toMatchObject(said);
    expect(logged.at(-1)).toMatchObject({ ...said, key: audits.at(-1)?.key.id });
    // In the log that outlives the process.
    const entries = await steward.owner
      .selectFrom('audit_entries')
      .select(['actor_kind', 'actor_id', 'after'])
      .where('action', '=', 'codec.decoded')
      .where('object', '=', `workflow/${ticketWorkflowId(id)}`)
      .execute();
    expect(entries).toEqual([
      {
        actor_kind: 'key',
        actor_id: audits.at(-1)?.key.id,
        after: { workflowIds: [ticketWorkflowId(id)], opened: 1, erased: 0 },
      },
    ]);
  });

  it('shows a payload whose key was shredded as erased', async () => {
    const one = await sealed('ticket-erased', 'words');
    await steward.composed.deps.dataKeys.shred(['ticket-erased'], null);
    const [shown] = await payloadsOf(ask('decode', { payloads: [one] }));
    const keyId = Buffer.from(one.metadata['encryption-key-id'] ?? '', 'base64').toString();
    expect(JSON.parse(textOf(shown))).toEqual({ erased: true, keyId });
    expect(audits.at(-1)).toMatchObject({ opened: 0, erased: 1 });
    expect(
      (await ask('encode', { payloads: [clear(1)] }, { ...byKey(), 'x-workflow-id': 'ticket-erased' })).status,
    ).toBe(410);
  });

  it('takes no namespace, and an empty one, for its own, and encrypts for no other', async () => {
    const by = (namespace: string) => ({ ...byKey(), 'x-namespace': namespace, 'x-workflow-id': 'ticket-O' });
    for (const mine of ['', 'default']) {
      const [one] = await payloadsOf(ask('encode', { payloads: [clear('words')] }, by(mine)));
      expect(textOf((await payloadsOf(ask('decode', { payloads: [one] })))[0])).toBe('"words"');
      expect(textOf((await payloadsOf(ask('decode', { payloads: [one] }, by(mine))))[0])).toBe('"words"');
    }
    const refused = await ask('encode', { payloads: [clear('words')] }, by('other'));
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('the namespace here is default') });
  });

  it('T10: opens nothing that was moved to another workflow or namespace', async () => {
    const one = await sealed('ticket-M', 'words');
    await sealed('ticket-N', 'others');
    const moved = { ...one, metadata: { ...one.metadata, 'encryption-workflow-id': base64('ticket-N') } };
    expect(await payloadsOf(ask('decode', { payloads: [moved] }))).toEqual([moved]);
    const elsewhere = { ...byKey(), 'x-namespace': 'other' };
    expect(await payloadsOf(ask('decode', { payloads: [one] }, elsewhere))).toEqual([one]);
    expect(textOf((await payloadsOf(ask('decode', { payloads: [one] })))[0])).toBe('"words"');
  });

  it('shows nothing that can not be written down', async () => {
    const record = () => Promise.reject(new Error('the audit log is away'));
    const app = createApp({
      ...held.deps,
      codec: { ...held.deps.codec, record },
      log: { ...held.deps.log, error() {} },
    });
    const body = JSON.stringify({ payloads: [await sealed('ticket-R', 'words')] });
    const refused = await app.request('/codec/decode', { method: 'POST', headers: byKey(), body });
    expect(refused.status).toBe(500);
    expect(await refused.text()).not.toContain('payloads');
  });

  it.each(['', '{', '[]', '{"payloads":1}', '{"payloads":[{"data":"ä"}]}', '{"payloads":[{"metadata":[1]}]}'])(
    'refuses the body %j and names the field',
    async (body) => {
      const refused = await ask('decode', body);
      expect([400, 422]).toContain(refused.status);
      expect(await refused.json()).toMatchObject({ code: expect.stringMatching(/NotJson|InvalidRequest/) });
    },
  );
});

describe('who may ask', () => {
  it.each(KEY_ROLES)('has a role that may: %s', async (role) => {
    const key = newKey();
    await steward.composed.keys.add(role, hashKey(key), role);
    const before = audits.length;
    const { status } = await ask('decode', { payloads: [await sealed('ticket-roles', 'words')] }, byKey(key));
    expect(status).toBe(may(role, 'decode') ? 200 : 403);
    expect(audits.length - before).toBe(may(role, 'decode') ? 1 : 0);
  });

  it('has a live API key', async () => {
    const key = newKey();
    const id = await steward.composed.keys.add('another', hashKey(key), 'operator');
    const asked = async (headers: Record<string, string>) => (await ask('decode', { payloads: [] }, headers)).status;
    expect(await asked(byKey(key))).toBe(200);
    expect(await asked({ 'x-api-key': key })).toBe(200);
    await steward.composed.keys.revoke(id);
    for (const headers of [byKey(key), { 'x-api-key': key }, byKey(newKey()), { authorization: 'Basic eDp5' }, {}]) {
      expect(await asked(headers)).toBe(401);
    }
  });

  it('asks from the Web UI’s own origin, where a browser asks', async () => {
    const from = (origin: string) => ask('decode', { payloads: [] }, { ...byKey(), origin });
    const allowed = await from(UI);
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(UI);
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
    for (const origin of [
      'http://127.0.0.1:8234',
      'http://localhost:8233',
      'https://127.0.0.1:8233',
      'null',
      `${UI}.evil.example`,
    ]) {
      const refused = await from(origin);
      expect(refused.status).toBe(403);
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
      const preflight = await ask('decode', '', { origin, 'access-control-request-method': 'POST' }, 'OPTIONS');
      expect(preflight.status).toBe(403);
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('is told in a preflight what it may send, and hears of a missing key too', async () => {
    const preflight = await ask('decode', '', { origin: UI, 'access-control-request-method': 'POST' }, 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': expect.stringMatching(/authorization.*content-type.*x-namespace/),
      vary: expect.stringContaining('origin'),
    });
    const refused = await ask('decode', { payloads: [] }, { origin: UI });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(UI);
    expect((await ask('decode', '', {}, 'GET')).status).toBe(405);
  });
});

describe('the session of a browser', () => {
  const signIn = (key: string, more: Record<string, string> = {}) =>
    held.app.request('/codec', { method: 'POST', body: new URLSearchParams({ key, ...more }) });
  const cookieOf = (response: Response) => response.headers.get('set-cookie') ?? '';

  it('begins with an API key, is not the key, and ends when the key is revoked', async () => {
    const key = newKey();
    const id = await steward.composed.keys.add('of a browser', hashKey(key), 'operator');
    const signedIn = await signIn(key);
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/codec']);
    expect(cookieOf(signedIn)).toMatch(/^steward_codec=.*Max-Age=28800; Path=\/codec; HttpOnly; SameSite=Strict$/);
    expect(cookieOf(signedIn)).not.toContain(key.slice(4));
    const cookie = cookieOf(signedIn).split(';')[0] ?? '';
    expect(await (await held.app.request('/codec', { headers: { cookie } })).text()).toContain('of a browser');
    const asked = async () => (await ask('decode', { payloads: [] }, { cookie, origin: UI })).status;
    expect(await asked()).toBe(200);
    expect((await ask('decode', { payloads: [] }, { cookie, origin: 'http://127.0.0.1:1' })).status).toBe(403);
    await steward.composed.keys.revoke(id);
    expect(await asked()).toBe(401);
  });

  it('does not begin with anything else', async () => {
    for (const key of ['', 'stw_x', newKey(), 'ä', 'a\nb']) {
      const refused = await signIn(key);
      expect([refused.status, cookieOf(refused)]).toEqual([401, '']);
      expect(await refused.text()).toContain('no valid API key');
    }
  });

  it('ends with signing out', async () => {
    expect(cookieOf(await signIn('', { act: 'out' }))).toMatch(/^steward_codec=; Max-Age=0; Path=\/codec/);
  });

  it('ends after eight hours, and opens with no token that we did not sign', () => {
    let now = 1_000_000;
    const sessions = createCodecSessions(LINK_SECRET, () => now);
    const token = sessions.begin('k1');
    expect(sessions.keyOf(token)).toBe('k1');
    const [, until, mac] = token.split('.');
    for (const forged of ['', 'k1', `k2.${until}.${mac}`, `k1.${Number(until) + 1}.${mac}`, `${token}x`, `${token}.`]) {
      expect(sessions.keyOf(forged)).toBeNull();
    }
    expect(createCodecSessions('another secret').keyOf(token)).toBeNull();
    now += 8 * 3_600_000 - 1;
    expect(sessions.keyOf(token)).toBe('k1');
    now += 1;
    expect(sessions.keyOf(token)).toBeNull();
  });
});

describe('the temporal command with the codec server', () => {
  const run = promisify(execFile);
  async function temporal(workflowId: string, ...args: readonly string[]) {
    // As the README has it: no namespace is named.
    const where = ['--address', inject('temporalAddress'), '--color', 'never'];
    const header = ['--codec-header', `X-Workflow-Id=${workflowId}`];
    const codec = { TEMPORAL_CODEC_ENDPOINT: held.url, TEMPORAL_CODEC_AUTH: `Bearer ${steward.apiKey}` };
    const env = { HOME: await temporaryDirectory(), PATH: process.env.PATH ?? '', ...codec };
    const all = ['workflow', ...args, '--workflow-id', workflowId, ...where, ...header];
    return run(inject('temporalBinary').path, all, { env }).then(
      ({ stdout, stderr }) => ({ code: 0, said: `${stdout}${stderr}` }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        said: `${error.stdout}${error.stderr}`,
      }),
    );
  }

  it('starts a ticket, signals it, updates it and shows it, with nothing in clear on the way', async () => {
    const event = envelope({ message: 'Words for the codec' });
    const id = event.detail.ticketId;
    const workflowId = ticketWorkflowId(id);
    const started = ['start', '--type', 'supportTicket', '--task-queue', steward.taskQueue];
    const file = testFile('ticket.json', event);
    expect(await temporal(workflowId, ...started, '--input-file', file)).toMatchObject({ code: 0 });
    await until(steward, id, { state: 'waitingForAgent' });
    const words = JSON.stringify({ message: 'More words' });
    expect(await temporal(workflowId, 'signal', '--name', 'customerReplied', '--input', words)).toMatchObject({
      code: 0,
    });
    const claimed = await temporal(workflowId, 'update', 'execute', '--name', 'claim', '--input', '{"agentId":"dev"}');
    expect(claimed).toEqual({ code: 0, said: expect.stringContaining('inProgress') });
    const unlawful = await temporal(workflowId, 'update', 'execute', '--name', 'reply', '--input', '{}');
    expect(unlawful.said).toContain('message: expected text');
    const shown = await temporal(workflowId, 'show', '--output', 'json');
    // Decoded, it still writes bytes in Base64.
    const bytes = [...shown.said.matchAll(/"data": "(.*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
    for (const text of ['Words for the codec', 'More words', 'dev']) expect(bytes.join('\n')).toContain(text);
    const row = steward.composed.db.selectFrom('data_keys').select('clear_text').where('name', '=', workflowId);
    await vi.waitFor(async () => expect(await row.executeTakeFirst()).toEqual({ clear_text: false }));
  });

  it('is told of a missing header with the mend', async () => {
    const refused = await ask('encode', { payloads: [clear(1)] });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('--codec-header X-Workflow-Id=') });
    expect(warned).toContainEqual(expect.stringContaining('--codec-header'));
  });

  it('can not send what no workflow reads', async () => {
    const wrong = { metadata: { encoding: base64('json/plain') }, data: base64('{') };
    const refused = await ask('encode', { payloads: [wrong] }, { ...byKey(), 'x-workflow-id': 'ticket-X' });
    expect(refused.status).toBe(422);
  });
});
