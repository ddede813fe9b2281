import { expect, test } from 'vitest';
import { readSlaRules } from '../../src/adapters/sla-policy.ts';
import { beginSla, type Clock, follow, type Sla, strike } from '../../src/domain/sla.ts';
import { type ClockRow, clockRows } from '../../src/domain/sla-row.ts';
import { testFile } from '../support/files.ts';
import { smallTeam } from '../support/flow.ts';
import { historyOf } from '../support/history.ts';
import { outcome } from '../support/outcome.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';
import { about, answered, entry, escalated, expectNoFailedTask, handleOf, kinds, until } from './support.ts';

/** Whom it concerns is told apart by the channel, which the envelope names. */
const slaFile = testFile('sla.yaml', {
  calendars: { never: { timeZone: 'Europe/Berlin', week: { monday: ['00:00-00:01'] } } },
  policies: [
    {
      name: 'at once',
      when: { channel: 'hurried' },
      // On a busy machine a ticket takes seconds until somebody has it, who is to be told.
      firstResponse: '5 s',
      nextResponse: '5 s',
      resolution: '10 s',
      warnAt: '50%',
    },
    { name: 'calm', when: { channel: 'calm' }, firstResponse: '8 h', nextResponse: '8 h', resolution: '40 h' },
    { name: 'work', when: { channel: 'work' }, firstResponse: '8 h', pausedIn: ['inProgress'] },
    { name: 'none', when: { tier: 'standard' } },
    { name: 'rest', calendar: 'never', firstResponse: '1 min' },
  ],
});
const steward = useSteward({ settings: () => ({ STEWARD_SLA: slaFile, STEWARD_TEAM: smallTeam() }) });

const clocksOf = async (ticketId: string): Promise<Record<string, ClockRow>> =>
  Object.fromEntries((await steward.read.clocks(ticketId)).map((clock) => [clock.id, clock]));
const told = async (on: TestSteward, ticketId: string) =>
  (await on.read.deliveries(ticketId))
    .filter(({ template }) => template.startsWith('sla-'))
    .map(({ occasion, template, recipient, status }) => `${occasion}: ${template} to ${recipient.id}, ${status}`)
    .sort();

/** What the timeline says to whoever reads it from the beginning, by the rules that the ticket came in under. */
async function recomputed(ticketId: string): Promise<ClockRow[]> {
  const rules = await readSlaRules(slaFile, new Date());
  const [first, ...rest] = await steward.read.timeline(ticketId);
  if (!first) throw new Error(`${ticketId} has no timeline`);
  const begun = beginSla(rules, first);
  const clocks = new Map<string, Clock>(begun.changed.map((clock) => [clock.id, clock]));
  let sla: Sla = begun.sla;
  for (const line of rest) {
    const struck = strike(sla, Date.parse(line.at));
    for (const { clock } of struck.strikes) clocks.set(clock.id, clock);
    const followed = follow(struck.sla, line);
    for (const clock of followed.changed) clocks.set(clock.id, clock);
    sla = followed.sla;
  }
  return clockRows([...clocks.values()], rules);
}

async function expectRecomputed(ticketId: string): Promise<void> {
  const kept = await steward.read.clocks(ticketId);
  const byId = (rows: readonly ClockRow[]) => Object.fromEntries(rows.map((row) => [row.id, row]));
  // One that never had a target is nowhere.
  expect(byId(kept)).toEqual(
    byId((await recomputed(ticketId)).filter(({ status, id }) => status !== 'noSla' || id in byId(kept))),
  );
}

test('a promise that nobody keeps warns and breaks once each, stamped with its deadline, and those concerned are told', async () => {
  const id = await escalated(steward, { channel: 'hurried' });
  await entry(steward, id, 'slaBreached', 2);
  // By then both may be there.
  const first = (await steward.read.timeline(id)).find(({ kind }) => kind === 'slaBreached');
  const { 'firstResponse:1': response, 'resolution:1': resolution } = await clocksOf(id);
  const startedAt = Date.parse(response?.startedAt ?? '');
  const after = (ms: number) => new Date(startedAt + ms).toISOString();
  expect(response).toMatchObject({
    status: 'running',
    warnedAt: after(2_500),
    breachedAt: after(5_000),
    policy: 'at once',
  });
  expect(resolution).toMatchObject({ status: 'running', warnedAt: after(5_000), breachedAt: after(10_000) });
  expect(first?.facts).toMatchObject({
    clock: 'firstResponse:1',
    deadline: after(5_000),
    derivation: response?.derivation,
  });
  expect((await kinds(steward, id)).filter((kind) => kind.startsWith('sla')).sort()).toEqual([
    'slaBreached',
    'slaBreached',
    'slaWarned',
    'slaWarned',
  ]);
  await outcome(async () =>
    expect(await told(steward, id)).toEqual([
      'sla:firstResponse:1:breached: sla-breached to ana, sent',
      'sla:firstResponse:1:breached: sla-breached to operations, sent',
      'sla:firstResponse:1:warned: sla-warned to ana, sent',
      'sla:resolution:1:breached: sla-breached to ana, sent',
      'sla:resolution:1:breached: sla-breached to operations, sent',
      'sla:resolution:1:warned: sla-warned to ana, sent',
    ]),
  );
  await expectRecomputed(id);
  await expectNoFailedTask(steward, id);
});

test('a promise that is kept in time breaks no more, and its timer goes', async () => {
  const id = await escalated(steward, { channel: 'calm' });
  await steward.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
  await steward.steward.resolve(id, { agentId: 'ana' });
  await until(steward, id, { state: 'solved' });
  expect(await clocksOf(id)).toMatchObject({
    'firstResponse:1': { status: 'met', breachedAt: null },
    'resolution:1': { status: 'met', breachedAt: null },
  });
  await outcome(async () => {
    const { timers } = await historyOf(steward, id);
    const open = timers.filter(({ outcome: how, summary }) => how === 'open' && summary.includes('SLA'));
    expect(open).toEqual([]);
  });
  await expectRecomputed(id);
});

test('what went by while nobody worked is acted on at once, none twice, and an answer that came too late is late', async () => {
  const silent = await escalated(steward, { channel: 'hurried' });
  const late = await escalated(steward, { channel: 'hurried' });
  const due = Date.parse((await clocksOf(late))['resolution:1']?.dueAt ?? '');
  await steward.restartWorkers(async () => {
    await handleOf(steward, late).signal('agentReplied', {
      agentId: 'ana',
      message: 'Sorry.',
      eventId: 'e1',
      source: 'test',
    });
    await outcome(() => expect(Date.now()).toBeGreaterThan(due + 200));
  });
  await entry(steward, silent, 'slaBreached', 2);
  await until(steward, late, { state: 'waitingForCustomer' });
  expect((await clocksOf(late))['firstResponse:1']).toMatchObject({ status: 'met', breachedAt: expect.any(String) });
  for (const id of [silent, late]) {
    const breaches = (await kinds(steward, id)).filter((kind) => kind === 'slaBreached');
    expect(breaches).toHaveLength(2);
    await expectRecomputed(id);
  }
});

test("the clock stands still while a bot's answer is with the customer, and goes on when they write again", async () => {
  const id = await answered(steward, { channel: 'calm' });
  expect(await clocksOf(id)).toMatchObject({
    'firstResponse:1': { status: 'paused', dueAt: null },
    'resolution:1': { status: 'paused' },
  });
  await steward.post(about(id, 'ticket.replied', `${id}-r`, { message: 'That did not help.' }));
  await until(steward, id, { state: 'waitingForAgent' });
  const clock = (await clocksOf(id))['firstResponse:1'];
  expect(clock).toMatchObject({ status: 'running', pausedMs: expect.any(Number) });
  expect(Date.parse(clock?.dueAt ?? '')).toBe(
    Date.parse(clock?.startedAt ?? '') + 8 * 3_600_000 + (clock?.pausedMs ?? 0),
  );
  await expectRecomputed(id);
});

test('a clock that stands still while somebody is at work on the ticket goes on when it is given to somebody else', async () => {
  const id = await escalated(steward, { channel: 'work' });
  await steward.steward.claim(id, { agentId: 'ana' });
  expect(await clocksOf(id)).toMatchObject({ 'firstResponse:1': { status: 'paused' } });
  const on = { eventId: `${id}-on`, by: 'ana', user: 'U0ANA00001', act: 'reassign', to: 'ana', round: 1 } as const;
  await steward.steward.tell(id, 'clicked', on);
  await until(steward, id, { state: 'waitingForAgent' });
  expect(await clocksOf(id)).toMatchObject({ 'firstResponse:1': { status: 'running', dueAt: expect.any(String) } });
  await expectRecomputed(id);
});

test('no SLA is a promise too: such a ticket has no clock that runs', async () => {
  const id = await answered(steward, { customerTier: 'standard' });
  for (const clock of Object.values(await clocksOf(id))) expect(clock).toMatchObject({ status: 'noSla', dueAt: null });
});

test('a solved ticket that comes back has clocks of its own for the new episode', async () => {
  const id = await escalated(steward, { channel: 'calm' });
  await steward.steward.resolve(id, { agentId: 'ana' });
  await until(steward, id, { state: 'solved' });
  await handleOf(steward, id).signal('reopened', { eventId: `${id}-again`, source: 'test' });
  await until(steward, id, { state: 'waitingForAgent' });
  expect(await clocksOf(id)).toMatchObject({
    'firstResponse:1': { status: 'moot' },
    'resolution:1': { status: 'met' },
    'firstResponse:2': { status: 'running' },
    'resolution:2': { status: 'running' },
  });
  await expectRecomputed(id);
});
