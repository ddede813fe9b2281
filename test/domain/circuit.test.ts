import { describe, expect, test } from 'vitest';
import { firstPause, isOutage, opens, stopOf, waysBelow } from '../../src/domain/circuit.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { afterProbe } from '../../src/domain/incident.ts';

const RULES = {
  windowMs: 60_000,
  openAfter: 5,
  share: 0.5,
  firstPauseMs: 10_000,
  longestPauseMs: 60_000,
  closeAfter: 2,
};

test.each([
  [5, 0, true],
  [4, 0, false],
  [5, 5, true],
  [5, 6, false],
  [50, 60, false],
])('%i failures beside %i successes open the circuit: %s', (failures, successes, expected) => {
  expect(opens({ failures, successes }, RULES)).toBe(expected);
});

test('an incident soon after the last one goes on with its pause', () => {
  const before = { closedAt: 1_000_000, pauseMs: 20_000 };
  expect(firstPause(null, RULES, 0)).toBe(10_000);
  expect(firstPause(before, RULES, 1_000_000 + 59_999)).toBe(40_000);
  expect(firstPause(before, RULES, 1_000_000 + 60_000)).toBe(10_000);
});

describe('a remedy', () => {
  const rules = { atMost: 3, stopAfter: 2 };
  test('stops where it went as far as it may', () => {
    expect(stopOf({ used: 2, unhelped: 0 }, rules)).toBeNull();
    expect(stopOf({ used: 3, unhelped: 0 }, rules)).toBe('reach');
  });
  test('stops where it does not help', () => expect(stopOf({ used: 2, unhelped: 2 }, rules)).toBe('noHelp'));
});

test('below Slack is mail, and below mail PagerDuty', () => {
  expect(waysBelow('slack')).toEqual(['mail', 'pagerduty']);
  expect(waysBelow('pagerduty')).toEqual([]);
});

test('what is of this call or of our pace is no outage', () => {
  const error = (more: { retryable: boolean; fault?: 'pace' | 'provider' }) => new ProviderError('slack', 'x', more);
  expect(isOutage(error({ retryable: true }))).toBe(true);
  expect(isOutage(error({ retryable: false }))).toBe(false);
  expect(isOutage(error({ retryable: true, fault: 'pace' }))).toBe(false);
  expect(isOutage(error({ retryable: false, fault: 'provider' }))).toBe(true);
});

test('a failed probe doubles the pause up to the longest; two good ones in a row close', () => {
  const start = { probes: 0, good: 0, pauseMs: 40_000, nextAt: 0, last: null };
  const bad = afterProbe(start, 'HTTP 500', RULES, 0);
  expect(bad).toMatchObject({ probes: 1, good: 0, pauseMs: 60_000, nextAt: 60_000, closes: false });
  const good = afterProbe(bad, null, RULES, 0);
  expect(good).toMatchObject({ good: 1, nextAt: 10_000, closes: false });
  expect(afterProbe(good, 'again', RULES, 0)).toMatchObject({ good: 0, closes: false });
  expect(afterProbe(good, null, RULES, 0)).toMatchObject({ good: 2, closes: true });
});
