import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import type { Asked } from '../../src/domain/erase.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import {
  addCustomer,
  askByForm,
  askFor,
  codeOf,
  ended,
  inState,
  officer,
  post,
  requestsOf,
  row,
  vouchedBy,
} from './support.ts';

const providers = useProviders();
/** Codes are good for 2 s and the window is open for ten minutes: so that what waits for an end of either is seen. */
const steward = useSteward({
  settings: () => providers.settings('ses'),
  privacy: (policy) => ({
    ...policy,
    officers: [
      { id: 'ann', email: 'ann@support.example', mayApprove: true },
      { id: 'bob', email: 'bob@support.example', mayApprove: true },
      { id: 'cat', email: 'cat@support.example', mayApprove: false },
    ],
    erasure: { ...policy.erasure, codeMinutes: 1 / 30, lookAgainDays: 1 / 144 },
  }),
});

const customer = (known: { email?: string; id?: string } = {}) => addCustomer(steward, known);
const requests = () => requestsOf(steward);
const vouched = (asked: Asked, vouchedBy = 'ann') => askFor(steward, asked, vouchedBy);

function erasedNow(requestId: string) {
  return outcome(async () => {
    const found = await row(steward, requestId);
    expect(found.erased_at, found.state).not.toBeNull();
    return found;
  });
}
const left = (ids: string[]) => steward.owner.selectFrom('customers').select('id').where('id', 'in', ids).execute();

test('two rows with one address, however it is spelt, are one person', async () => {
  const { email, id } = await customer();
  const other = await customer({ email: email.toUpperCase() });
  const { requestId, path } = await askByForm(steward, email);
  expect((await post(steward, path, { code: await codeOf(providers, requestId) })).status).toBe(303);
  await erasedNow(requestId);
  expect(await left([id, other.id])).toEqual([]);
});

test('a second request waits behind the first, ends when the data is gone, and is answered by mail', async () => {
  const { email, id } = await customer();
  const first = await vouched({ customerId: id });
  await inState(steward, first, 'approving');
  const second = { requestId: await vouched({ email }, 'cat'), path: '' };
  second.path = steward.composed.deps.erasure.pageOf(second.requestId);
  await inState(steward, second.requestId, 'waiting');
  await steward.steward.operateErasure(first, 'approve', officer('bob'));
  await erasedNow(first);
  // The first is open still, until its window closes.
  expect((await ended(steward, second.requestId)).outcome).toBe('nobody');
  expect((await row(steward, first)).ended_at).toBeNull();
  const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${second.requestId}-outcome`));
  expect(mail?.parsed.text).toContain('we hold nothing under it');
  const page = await (await steward.app.request(second.path)).text();
  expect(page).toContain('We hold nothing about this person');
  expect(page).not.toContain('No code was entered');
});

test('two requests that are proved at once take turns: one of them erases', async () => {
  const { id } = await customer();
  const both = [await vouched({ customerId: id }, 'ann'), await vouched({ customerId: id }, 'ann')];
  await outcome(async () => {
    const states = await Promise.all(both.map(async (requestId) => (await row(steward, requestId)).state));
    expect(states.sort()).toEqual(['approving', 'waiting']);
  });
});

test('who has no address goes by an officer’s word, and another officer approves', async () => {
  const { db } = steward.composed;
  const { id } = await customer();
  await db.updateTable('customers').set({ email: null }).where('id', '=', id).execute();
  await expect(vouched({ customerId: id }, 'mallory')).rejects.toMatchObject({
    code: 'InvalidRequest',
    message: expect.stringContaining('mallory'),
  });
  const requestId = await vouched({ customerId: id });
  await inState(steward, requestId, 'approving');
  const say = (officerId: string) => steward.steward.operateErasure(requestId, 'approve', officer(officerId));
  await expect(say('ann')).rejects.toMatchObject({ code: 'OwnRequest' });
  await expect(say('cat')).rejects.toMatchObject({ code: 'InvalidRequest' });
  await expect(say('mallory')).rejects.toMatchObject({ code: 'InvalidRequest' });
  await expect(say('')).rejects.toMatchObject({ code: 'InvalidRequest' });
  expect(await left([id])).toHaveLength(1);
  expect((await row(steward, requestId)).approval).toBeNull();
  await say('bob');
  expect(await erasedNow(requestId)).toMatchObject({
    approval: 'approved',
    ruled_by: 'key/of-bob',
    requested_by: 'key/of-ann',
  });
  expect(await left([id])).toEqual([]);
  await expect(say('bob')).rejects.toMatchObject({ code: 'UnlawfulTransition' });
});

test('of two officers who decide at once one is heard, and what the log says is what is done', async () => {
  const { id } = await customer();
  const requestId = await vouched({ customerId: id }, 'cat');
  await inState(steward, requestId, 'approving');
  const rulings = await Promise.allSettled([
    steward.steward.operateErasure(requestId, 'approve', officer('ann')),
    steward.steward.operateErasure(requestId, 'refuse', { ...officer('bob'), reason: 'we need it' }),
  ]);
  expect(rulings.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const approved = rulings[0]?.status === 'fulfilled';
  if (approved) await erasedNow(requestId);
  else await ended(steward, requestId);
  expect(await row(steward, requestId)).toMatchObject({
    approval: approved ? 'approved' : 'refused',
    ruled_by: approved ? 'key/of-ann' : 'key/of-bob',
  });
  expect(await left([id])).toHaveLength(approved ? 0 : 1);
});

test('an officer refuses with a reason: the person is told, and is free to ask again', async () => {
  const { id, email } = await customer();
  const requestId = await vouched({ customerId: id });
  await inState(steward, requestId, 'approving');
  const say = (reason: string) => steward.steward.operateErasure(requestId, 'refuse', { ...officer('bob'), reason });
  await expect(say(' ')).rejects.toMatchObject({ code: 'InvalidRequest' });
  await expect(say('x'.repeat(501))).rejects.toMatchObject({ code: 'InvalidRequest' });
  await say('You owe us <b>money</b>');
  expect(await ended(steward, requestId)).toMatchObject({ outcome: 'refused', erased_at: null });
  const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`));
  expect(mail?.parsed.to).toMatchObject({ text: expect.stringContaining(email) });
  expect(mail?.parsed.text).toContain('We have to refuse that: You owe us');
  const [kept] = await steward.owner.selectFrom('customers').selectAll().where('id', '=', id).execute();
  expect(kept).toMatchObject({ email, erasure_id: null, frozen_at: null, erased_at: null });
  const page = await (await steward.app.request(steward.composed.deps.erasure.pageOf(requestId))).text();
  expect(page).toContain('You owe us &lt;b&gt;money&lt;/b&gt;');
  const event = envelope({ customerId: id, customerEmail: email });
  expect((await steward.post(event)).status).toBe(202);
  await outcome(async () => expect(await steward.read.ticket(event.detail.ticketId)).not.toBeNull());
  await inState(steward, await vouched({ customerId: id }), 'approving');
});

test('a reason that names the person is refused before anything is written, whoever says it', async () => {
  const { id } = await customer();
  await steward.owner
    .updateTable('customers')
    .set({ name: 'Grace Hopper', phone: '+49 30 1234567' })
    .where('id', '=', id)
    .execute();
  const requestId = await vouched({ customerId: id });
  await inState(steward, requestId, 'approving');
  const say = (act: 'refuse' | 'extend', reason: string) =>
    steward.steward.operateErasure(requestId, act, { ...officer('bob'), reason });
  const known = [
    ['Ms Hopper has not paid', 'their name'],
    ['hopper, grace has not paid', 'their name'],
    [`see ${id}`, 'their customer id'],
    ['number 123 45 67', 'their telephone number'],
  ] as const;
  for (const [reason, what] of known) {
    for (const act of ['refuse', 'extend'] as const) {
      const refused = await say(act, reason).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'InvalidRequest' });
      expect(String(refused)).toMatch(new RegExp(`reason: .*${what}`));
      expect(String(refused)).not.toMatch(/hopper|1234567/i);
    }
  }
  const log = steward.owner.selectFrom('audit_entries').select('action').where('object', '=', `erasure/${requestId}`);
  const actions = (await log.execute()).map(({ action }) => action);
  expect(actions).not.toContain('erasure.refused');
  expect(actions).not.toContain('erasure.extended');
  expect(await row(steward, requestId)).toMatchObject({ ruling_reason: null, extension_reason: null, approval: null });
  // A part of the name in small letters is a word.
  await say('extend', 'a grace period is needed');
  expect((await row(steward, requestId)).extension_reason).toMatch(/^a grace period/);
});

test('more time is taken by an officer, with a reason, of a request that is proved and not answered', async () => {
  const { id, email } = await customer();
  const unproved = await askByForm(steward, email);
  const extend = (requestId: string, said: object = {}) =>
    steward.steward.operateErasure(requestId, 'extend', { ...officer('bob'), reason: 'it is much', ...said });
  await codeOf(providers, unproved.requestId);
  await expect(extend(unproved.requestId)).rejects.toMatchObject({ code: 'UnlawfulTransition' });

  const requestId = await vouched({ customerId: id });
  await inState(steward, requestId, 'approving');
  await expect(extend(requestId, { reason: '' })).rejects.toMatchObject({ code: 'InvalidRequest' });
  await expect(extend(requestId, officer('mallory'))).rejects.toMatchObject({ code: 'InvalidRequest' });
  const before = (await row(steward, requestId)).due_at;
  const view = await extend(requestId);
  const { extended_to, extension_reason } = await row(steward, requestId);
  expect([view.dueAt, extension_reason]).toEqual([extended_to?.toISOString(), 'it is much']);
  const days = ((extended_to?.getTime() ?? 0) - before.getTime()) / 86_400_000;
  expect(days).toBeGreaterThan(55);
  await outcome(() => {
    const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-extension`));
    expect(mail?.parsed.text).toContain('We need more time than a month for it: it is much');
  });

  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  await erasedNow(requestId);
  await expect(extend(requestId)).rejects.toMatchObject({ code: 'UnlawfulTransition' });
});

test('more time can’t be taken once the data is being erased: the person would hear of it seconds before the outcome', async () => {
  const { id } = await customer();
  const requestId = await vouched({ customerId: id });
  await inState(steward, requestId, 'approving');
  // Whoever freezes the person waits for their row.
  await steward.owner.transaction().execute(async (trx) => {
    await trx.selectFrom('customers').select('id').where('id', '=', id).forUpdate().execute();
    await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
    await inState(steward, requestId, 'freezing');
    const said = { ...officer('bob'), reason: 'it is much' };
    await expect(steward.steward.operateErasure(requestId, 'extend', said)).rejects.toMatchObject({
      code: 'UnlawfulTransition',
      message: expect.stringContaining('the data is being erased already'),
    });
  });
  await erasedNow(requestId);
  expect((await row(steward, requestId)).extended_to).toBeNull();
});

test('more time can’t be taken when the first month is over', async () => {
  const { db } = steward.composed;
  const { id } = await customer();
  const requestId = await vouched({ customerId: id });
  await inState(steward, requestId, 'approving');
  await db
    .updateTable('erasures')
    .set({ received_at: new Date(Date.now() - 40 * 86_400_000) })
    .where('id', '=', requestId)
    .execute();
  const said = { ...officer('bob'), reason: 'it is much' };
  await expect(steward.steward.operateErasure(requestId, 'extend', said)).rejects.toMatchObject({
    code: 'UnlawfulTransition',
  });
  expect((await row(steward, requestId)).extended_to).toBeNull();
});

test('a request whose gateway died before it was written down goes on when it comes again', async () => {
  const { id } = await customer();
  const requestId = newErasureId();
  await steward.steward.requestErasure(requestId);
  const workflow = steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId));
  expect(await workflow.result()).toEqual({ requestId, outcome: 'abandoned' });
  await requests().ask({ requestId, asked: { customerId: id }, via: 'event', ...vouchedBy('ann') });
  await inState(steward, requestId, 'approving');
});

test('a request that has ended and comes again starts nothing, and says so', async () => {
  const { email } = await customer();
  const { requestId } = await askByForm(steward, email);
  expect((await ended(steward, requestId)).outcome).toBe('notProved');
  const before = (await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).describe()).runId;
  await expect(requests().ask({ requestId, asked: { email }, via: 'form' })).rejects.toMatchObject({
    code: 'RequestConflict',
  });
  const after = (await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).describe()).runId;
  expect(after).toBe(before);
});

test('a request that nobody proves ends, and nothing of it is left', async () => {
  const { email, id } = await customer();
  const { requestId, path } = await askByForm(steward, email);
  const end = await ended(steward, requestId);
  expect(end).toMatchObject({ outcome: 'notProved', code_digest: null, particulars: null, subject_ref: null });
  expect(end.sealed).toHaveLength(0);
  expect(await left([id])).toHaveLength(1);
  expect(await (await steward.app.request(path)).text()).toContain('No code was entered in time');
  const { rows } =
    await sql`select 1 from data_keys where name = ${`erasure-request/${requestId}`} and wrapped is not null`.execute(
      steward.owner,
    );
  expect(rows).toEqual([]);
});

test('letters that lie in the outbox bear an address, and go too', async () => {
  const { deps } = steward.composed;
  const { email } = await customer();
  const { requestId } = await askByForm(steward, email);
  const dir = join(steward.stateDir, 'outbox');
  for (const occasion of ['code']) {
    await deps.outbox.write({
      channel: 'mail',
      mail: {
        deliveryId: `${requestId}-${occasion}`,
        ticketId: requestId,
        to: { address: email, name: null },
        subject: 'x',
        text: 'x',
      } as never,
    });
  }
  expect(await readdir(dir)).toContain(`${requestId}-code.eml`);
  await ended(steward, requestId);
  expect((await readdir(dir)).filter((name) => name.startsWith(requestId))).toEqual([]);
});
