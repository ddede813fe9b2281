import { describe, expect, it } from 'vitest';
import {
  chooseSentiment,
  chooseTier,
  isOutage,
  outageTitles,
  type Sentiment,
  sentimentOfScore,
} from '../../src/domain/enrich.ts';

const provider: Sentiment = { label: 'MIXED', confidence: 0.6, source: 'comprehend', outcome: 'ok', ms: 30 };
const finding = { label: 'NEGATIVE', score: -0.6, confidence: 0.6 } as const;

describe('chooseSentiment', () => {
  it('takes the provider’s answer before all others', () => {
    expect(chooseSentiment({ provider, local: { finding, ms: 1 }, platformScore: 0.9 })).toBe(provider);
  });

  it('takes the local analyser’s where no provider was asked', () => {
    expect(chooseSentiment({ local: { finding, ms: 2 }, platformScore: 0.9 })).toEqual({
      ...finding,
      source: 'local',
      outcome: 'ok',
      ms: 2,
    });
  });

  it('takes the platform’s score where the local analyser met no word that it knows', () => {
    expect(chooseSentiment({ local: { finding: undefined, ms: 2 }, platformScore: -0.7 })).toEqual({
      label: 'NEGATIVE',
      score: -0.7,
      confidence: 0.7,
      source: 'platform',
      outcome: 'ok',
      ms: 0,
    });
  });

  it('is neutral, and says that it is a guess, where nobody knows', () => {
    expect(chooseSentiment({ local: { finding: undefined, ms: 2 }, platformScore: undefined })).toEqual({
      label: 'NEUTRAL',
      confidence: 0,
      source: 'none',
      outcome: 'missing',
      ms: 2,
    });
  });

  it.each([
    [{ finding, ms: 1 }, undefined, 'local', 'fallback'],
    [{ finding: undefined, ms: 1 }, 0.5, 'platform', 'fallback'],
    [{ finding: undefined, ms: 1 }, undefined, 'none', 'missing'],
  ] as const)('keeps why the provider did not answer: %j, %s', (local, platformScore, source, outcome) => {
    const chosen = chooseSentiment({ local, platformScore, providerFailure: 'comprehend: HTTP 500' });
    expect(chosen).toMatchObject({ source, outcome, reason: 'comprehend: HTTP 500' });
  });
});

it.each([
  [-1, 'NEGATIVE'],
  [-0.7, 'NEGATIVE'],
  [-0.25, 'NEGATIVE'],
  [-0.24, 'NEUTRAL'],
  [0, 'NEUTRAL'],
  [0.24, 'NEUTRAL'],
  [0.25, 'POSITIVE'],
  [1, 'POSITIVE'],
])('a platform’s score of %d is %s', (score, label) => {
  expect(sentimentOfScore(score)).toEqual({ label, score, confidence: Math.abs(score) });
});

it.each([
  ['premium', 'standard', 'premium'],
  ['standard', 'premium', 'standard'],
  [null, 'premium', 'premium'],
  ['premium', null, 'premium'],
  [null, null, 'standard'],
])('the CRM’s tier %s wins over the envelope’s %s: %s, and both are kept', (crm, envelope, effective) => {
  expect(chooseTier(crm, envelope)).toEqual({ effective, crm, envelope });
});

describe('an outage', () => {
  const status = { source: 'statuspage', outcome: 'ok', ms: 1 } as const;
  it.each([
    ['none', [], false],
    ['minor', [], false],
    ['maintenance', [], false],
    ['unknown', [], false],
    ['none', ['Mail is slow'], true],
    ['major', [], true],
    ['critical', ['Login is down'], true],
  ] as const)('%s with %j: %s', (indicator, incidents, outage) => {
    expect(isOutage({ ...status, indicator, incidents })).toBe(outage);
  });

  it.each([
    [{}, []],
    [{ status: null }, []],
    [{ status: 'down' }, []],
    [{ status: ['down'] }, []],
    [{ status: { incidents: 'down' } }, []],
    [{ status: { incidents: ['Login is down', 7, null] } }, ['Login is down']],
  ])('titles out of the stored facts %j: %j', (facts, titles) => {
    expect(outageTitles(facts)).toEqual(titles);
  });
});
