import { describe, expect, test } from 'vitest';
import { type ErasureSaid, sayNext } from '../../src/domain/erase-next.ts';
import type { CategoryDecision } from '../../src/domain/erase-policy.ts';

const verdictOf = (category: CategoryDecision['category'], verdict: CategoryDecision['verdict']) => ({
  category,
  verdict,
  why: 'x',
});
const said = (over: Partial<ErasureSaid> = {}): ErasureSaid => ({
  decision: { verdict: 'erase', categories: [verdictOf('identity', 'erase'), verdictOf('requestRecord', 'keep')] },
  dueAt: '2027-01-25T22:59:59.999Z',
  ...over,
});

describe('what follows from the word of an officer', () => {
  test('an approval says how far it goes: all, all but what has to be kept, or nothing', () => {
    expect(sayNext('approve', said())).toMatch(/^approved: the data goes now; the person is told by mail/);
    const partly = [verdictOf('identity', 'erase'), verdictOf('conversations', 'keep')];
    for (const decision of [{ verdict: 'partly' as const, categories: partly }, null]) {
      expect(sayNext('approve', said({ decision }))).toMatch(/^approved: .* goes now, except for what has to be kept;/);
    }
    expect(
      sayNext('approve', said({ decision: { verdict: 'refuse', categories: [verdictOf('identity', 'keep')] } })),
    ).toMatch(/^approved: the decision is to keep everything, so nothing is erased/);
  });

  test('an extension names the day, and a step’s answer the step', () => {
    expect(sayNext('extend', said())).toMatch(/^extended: due 2027-01-25 now;/);
    expect(sayNext('retry', said({ step: 'tellPerson' }))).toBe('retried: tellPerson is tried again now');
    expect(sayNext('skip', said())).toBe('skipped: it goes on without the step that was parked first');
  });
});
