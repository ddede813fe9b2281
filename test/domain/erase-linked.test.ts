import { describe, expect, test } from 'vitest';
import { erasedIn, type KeptEnd, keptIn } from '../../src/domain/erase.ts';
import type { CategoryDecision } from '../../src/domain/erase-policy.ts';
import { CATEGORIES, type Category } from '../../src/domain/privacy-policy.ts';

describe('labels and numbers about tickets', () => {
  const LABELS = ['ticketFacts', 'deliveries', 'ratings', 'consents'];
  const keep = (category: Category, until?: string): CategoryDecision => ({
    category,
    verdict: 'keep',
    why: 'a lawsuit',
    ...(until === undefined ? {} : { until }),
  });
  const of = (kept: CategoryDecision[], keptEnded: KeptEnd[] = []) => {
    const categories = CATEGORIES.map(
      (category): CategoryDecision =>
        kept.find((one) => one.category === category) ?? { category, verdict: 'erase', why: '' },
    );
    return { decision: { categories }, approval: null, rulingReason: null, keptEnded };
  };
  const ended = (category: Category, how: KeptEnd['how']): KeptEnd => ({
    category,
    how,
    at: '2027-01-01T00:00:00.000Z',
  });

  test.each(['identity', 'contact'] as const)('are not said to be erased while %s is kept', (naming) => {
    const request = of([keep(naming, '2030-01-01T00:00:00.000Z')]);
    expect(erasedIn(request)).toEqual(CATEGORIES.filter((one) => one !== naming && !LABELS.includes(one)));
    const said = keptIn(request).filter(({ category }) => category !== naming);
    expect(said.map(({ category }) => category)).toEqual(LABELS);
    for (const one of said)
      expect(one).toMatchObject({ until: '2030-01-01T00:00:00.000Z', why: expect.stringMatching(/: a lawsuit$/) });
  });

  test('have no end where one of both has none', () => {
    const request = of([keep('identity', '2030-01-01T00:00:00.000Z'), keep('contact')]);
    expect(keptIn(request).find(({ category }) => category === 'ratings')).not.toHaveProperty('until');
  });

  test('go with the name, and stay with who has come back under it', () => {
    const kept = [keep('identity')];
    expect(keptIn(of(kept, [ended('identity', 'erased')]))).toEqual([]);
    expect(erasedIn(of(kept, [ended('identity', 'erased')]))).toEqual([...CATEGORIES]);
    expect(keptIn(of(kept, [ended('identity', 'cameBack')])).map(({ category }) => category)).toEqual(LABELS);
    expect(erasedIn(of(kept, [ended('identity', 'cameBack')]))).toEqual(['contact', 'conversations', 'requestRecord']);
  });

  test('are nobody’s where words alone are kept', () => {
    expect(keptIn(of([keep('conversations')])).map(({ category }) => category)).toEqual(['conversations']);
  });
});
