import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { newErasureId } from '../../src/erasure-requests.ts';
import { bundleWorkflows } from '../../src/temporal/workers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, post, routed, row } from './support.ts';

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses', 'slack'), privacy: hurried });

async function ticketOf(email: string) {
  const event = envelope({ customerEmail: email, customerName: 'Ada Lovelace', customerPhone: '+49 30 1234567' });
  expect((await steward.post(event)).status).toBe(202);
  await routed(steward, event.detail.ticketId);
  return event.detail;
}

/** As the outbox holds it where mails are files. */
async function putLetter(deliveryId: string, to: string): Promise<void> {
  const mail = { deliveryId, ticketId: deliveryId, to: { address: to, name: 'Ada' }, subject: 'x', text: 'x' };
  await steward.composed.deps.outbox.write({ channel: 'mail', mail });
}
const lettersLeft = () => readdir(join(steward.stateDir, 'outbox'));

/** What an erasure comes to, in the only order that is safe. */
const STORY = [
  'requested',
  'codeMade',
  'mailSent code',
  'proved',
  'decided',
  'frozen',
  'cancelIntent',
  'drained',
  'drain',
  'emptied',
  'recipient',
  'tellIntent',
  'mailSent outcome',
  'shredIntent',
  'shred',
  'deleteHistoriesIntent',
  'deleteHistories',
  'lookAtOnce',
  'erased',
  'lookLater',
  'closeWindowIntent',
  'closeWindow',
  'ended',
];
/** The same from the log, each by its first entry. */
async function storyOf(requestId: string): Promise<string[]> {
  const entries = await steward.owner
    .selectFrom('audit_entries')
    .select(['action', 'after'])
    .where('object', '=', `erasure/${requestId}`)
    .orderBy('id')
    .execute();
  const told = entries.map(({ action, after }) => {
    const name = action.replace(/^erasure\./, '');
    return name === 'mailSent' ? `${name} ${(after as { occasion: string }).occasion}` : name;
  });
  expect(told.lastIndexOf('emptied')).toBeLessThan(told.indexOf('shredIntent'));
  return [...new Set(told)].filter((name) => STORY.includes(name));
}

test('who enters the code is erased: rows, keys and histories', { timeout: 120_000 }, async () => {
  const email = `ada.${Date.now().toString(36)}@customer.example`;
  const detail = await ticketOf(email);
  const { requestId, path } = await askByForm(steward, email);
  const code = await codeOf(providers, requestId);
  expect((await post(steward, path, { code })).status).toBe(303);
  const row = await ended(steward, requestId);
  expect(row.outcome).toBe('erased');

  const { db } = steward.composed;
  expect(await db.selectFrom('customers').select('id').where('id', '=', detail.customerId).execute()).toEqual([]);
  const ticket = await db.selectFrom('tickets').selectAll().where('id', '=', detail.ticketId).executeTakeFirstOrThrow();
  expect(ticket).toMatchObject({ state: 'closed', customer_id: row.subject_ref });
  const messages = await db.selectFrom('messages').selectAll().where('ticket_id', '=', detail.ticketId).execute();
  expect(messages.map(({ body }) => body)).toEqual(messages.map(() => '[erased]'));
  const workflow = steward.temporal.client.workflow.getHandle(`ticket-${detail.ticketId}`);
  await expect(workflow.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });

  const page = new URL(steward.composed.deps.links.statusPage(detail.ticketId)).pathname;
  expect(await (await steward.app.request(page)).text()).toContain('data-erased="whole"');
  expect((await post(steward, `${page}/rate`, { event: 'e', score: '5' })).status).toBe(410);

  expect(await storyOf(requestId)).toEqual(STORY);
  // The ticket closed by itself: its workflow could still read what it wrote.
  const drained = db.selectFrom('erasure_steps').select('receipt').where('erasure_id', '=', requestId);
  expect(await drained.where('step', '=', 'drain').execute()).toEqual([{ receipt: { closed: 1, terminated: 0 } }]);

  const closing = db
    .selectFrom('audit_entries')
    .select(['actor_kind', 'actor_id', 'why'])
    .where('object', '=', `ticket/${detail.ticketId}`)
    .where('action', '=', 'ticket.closed');
  const by = { actor_kind: 'workflow', actor_id: `erasure-${requestId}`, why: expect.stringMatching(/^erasure/) };
  expect(await closing.execute()).toEqual([by]);
  const told = db.selectFrom('timeline').select(['actor', 'facts']).where('ticket_id', '=', detail.ticketId);
  expect(await told.where('kind', '=', 'closed').execute()).toMatchObject([
    { actor: 'steward', facts: { why: 'erasure' } },
  ]);

  // T5: what the eraser itself has written can be read and followed without the keys that it destroyed.
  const eraser = await steward.temporal.client.workflow.getHandle(`erasure-${requestId}`).fetchHistory();
  const { dataConverter } = steward.composed;
  await Worker.runReplayHistory(
    { workflowBundle: await bundleWorkflows(), dataConverter },
    eraser,
    `erasure-${requestId}`,
  );
});

test('a request takes over from one whose workflow was terminated, whatever that had begun', {
  timeout: 120_000,
}, async () => {
  const email = `tova.${Date.now().toString(36)}@customer.example`;
  const detail = await ticketOf(email);
  const { db } = steward.composed;
  const first = await askByForm(steward, email);
  await codeOf(providers, first.requestId);
  await steward.temporal.client.workflow.getHandle(`erasure-${first.requestId}`).terminate('by hand');
  // As it stands after the freeze.
  await db
    .updateTable('customers')
    .set({ erasure_id: first.requestId, frozen_at: new Date() })
    .where('id', '=', detail.customerId)
    .execute();
  const letters = ['code', 'extension', 'outcome'].map((occasion) => `${first.requestId}-${occasion}`);
  for (const letter of letters) await putLetter(letter, email);
  const second = await askByForm(steward, email);
  await post(steward, second.path, { code: await codeOf(providers, second.requestId) });
  expect((await ended(steward, second.requestId)).outcome).toBe('erased');
  const abandoned = await ended(steward, first.requestId);
  expect(abandoned).toMatchObject({ outcome: 'abandoned', particulars: null, code_digest: null });
  // Its address could still be read, with a key that nobody would ever have destroyed.
  expect(abandoned.sealed).toHaveLength(0);
  const key = db.selectFrom('data_keys').select('wrapped').where('name', '=', `erasure-request/${first.requestId}`);
  expect(await key.execute()).toEqual([{ wrapped: null }]);
  expect((await lettersLeft()).filter((name) => name.startsWith(first.requestId))).toEqual([]);
  expect(await db.selectFrom('customers').select('id').where('id', '=', detail.customerId).execute()).toEqual([]);
});

test('letters of earlier requests bear the address too, and go with the person', { timeout: 60_000 }, async () => {
  const name = `often.${Date.now().toString(36)}`;
  const email = `${name}@köln.example`;
  await ticketOf(email);
  const over = ['refused', 'nobody', 'nobody'] as const;
  const [refused, nobody, late] = (await Promise.all(over.map(endedRequest))) as [string, string, string];
  for (const occasion of ['outcome', 'extension', 'code']) await putLetter(`${refused}-${occasion}`, email);
  await putLetter(`${nobody}-outcome`, email.toUpperCase());
  await putLetter(`${late}-outcome`, `another.${email}`);
  const { requestId, path } = await askByForm(steward, email);
  await post(steward, path, { code: await codeOf(providers, requestId) });
  await outcome(async () => expect((await row(steward, requestId)).erased_at).not.toBeNull());
  const leftOf = async (id: string) => (await lettersLeft()).filter((file) => file.startsWith(id));
  expect([await leftOf(refused), await leftOf(nobody)]).toEqual([[], []]);
  // Somebody else's stays; and what is written while the window is open, as to who had asked twice, goes with it.
  expect(await leftOf(late)).toEqual([`${late}-outcome.eml`]);
  await putLetter(`${nobody}-outcome`, email);
  await ended(steward, requestId);
  expect([await leftOf(nobody), await leftOf(late)]).toEqual([[], [`${late}-outcome.eml`]]);
  const findings = steward.owner.selectFrom('erasure_findings').selectAll().where('erasure_id', '=', requestId);
  expect(await findings.execute()).toEqual([]);
});

/** One that is over: of whom it was says nothing any more. */
async function endedRequest(how: 'refused' | 'nobody'): Promise<string> {
  const id = newErasureId();
  const now = new Date();
  await steward.owner
    .insertInto('erasures')
    .values({ id, via: 'form', state: 'ended', outcome: how, sealed: Buffer.of(), due_at: now, ended_at: now } as never)
    .execute();
  return id;
}

test('T1: who comes back and is erased again has another name than before, so that nobody can join the two', {
  timeout: 60_000,
}, async () => {
  const email = `twice.${Date.now().toString(36)}@customer.example`;
  const names: (string | null)[] = [];
  for (const _ of ['first', 'again']) {
    await ticketOf(email);
    const { requestId, path } = await askByForm(steward, email);
    await post(steward, path, { code: await codeOf(providers, requestId) });
    const { outcome, subject_ref } = await ended(steward, requestId);
    expect(outcome).toBe('erased');
    names.push(subject_ref);
  }
  expect(names).toEqual([expect.stringMatching(/^ERASED-[0-9a-f]{24}$/), expect.stringMatching(/^ERASED-/)]);
  expect(names[0]).not.toBe(names[1]);
});
