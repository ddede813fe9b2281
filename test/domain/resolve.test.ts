import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Evidence, isSure, rankMatches, SURE_ENOUGH } from '../../src/domain/resolve.ts';

const INVOICES: Evidence = {
  articleId: 'invoices',
  title: 'Find your invoices',
  language: 'en',
  asked: 2,
  named: 2,
  told: 0,
};

function sureOf(...found: Evidence[]): number {
  return rankMatches(found, 'en')[0]?.confidence ?? 0;
}

test('an article whose title covers the whole question is sure', () => {
  expect(rankMatches([INVOICES], 'en').map(isSure)).toEqual([true]);
});

test('an article that covers a small part of the question is not', () => {
  expect(sureOf({ ...INVOICES, asked: 6, named: 1 })).toBeLessThan(SURE_ENOUGH);
});

test('one common word says too little, even when it is the whole question', () => {
  expect(sureOf({ ...INVOICES, asked: 0.3, named: 0.3 })).toBeLessThan(SURE_ENOUGH);
});

test('a word in the title says more than one in the text; the text alone says nothing', () => {
  const told = sureOf({ ...INVOICES, named: 1, told: 1 });
  expect(told).toBeLessThan(sureOf(INVOICES));
  expect(told).toBeGreaterThan(sureOf({ ...INVOICES, named: 1, told: 0 }));
  expect(rankMatches([{ ...INVOICES, named: 0, told: 2 }], 'en')).toEqual([]);
});

test('two articles that fit equally well leave the bot unsure', () => {
  const twin = { ...INVOICES, articleId: 'receipts' };
  expect(rankMatches([twin, INVOICES], 'en').filter(isSure)).toEqual([]);
  expect(rankMatches([twin, INVOICES], 'en').map((match) => match.articleId)).toEqual(['invoices', 'receipts']);
});

test('an article that fits half as well hardly counts against the best', () => {
  const second = { ...INVOICES, articleId: 'refunds', named: 1 };
  expect(sureOf(INVOICES) - sureOf(INVOICES, second)).toBeLessThan(0.05);
  expect(rankMatches([second, INVOICES], 'en')[0]?.articleId).toBe('invoices');
});

test('the same matter in another language is no rival', () => {
  expect(sureOf(INVOICES, { ...INVOICES, articleId: 'invoices.de', language: 'de' })).toBe(sureOf(INVOICES));
});

test('a sure article in the language of the ticket goes first, a sure one in English before an unsure one', () => {
  const german = { ...INVOICES, articleId: 'invoices.de', language: 'de', named: 1.7 };
  expect(rankMatches([INVOICES, german], 'de')[0]?.articleId).toBe('invoices.de');
  expect(rankMatches([INVOICES, { ...german, named: 0.3 }], 'de')[0]?.articleId).toBe('invoices');
});

test('a question without a word to go by finds nothing', () => {
  expect(rankMatches([{ ...INVOICES, asked: 0, named: 0 }], 'en')).toEqual([]);
});

const evidence = fc.record({
  articleId: fc.constantFrom('a', 'b', 'c', 'd'),
  title: fc.constant('title'),
  language: fc.constantFrom('en', 'de'),
  asked: fc.double({ min: 0, max: 50, noNaN: true }),
  named: fc.double({ min: 0, max: 20, noNaN: true }),
  told: fc.double({ min: 0, max: 20, noNaN: true }),
});

test('confidence lies between 0 and 1, and more words that the article lacks never raise it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(evidence, { selector: (e) => e.articleId }), (found) => {
      for (const { confidence } of rankMatches(found, 'en')) {
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }
      const longer = found.map((e) => ({ ...e, asked: e.asked + 1 }));
      const before = new Map(rankMatches(found, 'en').map((m) => [m.articleId, m.confidence]));
      for (const match of rankMatches(longer, 'en')) {
        const asked = found.find((e) => e.articleId === match.articleId)?.asked ?? 0;
        if (asked > 0) expect(match.confidence).toBeLessThanOrEqual(before.get(match.articleId) ?? 0);
      }
    }),
  );
});
