/** The workflow and its schedule on a real dev server. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { expect, inject, test } from 'vitest';
import { createAuditHeads } from '../../src/adapters/audit-heads.ts';
import { MONTHLY_AUDIT_WORKFLOW, type MonthlyAuditResult } from '../../src/contract.ts';
import { measuredAt, monthBefore } from '../../src/domain/month.ts';
import { placeEntries } from '../../src/store/audit-place.ts';
import { createMonthlyAuditReader } from '../../src/store/monthly-audits.ts';
import { ensureSchedules } from '../../src/temporal/schedules.ts';
import { outcome } from '../support/outcome.ts';
import { useSteward } from '../support/steward.ts';
import { logAt, seedErasure } from './support.ts';

const steward = useSteward();
const ZONE = 'Europe/Berlin';
const run = promisify(execFile);
const measure = async (month: string) => {
  const { workflowId, runId } = await steward.steward.measureMonth(month, measuredAt(month, ZONE));
  return steward.temporal.client.workflow.getHandle<() => Promise<MonthlyAuditResult>>(workflowId, runId).result();
};
const reader = () => createMonthlyAuditReader(steward.owner);
const place = async () => {
  const placed = await placeEntries(steward.owner, 1_000);
  if (placed?.head) await createAuditHeads(join(steward.stateDir, 'audit-heads.jsonl')).keep(placed.head);
};
const newSuffix = () => `-test-${randomBytes(4).toString('hex')}`;
const mails = async () =>
  (await readdir(join(steward.stateDir, 'outbox'))).filter((name) => name.startsWith('monthly-audit-'));

test('a month gets one report: kept, in files, mailed once; measured again it is the same, byte for byte', async () => {
  const id = await seedErasure(steward.owner, {
    received: '2026-02-03T12:00:00Z',
    due: '2026-03-03T22:59:59.999Z',
    erased: '2026-02-04T12:00:00Z',
  });
  await place();
  const first = await measure('2026-02');
  expect(first).toMatchObject({ month: '2026-02', outcome: 'first', differs: [], notMailed: [] });
  const kept = await reader().find('2026-02');
  const [json, html] = await Promise.all(
    ['json', 'html'].map((ending) => readFile(join(steward.stateDir, 'audits', `2026-02.${ending}`), 'utf8')),
  );
  expect(json).toBe(kept?.json);
  expect(
    createHash('sha256')
      .update(json ?? '')
      .digest('hex'),
  ).toBe(first.sha256);
  expect(html).toContain('Privacy report of February 2026');
  expect(html).not.toMatch(/<script|\bsrc=|\bon\w+=/);
  expect(JSON.parse(json ?? '').requests).toMatchObject({ received: 1, done: 1, open: 0 });
  expect(await mails()).toEqual(['monthly-audit-2026-02-report-privacy.eml']);
  const mail = await readFile(join(steward.stateDir, 'outbox', 'monthly-audit-2026-02-report-privacy.eml'), 'utf8');
  expect(mail).toContain('/audits/2026-02');

  // What comes later moves nothing: an entry, an answer, an end.
  await logAt(steward.owner, '2026-03-05T00:00:00Z', {
    actor: { kind: 'system', id: 't' },
    action: 'audit.shown',
    object: 'o',
  });
  await steward.owner
    .updateTable('erasures')
    .set({ ended_at: new Date('2026-03-06T12:00:00Z'), outcome: 'erased' })
    .where('id', '=', id)
    .execute();
  await place();
  expect(await measure('2026-02')).toEqual({ ...first, outcome: 'same' });
  expect(await reader().find('2026-02')).toEqual(kept);
  expect(await mails()).toHaveLength(1);
  expect((await reader().runs('2026-02')).map((one) => one.outcome)).toEqual(['first', 'same']);
});

test('other figures never replace a report: they are named, and told once', async () => {
  const before = await reader().find('2026-02');
  await steward.owner
    .updateTable('erasures')
    .set({ received_at: new Date('2026-02-01T12:00:00Z') })
    .execute();
  const again = await measure('2026-02');
  expect(again).toMatchObject({
    outcome: 'differs',
    differs: ['timeToErase.medianSeconds', 'timeToErase.worstSeconds'],
    sha256: before?.sha256,
  });
  expect(await reader().find('2026-02')).toEqual(before);
  await measure('2026-02');
  expect((await mails()).sort()).toEqual([
    'monthly-audit-2026-02-differs-privacy.eml',
    'monthly-audit-2026-02-report-privacy.eml',
  ]);
  const { rows } = await sql<{ attempts: number }>`select attempts from monthly_audit_mails`.execute(steward.owner);
  expect(rows).toEqual([{ attempts: 1 }, { attempts: 1 }]);
  await expect(sql`update monthly_audits set html = ''`.execute(steward.owner)).rejects.toThrow('append-only');
});

test('a log that was changed makes the report of its month say so, with the position', async () => {
  const db = steward.owner;
  await logAt(db, '2026-04-05T00:00:00Z', {
    actor: { kind: 'system', id: 't' },
    action: 'audit.shown',
    object: 'april',
  });
  await place();
  const { rows } = await sql<{
    position: string;
  }>`select position from audit_chain c join audit_entries e on e.id = c.entry_id
    where e.object = 'april'`.execute(db);
  await sql`alter table audit_entries disable trigger all`.execute(db);
  await sql`update audit_entries set action = 'audit.exported' where object = 'april'`.execute(db);
  await sql`alter table audit_entries enable always trigger audit_entries_append_only`.execute(db);
  await sql`alter table audit_entries enable always trigger audit_entries_unplaced`.execute(db);
  await measure('2026-04');
  const { figures } = (await reader().find('2026-04')) ?? {};
  expect(figures?.log).toMatchObject({ ok: false, firstBad: { kind: 'edited', position: Number(rows[0]?.position) } });
  const mail = await readFile(join(steward.stateDir, 'outbox', 'monthly-audit-2026-04-report-privacy.eml'), 'utf8');
  expect(mail).toMatch(/NOT whole/);
});

test('what the server has forgotten is no mismatch: it is counted beside the figures', async () => {
  const month = { received: '2026-03-03T12:00:00Z', due: '2026-04-03T21:59:59.999Z', erased: '2026-03-04T12:00:00Z' };
  const id = await seedErasure(steward.owner, { ...month, ended: '2026-03-20T12:00:00Z', outcome: 'erased' });
  await place();
  await measure('2026-03');
  const report = await reader().find('2026-03');
  // The other is the one of February, that ended in March.
  expect(report?.workflows).toEqual({ compared: 0, forgotten: 2 });
  expect(report?.figures.mismatches.filter((one) => one.requestId === id)).toEqual([]);
});

test('a month that is not over is not measured, and who asks hears from when on it can be', async () => {
  const words = '2099-01 is not over: it can be measured from 2099-01-31T23:10:00.000Z on';
  await expect(measure('2099-01')).rejects.toMatchObject({
    cause: { cause: { message: expect.stringContaining(words) } },
  });
  expect(await reader().find('2099-01')).toBeNull();
});

test('workers make the schedule once, and leave alone what is as it should be', async () => {
  const options = { taskQueue: steward.taskQueue, timeZone: ZONE, suffix: newSuffix() };
  const { client } = steward.temporal;
  await Promise.all([1, 2, 3].map(() => ensureSchedules(client, options)));
  const handle = client.schedule.getHandle(`monthly-audit${options.suffix}`);
  const made = await handle.describe();
  expect(made.info.lastUpdatedAt).toBeUndefined();
  const next = made.info.nextActionTimes[0] ?? new Date();
  expect(next).toEqual(measuredAt(monthBefore(next, ZONE), ZONE));
  await handle.pause('while we move');
  await ensureSchedules(client, options);
  expect((await handle.describe()).state).toMatchObject({ paused: true, note: 'while we move' });
  await ensureSchedules(client, { ...options, timeZone: 'Asia/Tokyo' });
  const moved = await handle.describe();
  expect(moved).toMatchObject({ spec: { timezone: 'Asia/Tokyo' }, state: { paused: true } });
  expect(moved.info.nextActionTimes[0]?.toISOString()).toMatch(/T15:10:00/);
  await handle.delete();
  await client.schedule.getHandle(`retention${options.suffix}`).delete();
});

test('the temporal program triggers it, and fills in months that were missed, each with a report of its own', async () => {
  const { client } = steward.temporal;
  const suffix = newSuffix();
  const monthlyAuditId = `monthly-audit${suffix}`;
  await ensureSchedules(client, { taskQueue: steward.taskQueue, timeZone: ZONE, suffix });
  const cli = (...args: string[]) =>
    run(inject('temporalBinary').path, [
      'schedule',
      ...args,
      '--schedule-id',
      monthlyAuditId,
      '--address',
      inject('temporalAddress'),
    ]);
  const results = async (count: number) => {
    const found = await outcome(async () => {
      const { info } = await client.schedule.getHandle(monthlyAuditId).describe();
      if (info.recentActions.length < count) throw new Error(`${info.recentActions.length} of ${count}`);
      return info.recentActions;
    });
    return Promise.all(
      found.map(({ action }) =>
        client.workflow
          .getHandle<() => Promise<MonthlyAuditResult>>(action.workflow.workflowId, action.workflow.firstExecutionRunId)
          .result(),
      ),
    );
  };
  await cli('trigger');
  const [triggered] = await results(1);
  expect(triggered).toMatchObject({ month: monthBefore(new Date(), ZONE), outcome: 'first' });
  const span = ['--start-time', '2026-05-15T00:00:00Z', '--end-time', '2026-08-15T00:00:00Z'];
  await cli('backfill', ...span, '--overlap-policy', 'BufferAll');
  const backfilled = (await results(4)).slice(1);
  expect(backfilled.map(({ month, outcome }) => `${month} ${outcome}`).sort()).toEqual([
    '2026-05 first',
    '2026-06 first',
    '2026-07 first',
  ]);
  expect((await reader().list()).map(({ month }) => month)).toEqual(
    expect.arrayContaining(['2026-07', '2026-06', '2026-05']),
  );

  // Asked again in every way there is, a month has the report that it had, and nobody is written to again.
  const before = await reader().list();
  const mailed = await mails();
  await cli('trigger');
  await cli('backfill', ...span, '--overlap-policy', 'BufferAll');
  const again = (await results(8)).slice(4);
  expect(again.map(({ outcome }) => outcome)).toEqual(['same', 'same', 'same', 'same']);
  expect(await measure('2026-07')).toMatchObject({ outcome: 'same', notMailed: [] });
  expect(await mails()).toEqual(mailed);
  const { rows } = await sql`select distinct attempts from monthly_audit_mails`.execute(steward.owner);
  expect(rows).toEqual([{ attempts: 1 }]);
  const after = await reader().list();
  expect(after.map(({ runs, ...report }) => report)).toEqual(before.map(({ runs, ...report }) => report));
  const runs = after.find(({ month }) => month === '2026-07')?.runs.map(({ outcome }) => outcome);
  expect(runs).toEqual(['first', 'same', 'same']);
  await client.schedule.getHandle(monthlyAuditId).delete();
  await client.schedule.getHandle(`retention${suffix}`).delete();
});

test('started by hand without a word of when, it is about the month before', async () => {
  const result = await steward.temporal.client.workflow.execute(MONTHLY_AUDIT_WORKFLOW, {
    workflowId: `monthly-audit-hand-${randomBytes(4).toString('hex')}`,
    taskQueue: steward.taskQueue,
  });
  expect(result).toMatchObject({ month: monthBefore(new Date(), ZONE), outcome: 'same' });
});
