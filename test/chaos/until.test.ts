import { expect, test } from 'vitest';
import { untilNothing } from './faults/until.ts';

const STILL = { ms: 5, looks: 5 };

test('what moves is waited for, however long it takes', async () => {
  let left = 200;
  const look = async () => {
    left -= 1;
    return left > 0 ? ['a ticket is open'] : [];
  };
  const begun = Date.now();
  expect(await untilNothing(look, { soFar: async () => left, every: 1, still: STILL })).toEqual([]);
  // Many times as long as nothing may move.
  expect(Date.now() - begun).toBeGreaterThan(10 * STILL.ms);
});

test('what stands still is told, though some looks fail', async () => {
  let looks = 0;
  const look = async () => {
    looks += 1;
    if (looks % 2 === 0) throw new Error('nobody answers');
    return ['a ticket is open'];
  };
  const found = await untilNothing(look, { soFar: async () => 1, every: 1, still: STILL });
  expect(found[0]).toBe('a ticket is open');
});

test('looks that take long, of a machine that is busy, are not taken for a world that stands still', async () => {
  let looks = 0;
  const slow = async () => {
    looks += 1;
    await new Promise((done) => setTimeout(done, 2 * STILL.ms));
    return looks < 6 ? ['a ticket is open'] : [];
  };
  expect(await untilNothing(slow, { soFar: async () => 1, every: 1, still: STILL })).toEqual([]);
});

test('what moves and comes to no end is told as such', async () => {
  let moved = 0;
  const soFar = async () => moved++;
  const found = await untilNothing(async () => ['it is parked'], { soFar, every: 1, still: STILL, mostMs: 30 });
  expect(found).toEqual(['moves, and comes to no end: it is parked']);
});
