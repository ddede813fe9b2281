import { expect, test } from 'vitest';
import { coarse, coarsened } from '../../src/domain/coarse.ts';

test.each([
  [0.9876543211, 0.99],
  [-0.2549, -0.25],
  [0.5, 0.5],
  [7, 7],
  [1e300, 1e300],
  [-0.001, 0],
])('of %d two digits behind the point are kept: %d', (score, kept) => {
  expect(coarse(score)).toBe(kept);
});

test('of JSON every number is made so, however deep, and nothing else', () => {
  const found = { label: 'MIXED', scores: { MIXED: 0.61234, NEUTRAL: 0.1 }, tries: [1.005001, '1.005001', null, true] };
  expect(coarsened(found)).toEqual({
    label: 'MIXED',
    scores: { MIXED: 0.61, NEUTRAL: 0.1 },
    tries: [1.01, '1.005001', null, true],
  });
});
