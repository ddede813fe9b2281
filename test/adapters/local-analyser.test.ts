import { expect, test } from 'vitest';
import { createLocalAnalyser, findingOf } from '../../src/adapters/local-analyser.ts';

const local = createLocalAnalyser();
const label = (text: string) => local.sentiment(text, 'en')?.label;

test('the reference message has no word that the lexicon knows', () => {
  expect(local.sentiment("I can't access my account.", 'en')).toBeUndefined();
});

test.each([
  'I am not happy with the support I got.',
  'I’m not happy. It isn’t good.',
  'This is the third time I write and nobody answers. Terrible service.',
  'We are really disappointed by the outage yesterday.',
  'It is not at all good.',
  'The refund has still not arrived after two weeks, I am getting angry.',
  'This is a disgrace.\n\nKind regards and thanks in advance,\nAda',
])('reads as NEGATIVE: %s', (text) => {
  expect(label(text)).toBe('NEGATIVE');
});

test.each(['Thank you so much, that solved my problem!', 'I love the new dashboard.', 'You saved my day, awesome!'])(
  'reads as POSITIVE: %s',
  (text) => {
    expect(label(text)).toBe('POSITIVE');
  },
);

test.each([
  'Where can I download my invoice?',
  'Dear support team, I would like to change my address. Please help. Kind regards, Ada',
])('courtesies are no feeling: %s', (text) => {
  expect(local.sentiment(text, 'en')).toBeUndefined();
});

test('both kinds of words in balance are MIXED; weak words alone are NEUTRAL', () => {
  expect(findingOf({ pos: 0.3, neg: 0.3, compound: 0.1 })?.label).toBe('MIXED');
  expect(findingOf({ pos: 0.1, neg: 0, compound: 0.1 })?.label).toBe('NEUTRAL');
  expect(findingOf({ pos: 0, neg: 0, compound: 0 })).toBeUndefined();
});

test('score is -1 to 1 and confidence its strength', () => {
  const finding = local.sentiment('Terrible. Awful. I hate it.', 'en');
  expect(finding?.score).toBeLessThan(-0.5);
  expect(finding?.confidence).toBe(-(finding?.score ?? 0));
});

test('the score has two digits, and is judged by these', () => {
  expect(local.sentiment('I am not happy with it.', 'en')).toEqual({
    label: 'NEGATIVE',
    score: -0.46,
    confidence: 0.46,
  });
  expect(findingOf({ pos: 0, neg: 0.2, compound: -0.2467 })).toEqual({
    label: 'NEGATIVE',
    score: -0.25,
    confidence: 0.25,
  });
});

test('a language that the lexicon does not have is not guessed at', () => {
  expect(local.sentiment('Das ist eine Katastrophe, fatal und terrible.', 'de')).toBeUndefined();
});

test.each([
  ['en', "Login issue\nI can't access my account."],
  ['de', 'Ich kann mich seit gestern nicht mehr anmelden.'],
  ['fr', 'Je ne peux pas me connecter à mon compte.'],
  ['es', 'No puedo acceder a mi cuenta.'],
  ['it', 'Non riesco ad accedere al mio account.'],
  ['pt', 'Não consigo entrar na minha conta.'],
  ['nl', 'Ik kan niet inloggen op mijn account.'],
  ['ja', 'ログインできません'],
])('tells the language: %s', (language, text) => {
  expect(local.language(text)).toBe(language);
});

test.each(['', '123', 'ok', 'refund', 'App crash', 'Error 500 on /api/v1/users', '😡😡'])(
  'English when nothing can be told: %j',
  (text) => {
    expect(local.language(text)).toBe('en');
  },
);

test('words of JavaScript are words like any other', () => {
  expect(local.sentiment('constructor __proto__ toString hasOwnProperty', 'en')).toBeUndefined();
});

test('of the longest message no more is read than its beginning, so that it takes milliseconds', () => {
  const begins = 'I am not happy with it! '.repeat(250);
  const goesOn = 'Ich liebe es. I love it, it is wonderful! '.repeat(2_000);
  expect(local.sentiment(begins + goesOn, 'en')).toEqual(local.sentiment(begins, 'en'));
  expect(local.language(begins + goesOn)).toBe('en');
});
