/** What officers say to requests by the API, on a running Steward. */
import { beforeAll, expect, test } from 'vitest';
import { KEY_ROLES, may } from '../../src/domain/access.ts';
import { OUTCOMES, openIntents } from '../../src/domain/audit-actions.ts';
import { hashKey, newKey } from '../../src/http/keys.ts';
import {
  addCustomer,
  askByForm,
  codeOf,
  ended,
  hurried,
  inState,
  post as postForm,
  row,
  useErasureCommands,
} from '../erasure/support.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';

const providers = useProviders();
const refuseEntries = useRefusedEntries();
const settings = () => providers.settings('ses');
const running = useSteward({ settings, privacy: (policy) => ({ ...hurried(policy), approval: 'always' }) });

const keys = {
  ann: newKey(),
  bob: newKey(),
  anas: newKey(),
  anasOther: newKey(),
  agent: newKey(),
  operator: newKey(),
  auditor: newKey(),
  admin: newKey(),
};
type Holder = keyof typeof keys;
const ids = {} as Record<Holder, string>;
beforeAll(async () => {
  for (const [name, key] of Object.entries(keys) as [Holder, string][]) {
    const role = KEY_ROLES.find((one) => one === name) ?? 'privacyOfficer';
    const agent = name.startsWith('anas') ? 'ana' : null;
    ids[name] = await running.composed.keys.add(name, hashKey(key), role, agent);
  }
});
const annAtTheCommand = useErasureCommands(running, settings, keys.ann);
const loginAtTheCommand = useErasureCommands(running, settings);

function send(holder: Holder | null, path: string, body?: object | string): Promise<Response> {
  const headers = holder === null ? {} : { authorization: `Bearer ${keys[holder]}` };
  const text = typeof body === 'string' ? body : body && JSON.stringify(body);
  return Promise.resolve(running.app.request(path, { method: 'POST', headers, ...(text ? { body: text } : {}) }));
}
const say = (holder: Holder | null, requestId: string, act: string, body?: object | string) =>
  send(holder, `/v1/erasures/${requestId}/${act}`, body);

async function nextIn(response: Response): Promise<string> {
  return ((await response.json()) as { next: string }).next;
}

/** Asked by this key, and proved by the person; the policy wants it approved. */
async function waiting(holder: Holder): Promise<string> {
  const { email } = await addCustomer(running);
  const { requestId, page } = (await (await send(holder, '/v1/erasures', { email })).json()) as {
    requestId: string;
    page: string;
  };
  const code = await codeOf(providers, requestId);
  expect((await postForm(running, new URL(page).pathname, { code })).status).toBe(303);
  await inState(running, requestId, 'approving');
  return requestId;
}

async function logOf(requestId: string, action: string) {
  return running.owner
    .selectFrom('audit_entries')
    .select(['actor_kind', 'actor_id', 'after'])
    .where('object', '=', `erasure/${requestId}`)
    .where('action', '=', action)
    .execute();
}

async function expectOwn(response: Response): Promise<void> {
  expect(response.status).toBe(403);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({
    code: 'OwnRequest',
    problems: [{ field: 'authorization', message: expect.stringMatching(/another officer .*API key of their own/) }],
  });
}

test('a key that asked for the person approves nothing, by the API as at the command line; another one does', async () => {
  const requestId = await waiting('ann');
  await expectOwn(await say('ann', requestId, 'approve'));
  await expectOwn(await say('ann', requestId, 'refuse', { reason: 'no' }));
  for (const [command, said] of [
    [annAtTheCommand, /^steward: STEWARD_OFFICER_KEY: .*made this request/],
    [loginAtTheCommand, /^steward: STEWARD_OFFICER_KEY: nothing shows that login\//],
  ] as const) {
    const { exit, err } = await command('erasure', 'approve', requestId, '--officer', 'privacy');
    expect(exit).toBe(1);
    expect(err).toMatch(said);
  }
  expect(await row(running, requestId)).toMatchObject({ approval: null, requester: [`key/${ids.ann}`] });
  const approved = await say('bob', requestId, 'approve');
  expect(approved.status).toBe(200);
  expect(await approved.json()).toEqual({
    requestId,
    next: expect.stringMatching(/^approved: the data goes now; the person is told/),
    dueAt: expect.any(String),
    parked: [],
  });
  expect((await ended(running, requestId)).outcome).toBe('erased');
  expect(await logOf(requestId, 'erasure.approved')).toEqual([
    { actor_kind: 'key', actor_id: ids.bob, after: { by: [`key/${ids.bob}`] } },
  ]);
  const late = await say('bob', requestId, 'approve');
  expect(late.status).toBe(409);
  expect(await late.json()).toMatchObject({ code: 'UnlawfulTransition', detail: expect.stringContaining('erased') });
});

test('two keys of the same agent are one officer, who approves nothing of their own by the other key', async () => {
  const requestId = await waiting('anas');
  expect(await row(running, requestId)).toMatchObject({ requester: [`key/${ids.anas}`, 'agent/ana'] });
  await expectOwn(await say('anasOther', requestId, 'approve'));
  const by = [`key/${ids.anasOther}`, 'agent/ana'];
  expect(await logOf(requestId, 'erasure.approveAsked')).toEqual([
    { actor_kind: 'key', actor_id: ids.anasOther, after: { by } },
  ]);
  expect(await row(running, requestId)).toMatchObject({ approval: null });
  expect((await say('bob', requestId, 'approve')).status).toBe(200);
});

test('what a key asks by the API is in the log before it is passed on; what can’t be logged is not said', async () => {
  const requestId = await waiting('ann');
  await expectOwn(await say('ann', requestId, 'approve'));
  expect((await say('ann', requestId, 'retry', { step: 'ada@customer.example' })).status).toBe(409);
  const { allow } = await refuseEntries(running.owner, 'erasure.approveAsked');
  expect((await say('bob', requestId, 'approve')).status).toBeGreaterThanOrEqual(500);
  expect(await row(running, requestId)).toMatchObject({ approval: null });
  await allow();
  expect((await say('bob', requestId, 'approve')).status).toBe(200);
  const asked = (holder: Holder) => ({
    actor_kind: 'key',
    actor_id: ids[holder],
    after: { by: [`key/${ids[holder]}`] },
  });
  expect(await logOf(requestId, 'erasure.approveAsked')).toEqual([asked('ann'), asked('bob')]);
  // What was typed may be anything.
  expect(await logOf(requestId, 'erasure.retryAsked')).toEqual([asked('ann')]);
  const answers = running.owner
    .selectFrom('audit_entries')
    .select(['action', 'actor_id', 'why'])
    .where('object', '=', `erasure/${requestId}`)
    .where('action', 'like', 'erasure.%Answered')
    .orderBy('id');
  expect(await answers.execute()).toEqual([
    { action: 'erasure.approveAnswered', actor_id: ids.ann, why: 'OwnRequest' },
    { action: 'erasure.retryAnswered', actor_id: ids.ann, why: 'NotParked' },
    { action: 'erasure.approveAnswered', actor_id: ids.bob, why: 'taken' },
  ]);
});

test('a key that vouched at the command line approves nothing by the API', async () => {
  const { email } = await addCustomer(running);
  const { requestId } = JSON.parse((await annAtTheCommand('erase', email, '--json')).out);
  await codeOf(providers, requestId);
  expect((await annAtTheCommand('erasure', 'vouch', requestId)).exit).toBe(0);
  await inState(running, requestId, 'approving');
  await expectOwn(await say('ann', requestId, 'approve'));
  expect((await say('bob', requestId, 'approve')).status).toBe(200);
});

test('an officer vouches by the API for a request that is there, takes more time, and another refuses it', async () => {
  const { email } = await addCustomer(running);
  const { requestId } = await askByForm(running, email);
  await codeOf(providers, requestId);
  expect((await say('bob', requestId, 'extend', { reason: 'much' })).status).toBe(409);
  const vouched = await say('ann', requestId, 'vouch');
  expect(vouched.status).toBe(200);
  expect(await nextIn(vouched)).toBe(
    'vouched: no code is needed any more; another officer has to approve before anything is erased',
  );
  await inState(running, requestId, 'approving');
  expect((await say('bob', requestId, 'vouch')).status).toBe(409);
  await expectOwn(await say('ann', requestId, 'approve'));
  // More time is no decision about the request: who vouched may take it.
  const extended = await say('ann', requestId, 'extend', { reason: 'it is much' });
  expect(extended.status).toBe(200);
  const { extension_reason, extended_to } = await row(running, requestId);
  expect(extension_reason).toBe('it is much');
  expect(await nextIn(extended)).toContain(`due ${extended_to?.toISOString().slice(0, 10)} now`);
  const refused = await say('bob', requestId, 'refuse', { reason: 'April is not paid for' });
  expect(refused.status).toBe(200);
  expect(await nextIn(refused)).toMatch(/^refused: nothing is erased; the person is told the reason by mail/);
  expect(await ended(running, requestId)).toMatchObject({
    outcome: 'refused',
    ruled_by: `key/${ids.bob}`,
    ruling_reason: 'April is not paid for',
  });
  for (const [action, holder] of [
    ['vouched', 'ann'],
    ['extended', 'ann'],
    ['refused', 'bob'],
  ] as const) {
    expect(await logOf(requestId, `erasure.${action}`), action).toMatchObject([
      { actor_kind: 'key', actor_id: ids[holder], after: { by: [`key/${ids[holder]}`] } },
    ]);
  }
});

test('a parked step is sent on or left out by the API, and the log has by whom', async () => {
  const { email } = await addCustomer(running);
  const { requestId, path } = await askByForm(running, email);
  const code = await codeOf(providers, requestId);
  providers.aws.rejected.add(email);
  await postForm(running, path, { code });
  await inState(running, requestId, 'approving');
  expect((await say('ann', requestId, 'retry')).status).toBe(409);
  expect((await say('ann', requestId, 'approve')).status).toBe(200);
  await outcome(async () => {
    expect((await running.steward.describeErasure(requestId)).parked).toMatchObject([{ step: 'tellPerson' }]);
  });
  const none = await say('ann', requestId, 'skip', { step: 'shred' });
  expect(none.status).toBe(409);
  expect(await none.json()).toMatchObject({ code: 'NotParked', detail: 'shred is not parked' });
  const skipped = await say('ann', requestId, 'skip', { step: 'tellPerson' });
  expect(await skipped.json()).toMatchObject({ next: 'skipped: it goes on without tellPerson', parked: [] });
  expect((await ended(running, requestId)).outcome).toBe('erased');
  expect(await logOf(requestId, 'erasure.skip')).toEqual([
    { actor_kind: 'key', actor_id: ids.ann, after: { step: 'tellPerson', by: [`key/${ids.ann}`] } },
  ]);
  providers.aws.rejected.clear();
});

test('only keys whose role may decide are heard, and whoever is not learns nothing of requests', async () => {
  const { requestId } = await askByForm(running, (await addCustomer(running)).email);
  for (const act of ['approve', 'refuse', 'extend', 'vouch', 'retry', 'skip']) {
    for (const id of [requestId, 'ERA-0000000000000000']) {
      expect((await say(null, id, act)).status).toBe(401);
      for (const role of KEY_ROLES.filter((one) => !may(one, 'decideErasure'))) {
        const refused = await say(role as Holder, id, act, { reason: 'no' });
        expect(refused.status).toBe(403);
        expect(await refused.json()).toMatchObject({
          code: 'RoleMissing',
          detail: expect.stringContaining('--role privacyOfficer'),
        });
      }
    }
    const body = /^(refuse|extend)$/.test(act) ? { reason: 'no' } : {};
    expect((await say('ann', 'ERA-0000000000000000', act, body)).status).toBe(404);
    expect((await say('admin', 'nothing', act, body)).status).toBe(404);
    const got = await running.app.request(`/v1/erasures/${requestId}/${act}`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  }
});

test.each([
  ['refuse', undefined, 'reason', /1 to 500 characters; the person reads it, got nothing/],
  ['refuse', { reason: ' ' }, 'reason', /1 to 500 characters/],
  ['extend', { reason: 'x'.repeat(501) }, 'reason', /1 to 500 characters/],
  ['skip', { step: 7 }, 'step', /expected text/],
])('%s with %j: the problem names the field and the mend', async (act, body, field, message) => {
  const { requestId } = await askByForm(running, (await addCustomer(running)).email);
  const refused = await say('ann', requestId, act, body);
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    code: 'InvalidRequest',
    problems: [{ field, message: expect.stringMatching(message) }],
  });
});

test('a body that is no JSON is told as that', async () => {
  const { requestId } = await askByForm(running, (await addCustomer(running)).email);
  expect((await say('ann', requestId, 'refuse', '{"reason"')).status).toBe(400);
});

test('everything that was logged before it was done has its outcome in the log, of all that was said here', async () => {
  await outcome(async () => {
    const log = running.owner.selectFrom('audit_entries').select(['action', 'object', 'after']).orderBy('id');
    const entries = await log.execute();
    expect(entries.filter(({ action }) => action in OUTCOMES).length).toBeGreaterThan(20);
    expect(openIntents(entries)).toEqual([]);
  });
});
