import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { noticeKey } from '../../src/deps-erasure.ts';
import { newErasureId } from '../../src/erasure-requests.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, inState, knownWithTicket, post, provedByCode, row } from './support.ts';

/* What an erasure does to the outside, and can't take back, is in the log before it is done. */

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses', 'slack'), privacy: hurried });
const refuseEntries = useRefusedEntries();

const triedTwice = (tries: () => Promise<number>) =>
  outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(2));
const keyOf = (name: string) =>
  steward.owner.selectFrom('data_keys').select('wrapped').where('name', '=', name).executeTakeFirstOrThrow();

test('a letter that can’t be logged is not sent, and goes out once the log works again', async () => {
  const { email } = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.mailIntent');
  const { requestId, path } = await askByForm(steward, email);
  await triedTwice(tries);
  expect(providers.aws.mails.filter(({ raw }) => raw.includes(requestId))).toEqual([]);
  await allow();
  await post(steward, path, { code: await codeOf(providers, requestId) });
  expect((await ended(steward, requestId)).outcome).toBe('erased');
});

test('a code that was entered before the log could say that its letter is out went out, and the log says so', async () => {
  const { email } = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.mailSent');
  const { requestId } = await askByForm(steward, email);
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  // Each try makes the code of the one before void; this one was quick enough.
  await sql`update erasures set proved_at = now(), proved_by = 'code' where id = ${requestId}`.execute(steward.owner);
  await steward.steward.tellProved(requestId);
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  const sent = steward.owner
    .selectFrom('audit_entries')
    .select('after')
    .where('object', '=', `erasure/${requestId}`)
    .where('action', '=', 'erasure.mailSent');
  expect((await sent.execute()).map(({ after }) => after)).toContainEqual({ occasion: 'code' });
});

test('a recipient of whom the log can’t say that they are to be told is not told', async () => {
  const { email } = await knownWithTicket(steward);
  const before = providers.slack.messages.length;
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.recipient');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect(providers.slack.messages).toHaveLength(before);
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  expect(providers.slack.messages).toHaveLength(before - 1);
});

test('no recipient is told on a try of which the log does not know', async () => {
  const { email } = await knownWithTicket(steward);
  const before = providers.slack.messages.length;
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.tellIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect(providers.slack.messages).toHaveLength(before);
  await allow();
  await ended(steward, requestId);
});

test('no running ticket is cancelled of which the log does not know', async () => {
  const { email, ticketId } = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.cancelIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  const { status } = await steward.temporal.client.workflow.getHandle(ticketWorkflowId(ticketId)).describe();
  expect(status.name).toBe('RUNNING');
  expect((await steward.read.ticket(ticketId))?.state).not.toBe('closed');
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
});

test('no ticket that does not close is terminated of which the log does not know', { timeout: 180_000 }, async () => {
  const { email, customerId } = await knownWithTicket(steward);
  const ticketId = `TKT-stuck-${customerId}`;
  await sql`insert into tickets (id, source, customer_id, run_id, flow, state, route, revision, opened_at, updated_at)
    select ${ticketId}, source, customer_id, 'none', flow, 'new', route, 1, now(), now() from tickets
    where customer_id = ${customerId}`.execute(steward.owner);
  const taskId = `t-${customerId}`;
  await sql`insert into human_tasks (id, kind, question, form, audience, quorum, ticket_id, occasion, asked_by)
    values (${taskId}, 'approval', 'Refund it?', '{approve}', '{ana}', 1, ${ticketId}, 'Ask#1', 'test/t')`.execute(
    steward.owner,
  );
  // Nobody works here: it can't close.
  const options = { workflowId: ticketWorkflowId(ticketId), taskQueue: `none-${customerId}`, args: [] };
  const stuck = await steward.temporal.client.workflow.start('supportTicket', options);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.terminateIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await vi.waitFor(async () => expect(await tries()).toBeGreaterThanOrEqual(1), { timeout: 60_000, interval: 200 });
  expect((await stuck.describe()).status.name).toBe('RUNNING');
  await allow();
  const over = async () => expect((await row(steward, requestId)).outcome).toBe('erased');
  await vi.waitFor(over, { timeout: 90_000, interval: 200 });
  await expect(stuck.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  // Its flow waits for nobody any more.
  await outcome(async () => expect(await steward.gateway.tasks.look(taskId)).toMatchObject({ ending: 'withdrawn' }));
});

test('no file of the outbox is removed of which the log does not know', async () => {
  const { email } = await knownWithTicket(steward);
  const letter = await letterOfEarlier(email);
  const left = async () => (await readdir(join(steward.stateDir, 'outbox'))).includes(`${letter}.eml`);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.removeFilesIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect(await left()).toBe(true);
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  expect(await left()).toBe(false);
});

/** What an earlier request of theirs has left in the outbox. */
async function letterOfEarlier(email: string): Promise<string> {
  const id = newErasureId();
  await sql`insert into erasures (id, via, state, outcome, sealed, due_at, ended_at)
    values (${id}, 'form', 'ended', 'refused', '', now(), now())`.execute(steward.owner);
  const deliveryId = `${id}-outcome`;
  const to = { address: email, name: 'Ada' };
  await steward.composed.deps.outbox.write({
    channel: 'mail',
    mail: { deliveryId, ticketId: id, to, subject: 'x', text: 'x' },
  });
  return deliveryId;
}

test('no history is deleted of which the log does not know', async () => {
  const { email, ticketId } = await knownWithTicket(steward);
  const workflowId = ticketWorkflowId(ticketId);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.deleteHistoriesIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect((await keyOf(workflowId)).wrapped).toBeNull();
  const handle = steward.temporal.client.workflow.getHandle(workflowId);
  await handle.describe();
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  await expect(handle.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
});

test('the fingerprints’ key stays until the log knows that it goes', async () => {
  const { email } = await knownWithTicket(steward);
  const { fingerprints } = steward.composed.deps.erasure;
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.closeWindowIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect(await fingerprints.find(requestId)).not.toBeNull();
  await allow();
  await ended(steward, requestId);
  expect(await fingerprints.find(requestId)).toBeNull();
});

test('what a recipient was to be told opens until the log has it that its key goes', async () => {
  const { email } = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.keysDestroyed');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  const { recipient } = await steward.owner
    .selectFrom('erasure_recipients')
    .select('recipient')
    .where('erasure_id', '=', requestId)
    .executeTakeFirstOrThrow();
  expect((await keyOf(noticeKey(requestId, recipient))).wrapped).not.toBeNull();
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  expect((await keyOf(noticeKey(requestId, recipient))).wrapped).toBeNull();
  expect(await destroyed(requestId)).toEqual([{ actor_id: `erasure-${requestId}`, after: { keys: 1 } }]);
});

test('whom a refused request was about opens until the log has it that its key goes', async () => {
  const { email, customerId } = await knownWithTicket(steward);
  const holds = createHoldStore(steward.owner);
  await holds.place({ customerId }, { category: 'all', why: 'A lawsuit', until: null }, ['login/test', 'officer/ann']);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.keysDestroyed');
  const { requestId } = await provedByCode(steward, providers, email);
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', { by: ['key/of-ann'] });
  await triedTwice(tries);
  expect((await keyOf(`erasure-request/${requestId}`)).wrapped).not.toBeNull();
  expect((await row(steward, requestId)).ended_at).toBeNull();
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('refused');
  expect((await keyOf(`erasure-request/${requestId}`)).wrapped).toBeNull();
  expect(await destroyed(requestId)).toEqual([{ actor_id: `erasure-${requestId}`, after: { keys: 1 } }]);
});

const destroyed = (requestId: string) =>
  steward.owner
    .selectFrom('audit_entries')
    .select(['actor_id', 'after'])
    .where('object', '=', `erasure/${requestId}`)
    .where('action', '=', 'erasure.keysDestroyed')
    .execute();

test('no key is destroyed, and no history deleted, that the log does not know of', async () => {
  const { email, ticketId } = await knownWithTicket(steward);
  const workflowId = ticketWorkflowId(ticketId);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.shredIntent');
  const { requestId } = await provedByCode(steward, providers, email);
  await triedTwice(tries);
  expect((await row(steward, requestId)).state).toBe('shredding');
  for (const name of [workflowId, `erasure-request/${requestId}`]) expect((await keyOf(name)).wrapped).not.toBeNull();
  await steward.temporal.client.workflow.getHandle(workflowId).describe();
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  for (const name of [workflowId, `erasure-request/${requestId}`]) expect((await keyOf(name)).wrapped).toBeNull();
});
