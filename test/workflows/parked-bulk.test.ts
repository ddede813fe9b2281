/** The same word to a whole group of parked steps. */
import { expect, test } from 'vitest';
import { parkedBatchWorkflowId, ticketWorkflowId } from '../../src/contract.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { textsOf } from '../support/history.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { parking } from './parked-support.ts';

const providers = useProviders();
const files = { STEWARD_FLOW: flowBySubject(), STEWARD_TEAM: smallTeam() };
const steward = useSteward({ settings: () => ({ ...providers.settings('slack'), ...files }) });

const { begin, desk, failNext, isOver, many, parked, workflowOf } = parking(steward, providers);
const saidTo = async (ticketId: string) =>
  (await steward.read.timeline(ticketId)).filter(({ kind }) => kind === 'operator').map(({ facts }) => facts.act);
const logged = (batchId: string) =>
  steward.owner
    .selectFrom('audit_entries')
    .select(['actor_kind', 'actor_id', 'action', 'after'])
    .where('object', '=', `parkedBatch/${batchId}`)
    .orderBy('id')
    .execute();

test('every step of the group hears it, no other does, so many a second; who started it and what came of it is logged', async () => {
  const ids = await many(3, 'channel_not_found');
  const [first = ''] = ids;
  const other = await parked('is_archived');
  const batchId = await begin(first, { perSecond: 2 });
  const report = await isOver(batchId);
  expect(report).toMatchObject({ state: 'finished', startedBy: 'login/test', act: 'retry' });
  const group = report.fingerprint;
  expect(report.items.map(({ ticketId, step, outcome }) => [ticketId, step, outcome])).toEqual(
    ids.map((id) => [id, 'Escalate#1', 'done']),
  );
  const [one, , last] = report.items.map(({ at }) => Date.parse(at ?? ''));
  expect((last ?? 0) - (one ?? 0)).toBeGreaterThan(800);
  for (const id of ids) expect(await saidTo(id)).toEqual(['retry']);
  expect(await saidTo(other)).toEqual([]);
  expect(await steward.read.parked()).toMatchObject([{ ticketId: other }]);
  expect(await logged(batchId)).toEqual([
    {
      actor_kind: 'person',
      actor_id: 'login/test',
      action: 'parkedBatch.started',
      after: { act: 'retry', group, perSecond: 2 },
    },
    {
      actor_kind: 'workflow',
      actor_id: `parked-${batchId}`,
      action: 'parkedBatch.ended',
      after: {
        ending: 'finished',
        act: 'retry',
        group,
        startedBy: 'login/test',
        ...{ done: 3, gone: 0, refused: 0, failed: 0, untouched: 0 },
      },
    },
  ]);
});

test('a batch that is cancelled leaves the rest parked, and another one takes it up', async () => {
  const ids = await many(3, 'channel_is_limited_access');
  const [first = ''] = ids;
  const batchId = await begin(first, { perSecond: 1 });
  await outcome(async () => expect((await desk().report(batchId)).counts.done).toBe(1));
  await steward.steward.cancelParked(batchId);
  const report = await isOver(batchId);
  expect(report).toMatchObject({ state: 'cancelled', counts: { failed: 0, gone: 0 } });
  expect((await desk().list())[0]).toMatchObject({ batchId, state: 'cancelled', steps: report.items.length });
  const left = report.items.filter((item) => item.outcome === 'untouched').map(({ ticketId }) => ticketId);
  expect(left.length).toBeGreaterThan(0);
  for (const id of left) expect(await steward.read.parked(id)).toHaveLength(1);
  await outcome(async () => expect((await workflowOf(batchId).describe()).status.name).toBe('CANCELLED'));
  await expect(desk().logCancel(batchId)).rejects.toMatchObject({ code: 'InvalidRequest' });
  expect((await logged(batchId)).map(({ action }) => action)).toEqual(['parkedBatch.started', 'parkedBatch.ended']);

  const rest = await isOver(await begin(left[0] ?? ''));
  expect(rest.items.map(({ ticketId }) => ticketId)).toEqual(left);
  expect(rest.counts.done).toBe(left.length);
});

test('a step that somebody has answered meanwhile is gone, also when it was parked anew', async () => {
  const [first = '', second = ''] = await many(2, 'not_in_channel');
  const store = steward.composed.deps.parkedBatches;
  const { begin: beginItem } = store;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  Object.assign(store, {
    async begin(batchId: string, position: number) {
      if (position === 1) await held;
      return beginItem(batchId, position);
    },
  });
  const batchId = await begin(first);
  await outcome(async () => {
    const toAgent = (await steward.read.deliveries(first)).filter((d) => d.template === 'escalation');
    expect(toAgent).toMatchObject([{ status: 'sent' }]);
  });
  // Retried, and parked again at once.
  failNext('not_in_channel');
  await steward.steward.operate(second, 'retry', {});
  await outcome(async () => {
    const parkings = (await steward.read.timeline(second)).filter(({ kind }) => kind === 'parked');
    expect(parkings).toHaveLength(2);
    const toAdmins = (await steward.read.deliveries(second)).filter((d) => d.template === 'parked');
    expect(toAdmins.map(({ status }) => status)).toEqual(['sent', 'sent']);
  });
  letGo();
  const report = await isOver(batchId);
  Object.assign(store, { begin: beginItem });
  expect(report.items.map(({ ticketId, outcome }) => [ticketId, outcome])).toEqual([
    [first, 'done'],
    [second, 'gone'],
  ]);
  expect(await saidTo(second)).toEqual(['retry']);
  expect(await steward.read.parked(second)).toHaveLength(1);
});

test('a ticket whose workflow has ended is gone', async () => {
  const id = await parked('team_access_not_granted');
  await steward.temporal.client.workflow.getHandle(ticketWorkflowId(id)).terminate();
  expect((await isOver(await begin(id))).items).toMatchObject([{ outcome: 'gone' }]);
});

test('what an operator gives reaches the tickets, and lies in no history of the batch; it is destroyed at the end', async () => {
  const id = await parked('missing_scope');
  const words = 'Ada Lovelace asked twice';
  const batchId = await begin(id, { act: 'skip', given: { note: words } });
  const { given } = await steward.owner
    .selectFrom('parked_batches')
    .select('given')
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow();
  expect(Buffer.from(given ?? []).toString('latin1')).not.toContain('Ada');
  expect((await isOver(batchId)).items).toMatchObject([{ ticketId: id, outcome: 'done' }]);
  expect(await saidTo(id)).toEqual(['skip']);
  expect((await textsOf(steward, ticketWorkflowId(id))).read).toContain(words);
  const own = await textsOf(steward, parkedBatchWorkflowId(batchId));
  expect(own.read).toContain(batchId);
  for (const text of [own.read, own.lying]) expect(text).not.toContain('Ada');
  const rows = await steward.owner
    .selectFrom('parked_batches')
    .select('given')
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow();
  expect(rows.given).toBeNull();
  await expect(steward.composed.ring.toSeal(`parked-batch/${batchId}`)).rejects.toMatchObject({ code: 'KeyShredded' });
  expect(await logged(batchId)).toMatchObject([
    { action: 'parkedBatch.started' },
    { actor_id: `parked-${batchId}`, action: 'parkedBatch.keyDestroyed', after: { keys: 1 } },
    { action: 'parkedBatch.ended' },
  ]);
});

test('an item whose outcome could not be written is not done twice', async () => {
  const id = await parked('cannot_reply_to_message');
  const store = steward.composed.deps.parkedBatches;
  const { settle } = store;
  let failures = 1;
  Object.assign(store, {
    async settle(...args: Parameters<typeof settle>) {
      if (failures-- > 0) throw new Error('the database went away');
      return settle(...args);
    },
  });
  const report = await isOver(await begin(id));
  Object.assign(store, { settle });
  expect(failures).toBe(-1);
  expect(report.items).toMatchObject([{ outcome: 'done', why: null }]);
  expect(await saidTo(id)).toEqual(['retry']);
});

test('with its worker gone a batch goes on where it was, over several runs, and says nothing twice', async () => {
  const ids = await many(4, 'restricted_action');
  const store = steward.composed.deps.parkedBatches;
  const { take } = store;
  Object.assign(store, { take: async (batchId: string) => ({ ...(await take(batchId)), perRun: 3 }) });
  const batchId = await begin(ids[0] ?? '', { perSecond: 1 });
  const { runId } = await workflowOf(batchId).describe();
  await outcome(async () => expect((await desk().report(batchId)).counts.done).toBe(1));
  await steward.restartWorkers();
  const report = await isOver(batchId);
  Object.assign(store, { take });
  expect(report.counts).toEqual({ done: 4, gone: 0, refused: 0, failed: 0, untouched: 0 });
  for (const id of ids) expect(await saidTo(id)).toEqual(['retry']);
  expect((await workflowOf(batchId).describe()).runId).not.toBe(runId);
});

test('a ticket that can’t do it with this step refuses, and one that can’t be reached fails; those behind them are done', async () => {
  const id = await parked('posting_to_general_channel_denied');
  await steward.steward.operate(id, 'skip', { result: {} });
  await outcome(async () => expect((await steward.steward.describe(id)).parked).toEqual([]));
  await steward.steward.resolve(id, { agentId: 'ana' });
  failNext('no_permission');
  await steward.steward.tell(id, 'customerReplied', { message: 'Not solved.' });
  await outcome(async () => expect(await steward.read.parked(id)).toMatchObject([{ cause: 'slack: no_permission' }]));
  const given = { note: 'new' };
  expect((await isOver(await begin(id, { act: 'fix', given }))).items).toMatchObject([
    { outcome: 'refused', why: 'the step has no input to fix' },
  ]);
  expect(await steward.read.parked(id)).toHaveLength(1);

  const [first = ''] = await many(2, 'ekm_access_denied');
  const store = steward.composed.deps.parkedBatches;
  const { begin: beginItem } = store;
  Object.assign(store, {
    begin: async (batchId: string, position: number) => {
      if (position === 0) throw new StewardError('Unavailable', 'as after five minutes without an answer');
      return beginItem(batchId, position);
    },
  });
  const report = await isOver(await begin(first));
  Object.assign(store, { begin: beginItem });
  expect(report.items).toMatchObject([{ ticketId: first, outcome: 'failed' }, { outcome: 'done' }]);
  expect(await saidTo(first)).toEqual([]);
});
