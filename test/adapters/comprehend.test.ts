import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createComprehend } from '../../src/adapters/comprehend.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { type AwsStandIn, startAws } from '../support/stand-ins/aws.ts';
import { deafUrl, json } from '../support/stand-ins/server.ts';
import { failure, never } from './failure.ts';

let aws: AwsStandIn;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.reset();
  aws.comprehend.texts.length = 0;
  Object.assign(aws.comprehend, { language: 'en', sentiment: 'NEGATIVE', score: 0.91 });
});

const detect = (text: string, settings: object = {}, signal = never()) =>
  createComprehend({ ...aws.settings, ...settings }).detect(text, signal);

test('gives the label, every score, the label’s score as confidence, and the detected language', async () => {
  aws.comprehend.language = 'de';
  const found = await detect('Ich kann mich seit gestern nicht anmelden.');
  expect(found).toMatchObject({ label: 'NEGATIVE', language: 'de', confidence: 0.91 });
  expect(found.scores).toMatchObject({ NEGATIVE: 0.91 });
  expect(Object.keys(found.scores ?? {}).sort()).toEqual(['MIXED', 'NEGATIVE', 'NEUTRAL', 'POSITIVE']);
  expect(aws.asked.map((a) => a.action)).toEqual(['DetectDominantLanguage', 'DetectSentiment']);
});

test('scores have two digits, however many Comprehend gives', async () => {
  aws.comprehend.score = 0.9876543211;
  const { scores, confidence } = await detect('I am waiting for my refund.');
  expect({ scores, confidence }).toEqual({
    scores: { POSITIVE: 0, NEGATIVE: 0.99, NEUTRAL: 0, MIXED: 0 },
    confidence: 0.99,
  });
});

test('under 20 characters the language is told here, and Comprehend is asked for the sentiment alone', async () => {
  const found = await detect('Hilfe, bitte!', { shortTextLanguage: () => 'de' });
  expect(found.language).toBe('de');
  expect(aws.asked.map((a) => a.action)).toEqual(['DetectSentiment']);
});

test('a language that Comprehend can’t read is final', async () => {
  aws.comprehend.language = 'nl';
  const error = await failure(detect('Ik kan niet meer inloggen op mijn account'));
  expect(error).toMatchObject({ retryable: false, reason: 'language "nl" is not supported' });
  expect(aws.comprehend.texts).toEqual([]);
});

test('an empty text is final, and nobody is asked', async () => {
  expect(await failure(detect('  \n '))).toMatchObject({ retryable: false });
  expect(aws.asked).toEqual([]);
});

test('a long text is cut to 5,000 bytes between two characters', async () => {
  await detect('👩‍👩‍👧‍👦'.repeat(400));
  const [sent = ''] = aws.comprehend.texts;
  expect(Buffer.byteLength(sent)).toBe(25 * 200);
  await detect(`ab${'é'.repeat(4000)}`);
  expect(aws.comprehend.texts[1]).toBe(`ab${'é'.repeat(2499)}`);
});

test('one call is one attempt: a throttled or failed request is not repeated here', async () => {
  for (const kind of ['429', '500'] as const) {
    aws.reset();
    aws.failNext(kind, {}, 5);
    expect(await failure(detect('I am waiting for my refund.'))).toMatchObject({ retryable: true, answerLost: false });
    expect(aws.asked).toHaveLength(1);
  }
});

test('a provider’s Retry-After is passed on', async () => {
  aws.failNext('429', { retryAfter: 7 });
  expect(await failure(detect('I am waiting for my refund.'))).toMatchObject({ retryAfterMs: 7000 });
});

test.each([
  'InvalidRequestException',
  'TextSizeLimitExceededException',
  'UnsupportedLanguageException',
  'AccessDeniedException',
])('%s is final', async (type) => {
  aws.answerNext(json(400, { __type: type, Message: 'text: I am waiting' }));
  const error = await failure(detect('I am waiting for my refund.'));
  expect(error).toMatchObject({ retryable: false, reason: `${type} (HTTP 400)` });
  expect(error.message).not.toContain('I am waiting');
});

test('silence ends at the time-out, and can be tried again', async () => {
  aws.failNext('timeout');
  const error = await failure(detect('I am waiting for my refund.', { timeoutMs: 100 }));
  expect(error).toMatchObject({ retryable: true, answerLost: false, reason: 'no answer (ETIMEDOUT)' });
});

test('the caller’s signal ends a request that gets no answer', async () => {
  aws.failNext('timeout');
  const caller = new AbortController();
  const asked = failure(detect('I am waiting for my refund.', {}, caller.signal));
  caller.abort();
  expect(await asked).toBeInstanceOf(ProviderError);
});

test('nobody listening is a failure that can be tried again', async () => {
  const error = await failure(detect('I am waiting for my refund.', { endpoint: await deafUrl() }));
  expect(error).toMatchObject({ retryable: true, answerLost: false, reason: 'no answer (ECONNREFUSED)' });
});
