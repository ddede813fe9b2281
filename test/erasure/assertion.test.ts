import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';
import { addCustomer, codeOf, ended, hurried, row } from './support.ts';

/* The support platform vouches that the person is signed in there. */

const SECRET = 'shared with the platform, 32 letters or more';
const providers = useProviders();
const settings = () => ({ ...providers.settings('ses'), STEWARD_ASSERTION_SECRET: SECRET });
const privacy = (policy: Parameters<typeof hurried>[0]) => ({ ...hurried(policy), approval: 'never' as const });

function signed(sub: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { aud: 'steward-erasure', sub, iat, exp: iat + 300 };
  const text = `v1.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

function ask(steward: TestSteward, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' };
  const response = steward.app.request('/v1/erasures', { method: 'POST', headers, body: JSON.stringify(body) });
  return Promise.resolve(response);
}
async function requestIdOf(response: Response): Promise<string> {
  expect(response.status, await response.clone().text()).toBe(202);
  return ((await response.json()) as { requestId: string }).requestId;
}
const codes = (requestId: string) =>
  providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-code`));

async function expectRefused(response: Response, words: string): Promise<void> {
  const answer = await response.json();
  expect([response.status, answer]).toEqual([
    422,
    expect.objectContaining({
      code: 'InvalidRequest',
      problems: [{ field: 'assertion', message: expect.stringContaining(words) }],
    }),
  ]);
}

describe('in the code’s place', () => {
  const steward = useSteward({ settings, privacy });

  test('it ends the proof: no code is sent, and the person is erased', { timeout: 60_000 }, async () => {
    const { email } = await addCustomer(steward);
    const requestId = await requestIdOf(await ask(steward, { email, assertion: signed(email) }));
    expect(await ended(steward, requestId)).toMatchObject({ outcome: 'erased', proved_by: 'assertion' });
    expect(codes(requestId)).toEqual([]);
    const words = steward.owner.selectFrom('erasure_assertions').select('until').where('erasure_id', '=', requestId);
    expect(await words.execute()).toEqual([]);
    const log = steward.owner.selectFrom('audit_entries').select('after').where('action', '=', 'erasure.proved');
    const [entry] = await log.where('object', '=', `erasure/${requestId}`).execute();
    expect(entry?.after).toEqual({ by: 'assertion' });
  });

  test('it also does for a customer of whom no address is known', { timeout: 60_000 }, async () => {
    const { id } = await addCustomer(steward);
    await steward.owner.updateTable('customers').set({ email: null }).where('id', '=', id).execute();
    const requestId = await requestIdOf(await ask(steward, { customerId: id, assertion: signed(id) }));
    expect(await ended(steward, requestId)).toMatchObject({ outcome: 'erased' });
  });

  test('it is good for one request, and of an event that comes twice for the same', async () => {
    const { email } = await addCustomer(steward);
    const assertion = signed(email);
    const event = (id: string) => ({
      source: 'support.platform',
      id,
      'detail-type': 'erasure.requested',
      detail: { email, assertion },
    });
    const first = await steward.post(event('one'));
    const again = await steward.post(event('one'));
    expect(await requestIdOf(again)).toBe(await requestIdOf(first));
    await expectRefused(await steward.post(event('two')), 'another request');
    await expectRefused(await ask(steward, { email, assertion }), 'another request');
  });

  test('one that does not hold begins nothing', async () => {
    const { email } = await addCustomer(steward);
    const before = await steward.owner.selectFrom('erasures').select('id').execute();
    await expectRefused(await ask(steward, { email, assertion: signed('bob@customer.example') }), 'somebody else');
    await expectRefused(await ask(steward, { email, assertion: `${signed(email).slice(0, -3)}AAA` }), 'signature');
    await expectRefused(await ask(steward, { email, assertion: 'x' }), 'v1.<payload>.<mac>');
    expect(await steward.owner.selectFrom('erasures').select('id').execute()).toHaveLength(before.length);
  });

  test('what is kept of it goes when its time is over', async () => {
    await steward.owner
      .insertInto('erasure_assertions')
      .values({ digest: Buffer.from('old'), erasure_id: 'ERA-0', until: new Date(Date.now() - 1) })
      .execute();
    const { email } = await addCustomer(steward);
    await requestIdOf(await ask(steward, { email, assertion: signed(email) }));
    const kept = await steward.owner.selectFrom('erasure_assertions').select('digest').execute();
    expect(kept.map(({ digest }) => digest.toString())).not.toContain('old');
  });
});

describe('beside the code', () => {
  const steward = useSteward({
    settings: () => ({ ...settings(), STEWARD_SECOND_FACTOR: 'assertion' }),
    privacy: (policy) => ({ ...privacy(policy), erasure: { ...hurried(policy).erasure, codeMinutes: 1 / 20 } }),
  });
  const enter = async (requestId: string) => {
    const code = await codeOf(providers, requestId);
    const headers = { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ code });
    return steward.app.request(`/v1/erasures/${requestId}/code`, { method: 'POST', headers, body });
  };

  test('it alone proves nothing', { timeout: 60_000 }, async () => {
    const { email } = await addCustomer(steward);
    const requestId = await requestIdOf(await ask(steward, { email, assertion: signed(email) }));
    await outcome(() => expect(codes(requestId)).toHaveLength(1));
    expect(await ended(steward, requestId)).toMatchObject({ outcome: 'notProved', proved_at: null });
  });

  test('the code alone proves nothing, both do', { timeout: 60_000 }, async () => {
    const [one, both] = [await addCustomer(steward), await addCustomer(steward)];
    const alone = await requestIdOf(await ask(steward, { email: one.email }));
    const vouched = await requestIdOf(await ask(steward, { email: both.email, assertion: signed(both.email) }));
    for (const requestId of [alone, vouched]) expect((await enter(requestId)).status).toBe(200);
    expect(await ended(steward, alone)).toMatchObject({ outcome: 'notProved' });
    const page = await (await steward.app.request(steward.composed.deps.erasure.pageOf(alone))).text();
    expect(page).toContain('The code was right. We also have to know that you are signed in');
    expect(page).not.toContain('No code was entered');
    expect(await ended(steward, vouched)).toMatchObject({ outcome: 'erased', proved_by: 'code' });
    expect((await row(steward, vouched)).asserted_at).not.toBeNull();
  });
});
