import { expect, test } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import type { Hold } from '../../src/domain/erase-facts.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { ended, hurried, inState, knownWithTicket, officer, provedByCode, row } from './support.ts';

/* A hold that comes when an erasure is on its way already. */

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses', 'slack'),
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'always',
    officers: [{ id: 'ann', email: 'ann@support.example', mayApprove: true }],
  }),
});

function holds() {
  return createHoldStore(steward.composed.databases.as('steward_officer'));
}
/** The lifting of it. */
async function held(customerId: string, category: Hold['category']): Promise<() => Promise<boolean>> {
  const [hold] = await holds().place({ customerId }, { category, why: 'A lawsuit', until: null }, [
    'login/test',
    'officer/ann',
  ]);
  return () => holds().lift(hold?.id ?? '', ['login/test', 'officer/ann']);
}
const say = (requestId: string, act: 'approve' | 'extend' | 'retry', more: object = {}) =>
  steward.steward.operateErasure(requestId, act, act === 'retry' ? ({} as never) : { ...officer('ann'), ...more });

/** Somebody whose request waits for an officer. */
async function waiting() {
  const person = await knownWithTicket(steward);
  const { requestId } = await provedByCode(steward, providers, person.email);
  await inState(steward, requestId, 'approving');
  return { ...person, requestId, workflowId: ticketWorkflowId(person.ticketId) };
}
/** Parked by the decision that is made again; answers since when. */
function stopped(requestId: string, since = ''): Promise<string> {
  return outcome(async () => {
    const [parked] = (await steward.steward.describeErasure(requestId)).parked;
    expect(parked).toMatchObject({
      step: 'decideAgain',
      error: 'DecisionDenied',
      cause: expect.stringMatching(/^meanwhile this has to be kept: .*conversations \(A lawsuit\)/),
    });
    expect((parked?.since ?? '') > since).toBe(true);
    return parked?.since ?? '';
  });
}
const wordsOf = async (ticketId: string) =>
  (
    await steward.owner.selectFrom('messages').select('body').where('ticket_id', '=', ticketId).orderBy('id').execute()
  ).map(({ body }) => body);
const keyOf = async (name: string) =>
  (await steward.owner.selectFrom('data_keys').select('wrapped').where('name', '=', name).executeTakeFirstOrThrow())
    .wrapped;
const logged = async (requestId: string) =>
  (
    await steward.owner
      .selectFrom('audit_entries')
      .select('action')
      .where('object', '=', `erasure/${requestId}`)
      .execute()
  ).map(({ action }) => action);

test('of a part, while an officer thinks: it is kept, though they approve of the whole', async () => {
  const { requestId, customerId, ticketId } = await waiting();
  const before = await wordsOf(ticketId);
  await held(customerId, 'conversations');
  expect((await row(steward, requestId)).decision).toMatchObject({ verdict: 'erase' });
  await say(requestId, 'approve');
  expect((await ended(steward, requestId)).outcome).toBe('partlyErased');
  expect(await wordsOf(ticketId)).toEqual(before);
  const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`));
  expect(mail?.parsed.text).toContain('What you wrote to us, and what we answered: A lawsuit');
  expect(await logged(requestId)).toContain('erasure.decidedAgain');
  // Their page tells both halves.
  const { categories } = steward.composed.deps.erasure.policy;
  const { conversations, requestRecord, ...gone } = categories;
  const page = await (await steward.app.request(steward.composed.deps.erasure.pageOf(requestId))).text();
  const [, goneList = '', keptList = ''] = page.split('<h2 id="');
  for (const { description } of Object.values(gone)) expect(goneList).toContain(`>${description}</li>`);
  for (const { description } of [conversations, requestRecord]) {
    expect(goneList).not.toContain(description);
    expect(keptList).toContain(description);
  }
});

test('of everything, before anything has gone: the request is refused, the person hears why, and is free again', async () => {
  const { requestId, customerId, ticketId } = await waiting();
  const before = await wordsOf(ticketId);
  await held(customerId, 'all');
  await say(requestId, 'approve');
  expect(await ended(steward, requestId)).toMatchObject({ outcome: 'refused', particulars: null });
  expect(await wordsOf(ticketId)).toEqual(before);
  expect(await logged(requestId)).not.toContain('erasure.emptied');
  const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`));
  expect(mail?.parsed.text).toContain('What you wrote to us, and what we answered: A lawsuit');
  const customer = steward.owner.selectFrom('customers').selectAll().where('id', '=', customerId);
  expect(await customer.executeTakeFirstOrThrow()).toMatchObject({
    frozen_at: null,
    erasure_id: null,
    erased_at: null,
  });
  const next = envelope({ customerId, message: 'And another thing' });
  expect((await steward.post(next)).status).toBe(202);
  await outcome(async () => expect(await wordsOf(next.detail.ticketId)).toContain('And another thing'));
});

test('of everything, when a part has gone: no more goes, and nothing new begins, until it is lifted', async () => {
  const { requestId, customerId, ticketId } = await waiting();
  const before = await wordsOf(ticketId);
  // As if its workflow had been lost then and begun anew.
  await steward.owner
    .insertInto('audit_entries')
    .values({ actor_kind: 'workflow', actor_id: 'erasure', action: 'erasure.emptied', object: `erasure/${requestId}` })
    .execute();
  const lift = await held(customerId, 'all');
  await say(requestId, 'approve');
  const since = await stopped(requestId);
  await say(requestId, 'retry');
  await stopped(requestId, since);
  expect(await wordsOf(ticketId)).toEqual(before);
  // The month goes on meanwhile.
  await say(requestId, 'extend', { reason: 'a lawsuit holds it up' });
  await outcome(() => {
    const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-extension`));
    expect(mail?.parsed.text).toContain('a lawsuit holds it up');
  });

  // Frozen: what comes for the person waits, or is refused where it has a ticket.
  const next = envelope({ customerId, message: 'And another thing' });
  expect((await steward.post(next)).status).toBe(202);
  const later = steward.temporal.client.workflow.getHandle(ticketWorkflowId(next.detail.ticketId));
  await outcome(async () => {
    const { events = [] } = await later.fetchHistory();
    expect(events?.some(({ timerStartedEventAttributes }) => timerStartedEventAttributes)).toBe(true);
  });
  expect(await steward.read.ticket(next.detail.ticketId)).toBeNull();
  expect(await wordsOf(next.detail.ticketId)).toEqual([]);
  const reply = { ticketId, message: 'Hello?', by: 'customer' };
  const event = { source: 'support.platform', id: `r-${ticketId}`, 'detail-type': 'ticket.replied', detail: reply };
  expect((await steward.post(event)).status).toBe(410);

  expect(await lift()).toBe(true);
  await say(requestId, 'retry');
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  expect(new Set(await wordsOf(ticketId))).toEqual(new Set(['[erased]']));
  // It was not lost, and is a new customer's.
  await outcome(async () => expect(await wordsOf(next.detail.ticketId)).toContain('And another thing'));
  const customer = steward.owner.selectFrom('customers').selectAll().where('id', '=', customerId);
  expect(await customer.executeTakeFirstOrThrow()).toMatchObject({ email: null, frozen_at: null, erased_at: null });
});

test('of everything, before the shred: keys and histories stay until it is lifted', async () => {
  const person = await knownWithTicket(steward);
  // So that they are known by their id to the end.
  await held(person.customerId, 'identity');
  const { requestId } = await provedByCode(steward, providers, person.email);
  await inState(steward, requestId, 'approving');
  providers.aws.rejected.add(person.email);
  await say(requestId, 'approve');
  await outcome(async () => {
    expect((await steward.steward.describeErasure(requestId)).parked).toMatchObject([{ step: 'tellPerson' }]);
  });
  const lift = await held(person.customerId, 'all');
  providers.aws.rejected.clear();
  await say(requestId, 'retry');
  const since = await stopped(requestId);
  await expect(steward.steward.operateErasure(requestId, 'skip', {} as never)).rejects.toMatchObject({
    code: 'InvalidRequest',
  });
  await say(requestId, 'retry');
  await stopped(requestId, since);
  const workflowId = ticketWorkflowId(person.ticketId);
  const workflow = steward.temporal.client.workflow.getHandle(workflowId);
  expect(await keyOf(workflowId)).not.toBeNull();
  await workflow.describe();

  expect(await lift()).toBe(true);
  await say(requestId, 'retry');
  expect((await ended(steward, requestId)).outcome).toBe('partlyErased');
  expect(await keyOf(workflowId)).toBeNull();
  await expect(workflow.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
});
