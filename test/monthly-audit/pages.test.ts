/** Who may read the reports, and what they look like. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditHeads } from '../../src/adapters/audit-heads.ts';
import { runCli } from '../../src/cli/run.ts';
import { composeOperator } from '../../src/compose-operator.ts';
import { judge } from '../../src/config.ts';
import type { KeyRole } from '../../src/domain/access.ts';
import type { AuditAction } from '../../src/domain/audit-actions.ts';
import { measuredAt } from '../../src/domain/month.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { type Served, serve } from '../../src/http/serve.ts';
import { Secret } from '../../src/secret.ts';
import { placeEntries } from '../../src/store/audit-place.ts';
import { BROWSER, useBrowser } from '../support/browser.ts';
import { onFreePort } from '../support/ports.ts';
import { useSteward } from '../support/steward.ts';
import { logAt, seedErasure } from './support.ts';

const steward = useSteward();
const browser = useBrowser();
const held = {} as { served: Served; gateway: string; officer: string };

async function keyOf(role: KeyRole): Promise<string> {
  const key = newKey();
  await steward.composed.keys.add(`${role} key`, hashKey(key), role);
  return key;
}

beforeAll(async () => {
  const db = steward.owner;
  const DUTY = {
    why: 'Letters that belong to a purchase are kept for tax audits',
    statute: 'Art. 17(3)(b) GDPR, § 147 AO',
  };
  await seedErasure(db, {
    received: '2026-10-02T08:00:00Z',
    due: '2026-11-02T22:59:59.999Z',
    erased: '2026-10-03T09:30:00Z',
  });
  await seedErasure(db, {
    received: '2026-10-05T08:00:00Z',
    due: '2026-11-05T22:59:59.999Z',
    erased: '2026-10-09T08:00:00Z',
    kept: [{ category: 'conversations', verdict: 'keep', ...DUTY, until: '2032-12-31T22:59:59.999Z' }],
  });
  // Kept since the spring: of one the words have gone since, the other one's name should have gone as well.
  const early = {
    received: '2026-03-02T08:00:00Z',
    due: '2026-04-02T21:59:59.999Z',
    erased: '2026-03-03T09:30:00Z',
    ended: '2026-04-02T09:30:00Z',
    outcome: 'partlyErased' as const,
    kept: [
      { category: 'conversations' as const, verdict: 'keep' as const, ...DUTY, until: '2026-09-30T21:59:59.999Z' },
      {
        category: 'identity' as const,
        verdict: 'keep' as const,
        why: 'A quarrel',
        statute: 'Art. 17(3)(e) GDPR',
        until: '2026-10-15T21:59:59.999Z',
      },
    ],
  };
  const before = await seedErasure(db, early);
  const late = await seedErasure(db, {
    received: '2026-09-11T08:00:00Z',
    due: '2026-10-12T21:59:59.999Z',
    proved: '2026-09-11T08:04:00Z',
    erased: '2026-10-14T08:00:00Z',
  });
  const log = (
    at: string,
    actor: string,
    action: AuditAction,
    object: string,
    after: Record<string, string | number>,
  ) => logAt(db, at, { actor: { kind: 'key', id: actor }, action, object, after });
  await log('2026-10-14T08:00:00Z', 'w', 'erasure.recipient', `erasure/${late}`, {
    recipient: 'Billing',
    status: 'open',
  });
  await log('2026-10-01T00:30:00Z', 'w', 'erasure.keptEnded', `erasure/${before}`, {
    category: 'conversations',
    how: 'erased',
  });
  await log('2026-10-31T01:30:00Z', 'w', 'retention.keptReviewed', 'retention', { requests: 1, ended: 0, unclear: 0 });
  await log('2026-10-20T08:00:00Z', '0b7c2f', 'codec.decoded', 'workflow/ticket-TKT-1', { opened: 3 });
  const placed = await placeEntries(db, 1_000);
  if (placed?.head) await createAuditHeads(join(steward.stateDir, 'audit-heads.jsonl')).keep(placed.head);
  const { workflowId } = await steward.steward.measureMonth('2026-10', measuredAt('2026-10', 'Europe/Berlin'));
  await steward.temporal.client.workflow.getHandle(workflowId).result();
  held.officer = await keyOf('privacyOfficer');
  await onFreePort(async (port) => {
    held.served = await serve(steward.app, { host: '127.0.0.1', port });
    held.gateway = `http://127.0.0.1:${port}`;
  });
}, 60_000);
afterAll(() => held.served?.close(0));

const get = (path: string, headers: Record<string, string> = {}) => steward.app.request(path, { headers });
const signIn = (key: string, to = '/audits') =>
  steward.app.request('/audits', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ key, to }).toString(),
  });

describe('/v1/audits/YYYY-MM', () => {
  it.each<[KeyRole, number]>([
    ['agent', 403],
    ['operator', 403],
    ['privacyOfficer', 200],
    ['auditor', 200],
    ['admin', 200],
  ])('answers a key of the role %s with %i', async (role, status) => {
    const response = await get('/v1/audits/2026-10', { 'x-api-key': await keyOf(role) });
    expect(response.status).toBe(status);
  });

  it('gives the bytes of the report, nothing without a key, and 404 where there is none', async () => {
    const response = await get('/v1/audits/2026-10', { 'x-api-key': held.officer });
    const kept = await steward.composed.deps.audits.store.find('2026-10');
    expect(await response.text()).toBe(kept?.json);
    expect(response.headers.get('etag')).toBe(`"${kept?.sha256}"`);
    expect((await get('/v1/audits/2026-10')).status).toBe(401);
    for (const month of ['2020-01', 'x', '2026-13']) {
      expect((await get(`/v1/audits/${month}`, { 'x-api-key': held.officer })).status).toBe(404);
    }
  });
});

describe('/audits', () => {
  it('shows nothing to a browser that has not signed in', async () => {
    expect(await (await get('/audits')).text()).toContain('API key');
    const response = await get('/audits/2026-10');
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('Requests for erasure');
  });

  it('lets in who may read reports, and nobody else, and leads back to the month', async () => {
    expect((await signIn(await keyOf('operator'))).status).toBe(403);
    expect((await signIn('stw_nothing')).status).toBe(401);
    const response = await signIn(held.officer, '/audits/2026-10');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/audits/2026-10']);
    expect((await signIn(held.officer, 'https://evil.example/')).headers.get('location')).toBe('/audits');
    const cookie = response.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/Path=\/audits; HttpOnly; SameSite=Lax/);
    expect(cookie).not.toContain(held.officer);
    const shown = await get('/audits/2026-10', { cookie: cookie.split(';')[0] ?? '' });
    expect(await shown.text()).toContain('Requests for erasure');
  });

  it('is over for a browser whose key was revoked', async () => {
    const key = await keyOf('auditor');
    const cookie = (await signIn(key)).headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await get('/audits/2026-10', { cookie })).status).toBe(200);
    for (const { id, name } of await steward.composed.keys.list()) {
      if (name === 'auditor key') await steward.composed.keys.revoke(id);
    }
    expect((await get('/audits/2026-10', { cookie })).status).toBe(401);
  });
});

/** `STEWARD_RECORD=on` takes the picture of docs/operations.md anew. */
const PICTURE = process.env.STEWARD_RECORD === 'on' ? { path: 'docs/images/monthly-audit.png' } : {};

const KEPT = [
  '1 category of data kept without a reason that is known.',
  'held by law',
  '2032-12-31',
  'a night has looked at it, and it is there',
];

describe.runIf(BROWSER)('in a browser', () => {
  it('an officer signs in, finds the month, and reads it; nothing else is asked for', async () => {
    const { page, wrong } = await browser.open(`${held.gateway}/audits`, { javaScriptEnabled: false });
    await page.getByLabel('API key').fill(held.officer);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'October 2026' }).click();
    await page.getByRole('heading', { name: 'Privacy report of October 2026' }).waitFor();
    const text = await page.locator('main').innerText();
    for (const words of ['1 request late.', 'Billing', 'kept for tax audits', 'whole', '0b7c2f', ...KEPT])
      expect(text).toContain(words);
    expect(text).toContain('The first report stands, and is the one above.');
    await page.setViewportSize({ width: 900, height: 1400 });
    expect((await page.screenshot({ ...PICTURE, fullPage: true })).byteLength).toBeGreaterThan(10_000);
    expect(wrong).toEqual([]);
    await page.context().close();
  });
});

describe('steward audit monthly', () => {
  async function cli(...args: string[]) {
    const said = { out: '', err: '' };
    const operator = await composeOperator(
      judge({ STEWARD_STATE_DIR: steward.stateDir }).config,
      new Secret(steward.databaseUrl),
    );
    const code = await runCli(['audit', 'monthly', ...args], {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      readText: () => Promise.reject(new Error('not asked for')),
      now: () => Date.parse('2026-11-25T12:00:00Z'),
      operator: async () => operator,
      steward: async () => steward.steward,
      erasures: () => Promise.reject(new Error('not asked for')),
      templates: () => Promise.reject(new Error('not asked for')),
      tasks: () => Promise.reject(new Error('not asked for')),
      flows: () => Promise.reject(new Error('not asked for')),
      runWords: () => Promise.reject(new Error('not asked for')),
      migrate: () => Promise.reject(new Error('not asked for')),
    });
    await operator.close();
    return { code, ...said };
  }

  it('lists the months, shows one, and measures one', async () => {
    expect((await cli()).out).toMatch(/^MONTH .*\n2026-10\s+2\s+2\s+1\s+1\s+whole\s+0$/m);
    const { out } = await cli('2026-10');
    for (const words of [
      /^ {2}late +1 \(with pauses: 1\)$/m,
      /^kept: conversations, .*: 1$/m,
      /^no answer: Billing/m,
      /^still kept: conversations, .*, until 2032-12-31: 1$/m,
      /^kept no longer: conversations, erased: 1$/m,
      /^kept without a known reason: ERA-\w+, identity, until 2026-10-15 21:59:59: a night has looked at it/m,
    ]) {
      expect(out).toMatch(words);
    }
    expect(JSON.parse((await cli('2026-10', '--json')).out).figures.requests.received).toBe(2);
    expect(await cli('--run', '2026-09')).toMatchObject({
      code: 0,
      out: expect.stringContaining('2026-09 is being measured'),
    });
    await steward.temporal.client.workflow.getHandle('monthly-audit-2026-09').result();
    expect((await cli('2026-09')).code).toBe(0);
  });

  it.each([
    [['--run', '2026-11'], /2026-11 is not over: it can be measured from 2026-11-30 23:10:00 UTC on/],
    [['2026-11'], /2026-11 is not over: it can be measured from 2026-11-30 23:10:00 UTC on/],
    [['2026-1'], /expected a month such as 2026-10/],
    [['2020-01'], /has no report yet/],
  ])('%j is refused with the mend', async (args, words) => {
    const { code, err } = await cli(...args);
    expect(code).toBe(1);
    expect(err).toMatch(words);
  });
});
