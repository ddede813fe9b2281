import { expect, test } from 'vitest';
import type { CategoryDecision, Decision } from '../../src/domain/erase-policy.ts';
import { type Held, previewOf } from '../../src/domain/erase-preview.ts';
import { CATEGORIES, type Category } from '../../src/domain/privacy-policy.ts';

const HELD: readonly Held[] = [
  { store: 'customers', category: 'identity', count: 1 },
  { store: 'customers', category: 'contact', count: 1 },
  { store: 'messages', category: 'conversations', count: 5 },
  { store: 'tickets', category: 'ticketFacts', count: 2 },
  { store: 'temporal', category: 'conversations', count: 2 },
  { store: 'keys', category: 'conversations', count: 2 },
  { store: 'ratings', category: 'ratings', count: 1 },
];
const UNTIL = '2032-12-31T22:59:59.999Z';

function decided(verdict: 'erase' | 'partly' | 'refuse', ...kept: Category[]): Decision {
  const categories = CATEGORIES.map(
    (category): CategoryDecision =>
      kept.includes(category)
        ? { category, verdict: 'keep', why: 'tax', statute: '§ 147 AO', until: UNTIL }
        : { category, verdict: 'erase', why: 'no longer necessary' },
  );
  return { verdict, approval: false, categories };
}
const fates = (decision: Decision) =>
  Object.fromEntries(previewOf(HELD, decision).map(({ store, category, fate }) => [`${store} ${category}`, fate]));

test('what is erased is told apart from what stays as labels of nobody', () => {
  expect(fates(decided('erase'))).toEqual({
    'customers identity': 'erased',
    'customers contact': 'erased',
    'messages conversations': 'erased',
    'tickets ticketFacts': 'unnamed',
    'temporal conversations': 'erased',
    'keys conversations': 'erased',
    'ratings ratings': 'unnamed',
  });
});

test('what is kept says why, by which statute and until when; histories and keys go all the same', () => {
  const lines = previewOf(HELD, decided('partly', 'conversations'));
  expect(lines[2]).toEqual({ ...HELD[2], fate: 'kept', why: 'tax', statute: '§ 147 AO', until: UNTIL });
  expect(fates(decided('partly', 'conversations'))).toMatchObject({
    'temporal conversations': 'erased',
    'keys conversations': 'erased',
  });
});

test('whoever keeps their name keeps their tickets', () => {
  expect(fates(decided('partly', 'identity'))).toMatchObject({
    'customers identity': 'kept',
    'customers contact': 'erased',
    'tickets ticketFacts': 'kept',
    'ratings ratings': 'kept',
  });
});

test('whoever keeps their address keeps their tickets too, until the last of both may go', () => {
  const lines = previewOf(HELD, decided('partly', 'contact'));
  expect(fates(decided('partly', 'contact'))).toMatchObject({
    'customers identity': 'erased',
    'ratings ratings': 'kept',
  });
  expect(lines[3]).toMatchObject({ fate: 'kept', why: 'it stays yours while we keep your address: tax', until: UNTIL });
});

test('of a request that would be refused, or that can’t be decided, everything stays', () => {
  const denied = { verdict: 'denied', errors: ['policy.approval: expected never'] } as const;
  for (const decision of [decided('refuse', ...CATEGORIES), denied]) {
    expect(new Set(Object.values(fates(decision)))).toEqual(new Set(['kept']));
  }
  expect(previewOf(HELD, denied)[0]?.why).toContain('policy.approval: expected never');
});
