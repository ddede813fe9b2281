import { expect, it } from 'vitest';
import { priorityOf } from '../../src/domain/route.ts';

it.each([
  ['NEGATIVE', 'premium', 'HIGH'],
  ['NEGATIVE', 'standard', 'MEDIUM'],
  ['NEGATIVE', 'Premium', 'MEDIUM'],
  ['NEGATIVE', '', 'MEDIUM'],
  ['MIXED', 'premium', 'MEDIUM'],
  ['NEUTRAL', 'premium', 'MEDIUM'],
  ['POSITIVE', 'premium', 'MEDIUM'],
  ['POSITIVE', 'standard', 'MEDIUM'],
] as const)('%s and %s: %s', (sentiment, tier, priority) => {
  expect(priorityOf(sentiment, tier)).toBe(priority);
});
