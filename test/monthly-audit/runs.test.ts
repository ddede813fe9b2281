/** Workflows that were ended by force: what a month's report says of them, when a night has mended them meanwhile. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { monthlyAuditActivities } from '../../src/activities/monthly-audit.ts';
import { erasuresClosedIn, erasuresNamed } from '../../src/activities/monthly-audit-workflows.ts';
import { dateIn } from '../../src/domain/calendar.ts';
import { measuredAt, monthBefore, spanOf } from '../../src/domain/month.ts';
import { createMonthlyAuditReader } from '../../src/store/monthly-audits.ts';
import { outcome } from '../support/outcome.ts';
import { useSteward } from '../support/steward.ts';
import { seedErasure } from './support.ts';

const steward = useSteward();
afterEach(() => vi.useRealTimers());

const ZONE = 'Europe/Berlin';
const HOUR_MS = 3_600_000;
const LONG_AGO = { received: '2026-03-03T12:00:00Z', due: '2026-04-03T21:59:59.999Z' };
/** As a worker does it. */
async function inActivity<T>(act: () => Promise<T>): Promise<T> {
  const { client } = steward.temporal;
  const workflowExecution = { workflowId: 'monthly-audit', runId: randomUUID() };
  const info = { taskQueue: steward.taskQueue, namespace: 'default', workflowExecution };
  return (await new MockActivityEnvironment(info, { client }).run(act)) as T;
}

async function terminated(erased: { readonly erased?: string } = {}): Promise<string> {
  const id = await seedErasure(steward.owner, { ...LONG_AGO, ...erased });
  const { workflowId } = await steward.steward.requestErasure(id);
  await steward.temporal.client.workflow.getHandle(workflowId).terminate();
  return id;
}

function end(id: string, endedAt: Date, as: 'erased' | 'abandoned') {
  return steward.owner.updateTable('erasures').set({ ended_at: endedAt, outcome: as }).where('id', '=', id).execute();
}

test('a run that was begun after the month does not hide the one that was ended by force in it', async () => {
  const id = await terminated();
  const { client } = steward.temporal;
  const handle = client.workflow.getHandle(`erasure-${id}`);
  const { closeTime } = await handle.describe();
  const to = new Date((closeTime?.getTime() ?? 0) + 1);
  const span = { from: new Date(to.getTime() - HOUR_MS), to };
  const closed = () => inActivity(() => erasuresClosedIn(span, steward.taskQueue));
  const thatOne = [{ requestId: id, status: 'terminated', outcome: null }];
  // What is listed is written a moment later.
  await outcome(async () => expect(await closed()).toEqual(thatOne));

  await steward.steward.requestErasure(id);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  expect(await closed()).toEqual(thatOne);
  const later = { from: span.to, to: new Date(to.getTime() + HOUR_MS) };
  expect(await inActivity(() => erasuresNamed([id], later))).toEqual([
    { requestId: id, status: 'running', outcome: null },
  ]);
  await handle.terminate();
  expect(await closed()).toEqual(thatOne);
});

test('what was ended by force is named; once a night has ended the request, the month comes out the same', async () => {
  const erased = await terminated({ erased: '2026-03-04T12:00:00Z' });
  await end(erased, new Date(), 'erased');
  const unproved = await terminated();
  const month = dateIn(new Date(), ZONE).slice(0, 7);
  const { to } = spanOf(month, ZONE);
  const listed = () => inActivity(() => erasuresClosedIn({ from: new Date(0), to }, steward.taskQueue));
  const bothClosed = expect.arrayContaining([erased, unproved]);
  await outcome(async () => expect((await listed()).map(({ requestId }) => requestId)).toEqual(bothClosed));

  // A month can be measured once it is over.
  vi.useFakeTimers({ toFake: ['Date'], now: measuredAt(month, ZONE) });
  expect(monthBefore(new Date(), ZONE)).toBe(month);
  const { measureMonth } = monthlyAuditActivities(steward.composed.deps);
  const measure = () => inActivity(() => measureMonth(new Date().toISOString()));
  expect(await measure()).toMatchObject({ month, outcome: 'first' });
  const report = await createMonthlyAuditReader(steward.owner).find(month);
  const said = report?.figures.mismatches.filter(({ requestId }) => [erased, unproved].includes(requestId));
  expect(said).toHaveLength(4);
  expect(said).toEqual(
    expect.arrayContaining([
      { requestId: erased, with: 'log', what: 'no entry erasure.ended' },
      { requestId: erased, with: 'log', what: 'no entry erasure.lookLater' },
      { requestId: erased, with: 'workflow', what: 'the workflow ended as terminated, the request as erased' },
      { requestId: unproved, with: 'workflow', what: 'the workflow ended as terminated, the request did not end' },
    ]),
  );
  await end(unproved, new Date(to.getTime() + HOUR_MS), 'abandoned');
  expect(await measure()).toMatchObject({ month, outcome: 'same', differs: [] });
});
