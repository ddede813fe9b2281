import { expect, test } from 'vitest';
import { nearest } from '../../src/flow/nearest.ts';

const FIELDS = [
  'Catch',
  'End',
  'Next',
  'ResultPath',
  'ResultSelector',
  'Retry',
  'TimeoutSeconds',
  'TimeoutSecondsPath',
];

test.each([
  ['retry', 'Retry'],
  ['RETRY', 'Retry'],
  ['Rerty', 'Retry'],
  ['Retri', 'Retry'],
  ['Catches', 'Catch'],
  ['Nxt', 'Next'],
  ['Nextt', 'Next'],
  ['TimeoutSecond', 'TimeoutSeconds'],
  ['timeoutseconds', 'TimeoutSeconds'],
  ['ResultPaht', 'ResultPath'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, FIELDS)).toBe(meant);
});

test.each(['Colour', 'N', 'Resource', 'Result', ''])('%j is near to nothing', (word) => {
  expect(nearest(word, FIELDS)).toBeUndefined();
});

test('a word that differs in case alone is nearer than one that differs in a letter', () => {
  expect(nearest('state', ['States', 'STATE'])).toBe('STATE');
});

test('of words with a slip each the one of like length is nearer', () => {
  expect(nearest('State199', ['State1', 'State19', 'State1990', 'State9'])).toBe('State19');
  expect(nearest('Statee49', ['State9', 'State49'])).toBe('State49');
});
