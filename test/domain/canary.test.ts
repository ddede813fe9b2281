import { describe, expect, test } from 'vitest';
import { chanceOfMore, type Fared, judgeCanary, lookDue, looksBy, SIGNIFICANT } from '../../src/domain/canary.ts';

const order = { percent: 10, watchMs: 1_800_000, minTickets: 20 };
const fared = (tickets: number, more: Partial<Fared> = {}): Fared => ({
  tickets,
  failed: 0,
  parked: 0,
  escalated: 0,
  ...more,
});

describe("Fisher's exact test", () => {
  // scipy.stats.fisher_exact(table, alternative='greater'), and the tea that was tasted: Fisher 1935, 1 of 70.
  test.each([
    [4, 4, 0, 4, 1 / 70],
    [3, 4, 1, 4, 17 / 70],
    [3, 3, 0, 27, 1 / 4060],
    [2, 2, 0, 18, 1 / 190],
    [0, 10, 5, 10, 1],
    [5, 10, 0, 0, 1],
    [0, 0, 5, 10, 1],
  ])('%i of %i, and %i of %i', (k, n, l, m, expected) => {
    expect(chanceOfMore(k, n, l, m)).toBeCloseTo(expected, 9);
  });

  test('is right for large numbers too, and never more than 1', () => {
    // By hand: the hypergeometric distribution summed with exact integers.
    expect(chanceOfMore(12, 100, 30, 900)).toBeCloseTo(exactly(12, 100, 30, 900), 9);
    expect(chanceOfMore(1, 50, 400, 450)).toBeLessThanOrEqual(1);
    expect(chanceOfMore(10_000, 100_000, 90_000, 900_000)).toBeGreaterThan(0.4);
  });
});

function exactly(k: number, n: number, l: number, m: number): number {
  const choose = (of: number, take: number): bigint => {
    let result = 1n;
    for (let i = 0; i < take; i++) result = (result * BigInt(of - i)) / BigInt(i + 1);
    return result;
  };
  let sum = 0n;
  for (let i = k; i <= Math.min(n, k + l); i++) sum += choose(n, i) * choose(m, k + l - i);
  return Number((sum * 10n ** 15n) / choose(n + m, k + l)) / 1e15;
}

describe('looks', () => {
  test('ten within the time, then one after each further such time, to its tenth', () => {
    expect([1, 10, 11, 19].map((look) => lookDue(look, 1000))).toEqual([100, 1000, 2000, 10_000]);
    expect([0, 99, 100, 1000, 1999, 2000, 99_999].map((at) => looksBy(at, 1000))).toEqual([0, 0, 1, 10, 10, 11, 19]);
  });
});

describe('a canary', () => {
  test('goes back at the first look that shows it, by each of the rates', () => {
    for (const rate of ['failed', 'parked', 'escalated'] as const) {
      const judged = judgeCanary(1, order, { canary: fared(3, { [rate]: 3 }), base: fared(27) });
      expect(judged).toMatchObject({
        verdict: 'rollback',
        why: expect.stringContaining('it fared worse: 3 of 3 tickets'),
      });
    }
  });

  test('is watched as long as chance may explain it', () => {
    expect(judgeCanary(9, order, { canary: fared(2, { parked: 2 }), base: fared(18) })).toEqual({ verdict: 'watch' });
    expect(judgeCanary(9, order, { canary: fared(100), base: fared(900) })).toEqual({ verdict: 'watch' });
  });

  test('is not blamed for what hits both', () => {
    const counts = { canary: fared(30, { parked: 30 }), base: fared(270, { parked: 270 }) };
    expect(judgeCanary(10, order, counts)).toMatchObject({ verdict: 'promote' });
  });

  test('goes on to all when its time is over and there are enough tickets', () => {
    const counts = { canary: fared(20, { escalated: 8 }), base: fared(180, { escalated: 60 }) };
    expect(judgeCanary(10, order, counts)).toMatchObject({
      verdict: 'promote',
      why: expect.stringContaining('20 tickets'),
    });
    expect(judgeCanary(10, order, { ...counts, canary: fared(19) })).toEqual({ verdict: 'watch' });
    expect(judgeCanary(10, order, { ...counts, base: fared(19) })).toEqual({ verdict: 'watch' });
  });

  test('goes back when there are too few tickets for ten times its time', () => {
    const judged = judgeCanary(19, order, { canary: fared(2), base: fared(18) });
    expect(judged).toMatchObject({ verdict: 'rollback', why: expect.stringContaining('too few tickets to tell') });
  });

  test('that is as good as the old one goes back with a chance of 5% at most, over all looks', () => {
    // A generator of its own, so that the test says the same each time.
    let seed = 7;
    const chance = () => {
      seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
      return seed / 2 ** 32;
    };
    const runs = 2_000;
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const counts = { canary: { ...fared(0) }, base: { ...fared(0) } } as Record<
        'canary' | 'base',
        Record<keyof Fared, number>
      >;
      for (let look = 1; look <= 10; look++) {
        for (let i = 0; i < 30; i++) {
          const of = counts[chance() < 0.1 ? 'canary' : 'base'];
          of.tickets++;
          if (chance() < 0.1) of.failed++;
          if (chance() < 0.05) of.parked++;
          if (chance() < 0.4) of.escalated++;
        }
        if (judgeCanary(look, order, counts).verdict !== 'rollback') continue;
        alarms++;
        break;
      }
    }
    expect(alarms / runs).toBeLessThan(0.05);
    expect(SIGNIFICANT).toBeCloseTo(0.05 / 57, 12);
  });
});
