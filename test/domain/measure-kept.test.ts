import { expect, test } from 'vitest';
import { type KeptFacts, type KeptReason, keptAlarms, measureKept, sayUntil } from '../../src/domain/measure-kept.ts';
import { spanOf } from '../../src/domain/month.ts';

const OCTOBER = spanOf('2026-10', 'Europe/Berlin');
const LAST_NIGHT = new Date('2026-10-31T01:30:00Z');
const DUTY = { why: 'kept for tax audits', statute: 'Art. 17(3)(b) GDPR, § 147 AO' };
const HOLD = { why: 'the quarrel with Ms Roe', statute: 'Art. 17(3)(e) GDPR' };

/** Erased and ended in the summer; it keeps conversations until then. */
function erasure(until: string | null, more: Partial<KeptFacts> = {}): KeptFacts {
  return {
    id: 'ERA-1',
    erasedAt: new Date('2026-06-01'),
    endedAt: new Date('2026-07-02'),
    outcome: 'partlyErased',
    decision: {
      verdict: 'partly',
      approval: false,
      categories: [
        { category: 'conversations', verdict: 'keep', ...DUTY, ...(until === null ? {} : { until }) },
        { category: 'requestRecord', verdict: 'keep', why: 'to show it was done', statute: 'Art. 5(2) GDPR' },
        { category: 'ratings', verdict: 'erase', why: 'no longer necessary' },
      ],
    },
    ended: [],
    lastReview: null,
    lastReasons: null,
    ...more,
  };
}
const measure = (requests: KeptFacts[], lastReview: Date | null = LAST_NIGHT) =>
  measureKept(requests, lastReview, OCTOBER);
const reason = (more: Partial<KeptReason> = {}): KeptReason => ({
  category: 'conversations',
  ...DUTY,
  until: null,
  ...more,
});
const whys = (requests: KeptFacts[], lastReview?: Date | null) =>
  measure(requests, lastReview).withoutReason.map(({ why }) => why);

test('what is still kept is told with why and until when, and by the last night’s reasons where there are any', () => {
  const figures = measure([
    erasure('2034-12-31T22:59:59.999Z'),
    erasure('2036-12-31T22:59:59.999Z', { id: 'ERA-2' }),
    erasure(null, { id: 'ERA-3' }),
    erasure('2034-12-31T22:59:59.999Z', { id: 'ERA-4', lastReview: 'decided', lastReasons: [reason({ ...HOLD })] }),
  ]);
  expect(figures.requests).toBe(4);
  expect(figures.still).toEqual([
    {
      category: 'conversations',
      ...DUTY,
      requests: 3,
      openEnded: 1,
      firstUntil: '2034-12-31T22:59:59.999Z',
      lastUntil: '2036-12-31T22:59:59.999Z',
    },
    { category: 'conversations', ...HOLD, requests: 1, openEnded: 1, firstUntil: null, lastUntil: null },
  ]);
  expect(figures.still.map(sayUntil)).toEqual([
    '2034-12-31 to 2036-12-31; no end is known of 1 of 3',
    'no end is known',
  ]);
  expect(keptAlarms(figures)).toEqual([]);
});

test('a hold’s own words are not told', () => {
  const decision = { ...erasure(null).decision, categories: [{ category: 'contact', verdict: 'keep', ...HOLD }] };
  const [still] = measure([erasure(null, { decision: decision as KeptFacts['decision'] })]).still;
  expect(still).toMatchObject({ why: 'held by law', statute: HOLD.statute });
});

test('what ended is kept no longer, and counts in the month in which it did', () => {
  const ended = (at: Date, how: 'erased' | 'gone' = 'erased') => [{ category: 'conversations' as const, how, at }];
  const figures = measure([
    erasure(null, { ended: ended(OCTOBER.from) }),
    erasure(null, { id: 'ERA-2', ended: ended(new Date(OCTOBER.to.getTime() - 1)) }),
    erasure(null, { id: 'ERA-3', ended: ended(new Date(OCTOBER.from.getTime() - 1), 'gone') }),
  ]);
  expect(figures).toMatchObject({
    requests: 0,
    still: [],
    ended: [{ category: 'conversations', how: 'erased', requests: 2 }],
  });
});

test('an end after the month, of whatever outcome, is not known to it', () => {
  const later = erasure(null, { endedAt: new Date('2026-11-15'), outcome: 'abandoned' });
  expect(measure([later]).requests).toBe(1);
  expect(measure([erasure(null, { endedAt: new Date('2026-10-15'), outcome: 'abandoned' })]).requests).toBe(0);
});

test.each<[string, string | null, Partial<KeptFacts>, Date | null, string[]]>([
  ['its date is to come', '2026-11-01T00:00:00Z', {}, LAST_NIGHT, []],
  ['its date has passed, and the second night is to come', '2026-10-30T00:00:00Z', {}, LAST_NIGHT, []],
  ['its date has passed, and a night has looked', '2026-10-20T00:00:00Z', {}, LAST_NIGHT, ['notEnded']],
  ['no night has looked since', '2026-10-20T00:00:00Z', {}, new Date('2026-10-19'), ['notReviewed']],
  ['no night has ever looked', '2026-10-20T00:00:00Z', {}, null, ['notReviewed']],
  ['another request decides', '2026-10-20T00:00:00Z', { lastReview: 'anotherRequest' }, LAST_NIGHT, ['anotherRequest']],
  ['another request decides, its date is to come', null, { lastReview: 'anotherRequest' }, LAST_NIGHT, []],
  ['nothing could be decided', null, { lastReview: 'unclear' }, LAST_NIGHT, ['unclear']],
  ['the second look is to come', '2026-10-20T00:00:00Z', { endedAt: null, outcome: null }, LAST_NIGHT, ['windowOpen']],
  [
    'a night has found another reason',
    '2026-10-20T00:00:00Z',
    { lastReview: 'decided', lastReasons: [reason()] },
    LAST_NIGHT,
    [],
  ],
])('without a reason: %s', (_, until, more, lastReview, expected) => {
  expect(whys([erasure(until, more)], lastReview)).toEqual(expected);
});

test('that no night of the last two looked is told, where there was something to look at', () => {
  expect(measure([erasure(null)]).reviewMissing).toBe(false);
  const missing = measure([erasure(null)], new Date('2026-10-29'));
  expect(missing).toMatchObject({ reviewMissing: true, lastReview: '2026-10-29T00:00:00.000Z' });
  expect(keptAlarms(missing)).toEqual(['No night of the last two looked at what is kept.']);
  expect(measure([erasure(null)], null).reviewMissing).toBe(true);
  expect(measure([], null).reviewMissing).toBe(false);
  // No night looks at one that has not ended, or has only just.
  expect(measure([erasure(null, { endedAt: null, outcome: null })], null).reviewMissing).toBe(false);
  expect(measure([erasure(null, { endedAt: new Date('2026-10-31') })], null).reviewMissing).toBe(false);
});
