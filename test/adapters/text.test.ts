import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutBytes, cutText } from '../../src/adapters/text.ts';

const texts = fc.string({ unit: 'grapheme', maxLength: 200 });

test('a cut text is the beginning of the text, fits, and ends where a character ends', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 300 }), (text, max) => {
      const cut = cutBytes(text, max);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
      expect(text.startsWith(cut)).toBe(true);
      const starts = [...new Intl.Segmenter().segment(text)].map((s) => s.index);
      expect([...starts, text.length]).toContain(cut.length);
    }),
  );
});

test('a text that fits stays whole', () => {
  expect(cutBytes('äöü', 6)).toBe('äöü');
  expect(cutText('äöü', 3)).toBe('äöü');
});

test('half an emoji becomes a replacement character', () => {
  expect(cutBytes('a\uD83Db', 10)).toBe('a\uFFFDb');
});

test('the mark of a cut counts, and an emoji is not cut in two', () => {
  expect(cutText('abcdef', 4)).toBe('abc…');
  expect(cutText('ab👍cd', 4)).toBe('ab…');
});

test('a flag is never halved, however many stand before it', () => {
  expect(cutBytes('🇩🇪'.repeat(700), 5_000)).toBe('🇩🇪'.repeat(625));
  expect(cutText('🇩🇪'.repeat(50), 99)).toBe(`${'🇩🇪'.repeat(24)}…`);
});

test('a heap of accents longer than any character is cut as it comes', () => {
  const heap = `a${'\u0301'.repeat(5_000)}`;
  expect(Buffer.byteLength(cutBytes(heap, 1_000))).toBeGreaterThan(900);
});
