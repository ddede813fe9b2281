import { describe, expect, test } from 'vitest';
import type { BatchReport } from '../../src/compose-operator.ts';
import { parkedFingerprint } from '../../src/domain/parked-group.ts';
import { createWorld, steward } from './support.ts';

const PARKED = {
  ticketId: 'TKT-1',
  step: 'EscalateToAgent#1',
  error: 'ProviderFailed',
  cause: 'slack: HTTP 500',
  attempts: 4,
  since: '2026-04-23T10:16:00.000Z',
};
const GROUP = parkedFingerprint(PARKED);
const others = [
  { ...PARKED, ticketId: 'TKT-2' },
  { ...PARKED, ticketId: 'TKT-3', error: 'DeliveryUnknown' },
];
const worldOf = () => createWorld({ parked: [PARKED, ...others], files: { 'new.json': '{"a":1}' } });

describe('a word to a whole group', () => {
  test.each([
    ['retry', [], {}],
    ['fix', ['--input', '@new.json'], { given: { a: 1 } }],
    ['skip', [], { given: {} }],
    ['skip', ['--result', '{"b":2}'], { given: { b: 2 } }],
    ['abort', [], {}],
  ])('%s %j is written down, then started', async (act, args, given) => {
    const world = worldOf();
    const { exit, out } = await steward(world, 'parked', act, '--group', GROUP, '--per-second', '7', ...args);
    expect(exit).toBe(0);
    expect(world.said).toEqual([
      ['order', { act, fingerprint: GROUP, perSecond: 7, ...given }],
      ['start', '0123456789ab'],
    ]);
    expect(out).toContain('2 parked steps, 7 a second');
    expect(out).toContain('npx steward parked report 0123456789ab');
  });

  test('a preview lists the steps of the group alone, and does nothing', async () => {
    const world = worldOf();
    const { out } = await steward(world, 'parked', 'abort', '--group', GROUP, '--preview');
    expect(out).toMatch(/TKT-1 .*\nTKT-2 /);
    expect(out).not.toContain('TKT-3');
    expect(out).toContain('Nothing was done');
    expect({ said: world.said, opened: world.opened }).toEqual({ said: [], opened: ['operator'] });
    const json = JSON.parse((await steward(world, 'parked', 'abort', '--group', GROUP, '--preview', '--json')).out);
    expect(json).toMatchObject({ act: 'abort', group: { count: 2 }, steps: [PARKED, others[0]] });
  });

  test.each([
    [['retry', '--group', 'ffff'], 1],
    [['fix', '--group', GROUP, '--input', '{'], 1],
    [['fix', '--group', GROUP], 2],
    [['retry'], 2],
    [['retry', '--group', GROUP, '--per-second', '0'], 2],
    [['retry', '--group', GROUP, '--per-second', '101'], 2],
  ])('%j is refused, and nothing is written down', async (args, code) => {
    const world = worldOf();
    expect((await steward(world, 'parked', ...args)).exit).toBe(code);
    expect(world.said).toEqual([]);
  });
});

const BATCH: BatchReport = {
  batchId: 'b1',
  act: 'retry',
  fingerprint: GROUP,
  perSecond: 5,
  startedBy: 'login/ada',
  startedAt: '2026-04-23T10:17:00.000Z',
  state: 'cancelled',
  endedAt: '2026-04-23T10:17:09.000Z',
  counts: { done: 1, gone: 1, refused: 0, failed: 0, untouched: 1 },
  items: [
    { ticketId: 'TKT-1', step: 'E#1', outcome: 'done', why: null, at: '2026-04-23T10:17:01.000Z' },
    { ticketId: 'TKT-2', step: 'E#1', outcome: 'gone', why: 'not parked any more', at: '2026-04-23T10:17:02.000Z' },
    { ticketId: 'TKT-3', step: 'E#1', outcome: 'untouched', why: null, at: null },
  ],
};

test('a report says who started it, the counts, and what came of every step', async () => {
  const world = createWorld({ batches: [BATCH] });
  const { out } = await steward(world, 'parked', 'report', 'b1');
  expect(out).toContain('started by login/ada');
  expect(out).toContain('Cancelled at 2026-04-23 10:17:09: 1 done, 1 gone, 0 refused, 0 failed, 1 untouched');
  expect(out).toMatch(/TKT-1 +E#1 +done\nTKT-2 +E#1 +gone +not parked any more\nTKT-3 +E#1 +untouched\n/);
  expect(JSON.parse((await steward(world, 'parked', 'report', 'b1', '--json')).out)).toEqual(BATCH);
  expect((await steward(world, 'parked', 'report', 'b2')).exit).toBe(1);
});

test('who stops a batch is logged before it stops', async () => {
  const world = createWorld();
  expect((await steward(world, 'parked', 'cancel', 'b1')).out).toContain('the rest stays parked');
  expect(world.said).toEqual([
    ['logCancel', 'b1'],
    ['cancel', 'b1'],
  ]);
});

test('without a batch the newest are listed', async () => {
  const { out } = await steward(createWorld({ batches: [BATCH] }), 'parked', 'report');
  expect(out).toMatch(/^BATCH .*\nb1 +\w+ +\S+ +3 +cancelled +2026-04-23 10:17:00 +login\/ada\n$/);
  expect((await steward(createWorld(), 'parked', 'report')).out).toContain('No batch yet');
});
