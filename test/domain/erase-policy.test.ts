import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { erasedIn } from '../../src/domain/erase.ts';
import type { ErasureFacts, ErasureRules } from '../../src/domain/erase-facts.ts';
import { type CategoryDecision, type Decision, decide, isPartly } from '../../src/domain/erase-policy.ts';
import { CATEGORIES, type Category, type CategoryRule } from '../../src/domain/privacy-policy.ts';
import { anyFacts, anyRules, fieldsOf, mangled } from './privacy-arbitrary.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const RULE: CategoryRule = {
  description: 'what it is',
  legalBases: ['contract'],
  purposes: [],
  grounds: ['noLongerNecessary'],
  keep: [],
};
const CONSENT: CategoryRule = { ...RULE, legalBases: ['consent'], purposes: ['news'], grounds: ['consentWithdrawn'] };
const INVOICES = {
  why: 'invoices are kept',
  statute: '§ 147 AO',
  exception: 'legalObligation',
  period: 'P6Y',
  from: 'ticketClosed',
} as const;

function rules(
  changed: Partial<Record<Category, Partial<CategoryRule>>> = {},
  all: Partial<ErasureRules> = {},
): ErasureRules {
  const categories = Object.fromEntries(CATEGORIES.map((name) => [name, { ...RULE, ...changed[name] }]));
  return {
    approval: 'never',
    purposes: { news: 'news by mail', survey: 'surveys' },
    controller: { timeZone: 'Europe/Berlin' },
    categories: categories as ErasureRules['categories'],
    ...all,
  };
}
const FACTS: ErasureFacts = {
  ground: 'any',
  consents: { news: 'withdrawn', survey: 'never' },
  holds: [],
  events: {
    ticketOpened: '2026-01-10T09:00:00Z',
    ticketClosed: '2026-02-10T09:00:00Z',
    lastActivity: '2026-02-11T09:00:00Z',
    consentWithdrawn: '2026-03-01T09:00:00Z',
    requestReceived: '2026-11-20T09:00:00Z',
  },
};

function of(decision: Decision, category: Category): CategoryDecision | undefined {
  return 'categories' in decision ? decision.categories.find((c) => c.category === category) : undefined;
}

test('what nothing keeps is erased, category by category, each with its ground', () => {
  const decision = decide(rules({ contact: CONSENT }), FACTS, NOW);
  expect(decision).toMatchObject({ verdict: 'erase', approval: false });
  expect('categories' in decision && decision.categories.map((c) => c.category)).toEqual([...CATEGORIES]);
  expect(of(decision, 'conversations')?.statute).toBe('Art. 17(1)(a) GDPR');
  expect(of(decision, 'contact')?.statute).toBe('Art. 17(1)(b) GDPR');
});

describe('a duty to keep', () => {
  const keeping = rules({ ticketFacts: { keep: [INVOICES] } });
  test('refuses that category alone, and says why, by which law and until when', () => {
    const decision = decide(keeping, FACTS, NOW);
    expect(decision).toMatchObject({ verdict: 'partly' });
    expect(of(decision, 'ticketFacts')).toEqual({
      category: 'ticketFacts',
      verdict: 'keep',
      why: 'invoices are kept',
      statute: 'Art. 17(3)(b) GDPR, § 147 AO',
      until: '2032-02-10T22:59:59.999Z',
    });
    expect(of(decision, 'conversations')?.verdict).toBe('erase');
  });
  test('is over when its period is', () => {
    expect(decide(keeping, FACTS, new Date('2032-02-10T22:59:59.999Z'))).toMatchObject({ verdict: 'partly' });
    expect(decide(keeping, FACTS, new Date('2032-02-10T23:00:00Z'))).toMatchObject({ verdict: 'erase' });
  });
  test('does not begin by what never happened, and stands by what is still to come', () => {
    const when = (ticketClosed: string) =>
      of(decide(keeping, { ...FACTS, events: { ...FACTS.events, ticketClosed } }, NOW), 'ticketFacts');
    expect(when('never')?.verdict).toBe('erase');
    expect(when('notYet')).toMatchObject({ verdict: 'keep', until: '2032-11-25T22:59:59.999Z' });
  });
  test('of two the later one counts, and both are told', () => {
    const claims = {
      ...INVOICES,
      why: 'claims',
      statute: '§ 195 BGB',
      exception: 'legalClaims',
      period: 'P3Y',
    } as const;
    const decision = decide(rules({ ticketFacts: { keep: [claims, INVOICES] } }), FACTS, NOW);
    expect(of(decision, 'ticketFacts')).toMatchObject({
      why: 'claims; invoices are kept',
      statute: 'Art. 17(3)(e) GDPR, § 195 BGB; Art. 17(3)(b) GDPR, § 147 AO',
      until: '2032-02-10T22:59:59.999Z',
    });
  });
});

describe('a legal hold', () => {
  const held = (hold: ErasureFacts['holds'][number]) => decide(rules(), { ...FACTS, holds: [hold] }, NOW);
  test('keeps its category, until lifted when it has no end', () => {
    const decision = held({ category: 'conversations', why: 'a lawsuit', until: null });
    expect(decision).toMatchObject({ verdict: 'partly' });
    const kept = of(decision, 'conversations');
    expect(kept).toMatchObject({ verdict: 'keep', why: 'a lawsuit', statute: 'Art. 17(3)(e) GDPR' });
    expect(kept).not.toHaveProperty('until');
  });
  test('on everything refuses', () => {
    expect(held({ category: 'all', why: 'a lawsuit', until: null })).toMatchObject({ verdict: 'refuse' });
  });
  test('is over when its time is', () => {
    expect(held({ category: 'all', why: 'a lawsuit', until: '2026-11-25T11:59:59Z' })).toMatchObject({
      verdict: 'erase',
    });
    expect(held({ category: 'all', why: 'a lawsuit', until: '2026-11-25T12:00:00Z' })).toMatchObject({
      verdict: 'refuse',
    });
  });
});

describe('consent withdrawn', () => {
  const contact = (
    rule: CategoryRule,
    news: 'granted' | 'withdrawn' | 'never',
    ground: ErasureFacts['ground'] = 'any',
  ) =>
    of(decide(rules({ contact: rule }), { ...FACTS, ground, consents: { news, survey: 'granted' } }, NOW), 'contact');
  test('suffices where consent alone carries it', () => {
    expect(contact(CONSENT, 'withdrawn')?.verdict).toBe('erase');
  });
  test('does not suffice where another legal basis stands', () => {
    expect(contact({ ...CONSENT, legalBases: ['consent', 'contract'] }, 'withdrawn')).toMatchObject({
      verdict: 'keep',
      why: 'another legal basis for it stands',
    });
  });
  test('is not there while the consent stands, for any of its purposes', () => {
    expect(contact(CONSENT, 'granted')).toMatchObject({ verdict: 'keep', why: 'the consent that it rests on stands' });
    expect(contact({ ...CONSENT, purposes: ['news', 'survey'] }, 'withdrawn')?.verdict).toBe('keep');
  });
  test('is not there where none was given; then there is no basis at all', () => {
    expect(contact(CONSENT, 'never')?.verdict).toBe('keep');
    expect(contact({ ...CONSENT, grounds: ['unlawful'] }, 'never')).toMatchObject({ statute: 'Art. 17(1)(d) GDPR' });
    expect(contact({ ...CONSENT, grounds: ['unlawful'] }, 'granted')?.verdict).toBe('keep');
  });
  test('is no ground for what the policy does not name it for', () => {
    expect(contact(RULE, 'withdrawn', 'consentWithdrawn')).toMatchObject({
      verdict: 'keep',
      why: 'the reason given does not apply to this',
    });
  });
});

test('the record of the request is kept by its nature and makes no refusal of it', () => {
  const record = { ...INVOICES, period: 'P3Y', from: 'requestReceived' } as const;
  const decision = decide(rules({ requestRecord: { keep: [record] } }), FACTS, NOW);
  expect(decision.verdict).toBe('erase');
  expect(of(decision, 'requestRecord')).toMatchObject({ verdict: 'keep', until: '2029-11-20T22:59:59.999Z' });
});

test.each([
  ['never', false, false],
  ['whenRefused', false, true],
  ['always', true, true],
] as const)('an officer approves: %s', (approval, whenErased, whenRefused) => {
  expect(decide(rules({}, { approval }), FACTS, NOW)).toMatchObject({ approval: whenErased });
  const kept = rules({ ticketFacts: { keep: [INVOICES] } }, { approval });
  expect(decide(kept, FACTS, NOW)).toMatchObject({ approval: whenRefused });
});

describe('an error denies', () => {
  const bad = (facts: object, policy: object = rules(), now: Date = NOW) =>
    decide(policy as ErasureRules, facts as ErasureFacts, now);
  test.each([
    ['holds that nobody looked up', { ...FACTS, holds: undefined }, 'facts.holds: expected a list'],
    ['a misspelt field', { ...FACTS, hold: [] }, 'facts.hold: unknown'],
    [
      'a consent of unknown status',
      { ...FACTS, consents: { ...FACTS.consents, news: 'maybe' } },
      /facts\.consents\.news/,
    ],
    ['a purpose nobody looked up', { ...FACTS, consents: { news: 'withdrawn' } }, 'facts.consents.survey: missing'],
    [
      'a purpose the policy does not know',
      { ...FACTS, consents: { ...FACTS.consents, ads: 'granted' } },
      /ads: unknown/,
    ],
    ['a hold without an end', { ...FACTS, holds: [{ category: 'all', why: 'x' }] }, 'facts.holds.0.until: missing'],
    [
      'a hold on nothing known',
      { ...FACTS, holds: [{ category: 'invoices', why: 'x', until: null }] },
      /holds\.0\.category/,
    ],
    [
      'a time that is none',
      { ...FACTS, events: { ...FACTS.events, ticketClosed: 'yesterday' } },
      /events\.ticketClosed/,
    ],
    ['an unknown ground', { ...FACTS, ground: 'because' }, /facts\.ground/],
    ['nothing', {}, 'facts.ground: missing'],
  ])('%s', (_, facts, error) => {
    const decision = bad(facts);
    expect(decision.verdict).toBe('denied');
    expect('errors' in decision && decision.errors.join('\n')).toMatch(error);
  });
  test.each([
    [
      'a category without its rule',
      { ...rules(), categories: { ...rules().categories, ratings: undefined } },
      /categories\.ratings/,
    ],
    [
      'a rule without its duties',
      rules({ ratings: { keep: undefined as unknown as [] } }),
      /ratings\.keep: expected a list/,
    ],
    ['consent as a basis without a purpose', rules({ contact: { ...CONSENT, purposes: [] } }), /contact\.purposes/],
    [
      'a time zone that is none',
      { ...rules({ ratings: { keep: [INVOICES] } }), controller: { timeZone: 'Mars' } },
      /timeZone/,
    ],
  ])('%s', (_, policy, error) => {
    const decision = bad(FACTS, policy);
    expect('errors' in decision && decision.errors.join('\n')).toMatch(error);
  });
  test('a clock that is broken', () => {
    expect(bad(FACTS, rules(), new Date('x'))).toEqual({ verdict: 'denied', errors: ['now: expected a time'] });
  });
  test('whatever throws', () => {
    const trap = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('trap');
        },
      },
    );
    expect(bad(trap)).toEqual({ verdict: 'denied', errors: ['trap'] });
  });
});

describe('each field alone', () => {
  const facts: ErasureFacts = {
    ...FACTS,
    holds: [{ category: 'ratings', why: 'a lawsuit', until: '2027-01-01T00:00:00Z' }],
  };
  const policy = rules({ contact: { ...CONSENT, keep: [INVOICES] } });
  const whole = () => structuredClone({ policy, facts, now: NOW });
  const fields = fieldsOf(whole()).map(([, , path]) => path);
  const told = (path: string, change: (object: object, key: string) => void) => {
    const input = whole();
    const [object, key] = fieldsOf(input).find(([, , found]) => found === path) ?? [];
    if (object && key) change(object, key);
    const decision = decide(input.policy, input.facts, input.now);
    return 'errors' in decision ? decision.errors.join('; ') : decision.verdict;
  };
  // Words for people: any will do, and an entry of a list that is not there is not missed.
  const words = /description$|why$|statute$|^policy\.purposes\.|timeZone$/;

  test('is in order as it stands', () => expect(told('', () => {})).toBe('partly'));
  test.each(fields.filter((path) => !/\.\d+$|^(policy|facts|now)$|^policy\.purposes\.survey/.test(path)))(
    'taken away, %s is missed by its name',
    (path) => {
      const name = path.replace(/^policy\.purposes\.news$/, 'policy.categories.contact.purposes');
      expect(told(path, Reflect.deleteProperty)).toContain(name);
    },
  );
  test.each(fields.filter((path) => !words.test(path) && !/^(policy|facts)$/.test(path)))(
    'of an unknown value, %s is told by its name',
    (path) => {
      expect(told(path, (object, key) => Reflect.set(object, key, 'junk'))).toContain(path.replace(/\.\d+$/, ''));
    },
  );
  test.each(fields.filter((path) => words.test(path) && !/^policy\.purposes/.test(path)))(
    'empty, %s is told by its name',
    (path) => {
      expect(told(path, (object, key) => Reflect.set(object, key, ' '))).toContain(path);
    },
  );
  test.each(
    fields.filter((path) =>
      /^(facts|facts\.(consents|events|holds\.0)|policy\.categories(\.contact(\.keep\.0)?)?)$/.test(path),
    ),
  )('with a field that nobody knows, %s is told by its name', (path) => {
    const added = told(path, (object, key) => Reflect.set(Reflect.get(object, key), 'more', 'junk'));
    expect(added).toContain(`${path}.more: unknown`);
  });
  test('of nothing to rest on, a category is told by its name', () => {
    expect(told('policy.categories.ratings.legalBases', (o, key) => Reflect.set(o, key, []))).toContain(
      'ratings.legalBases',
    );
  });
});

describe('whatever the policy and the facts', () => {
  test('a hold or a duty that stands always wins', () => {
    fc.assert(
      fc.property(anyRules, anyFacts, fc.constantFrom(...CATEGORIES), (policy, facts, category) => {
        const hold = { category, why: 'a lawsuit', until: null };
        expect(of(decide(policy, { ...facts, holds: [...facts.holds, hold] }, NOW), category)?.verdict).toBe('keep');
        const duty = { ...INVOICES, from: 'requestReceived' } as const;
        const rule = policy.categories[category];
        const bound = {
          ...policy,
          categories: { ...policy.categories, [category]: { ...rule, keep: [...rule.keep, duty] } },
        };
        const received = { ...facts, events: { ...facts.events, requestReceived: '2026-11-20T09:00:00Z' } };
        expect(of(decide(bound, received, NOW), category)?.verdict).toBe('keep');
      }),
    );
  });

  test('what is kept says why and by which law; the verdict is that of the categories', () => {
    fc.assert(
      fc.property(anyRules, anyFacts, (policy, facts) => {
        const decision = decide(policy, facts, NOW);
        if (!('categories' in decision)) throw new Error(decision.errors.join('; '));
        const asked = decision.categories.filter((c) => c.category !== 'requestRecord').map((c) => c.verdict);
        const expected = asked.every((v) => v === 'erase') ? 'erase' : asked.includes('erase') ? 'partly' : 'refuse';
        expect(decision.verdict).toBe(expected);
        for (const { verdict, why, statute, until } of decision.categories) {
          expect(why).not.toBe('');
          expect(statute).toMatch(/^Art\. 17/);
          if (until !== undefined) expect([verdict, Date.parse(until) >= NOW.getTime()]).toEqual(['keep', true]);
        }
      }),
    );
  });

  test('consent withdrawn never erases what has another legal basis', () => {
    fc.assert(
      fc.property(anyRules, anyFacts, (policy, facts) => {
        const decision = decide(policy, { ...facts, ground: 'consentWithdrawn' }, NOW);
        for (const category of CATEGORIES) {
          const { legalBases, purposes } = policy.categories[category];
          const stands =
            legalBases.some((basis) => basis !== 'consent') || purposes.some((p) => facts.consents[p] === 'granted');
          if (stands) expect(of(decision, category)?.verdict).toBe('keep');
        }
      }),
    );
  });

  test('taking something away or mangling it never turns keep into erase, and never throws', () => {
    fc.assert(
      fc.property(anyRules, anyFacts, fc.nat(), fc.nat(), (policy, facts, where, how) => {
        const before = decide(policy, facts, NOW);
        const broken = mangled({ policy, facts, now: NOW }, where, how);
        const after = decide(broken.policy, broken.facts, broken.now);
        for (const category of CATEGORIES) {
          if (of(before, category)?.verdict === 'keep') expect(of(after, category)?.verdict).not.toBe('erase');
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test('what is gone is all that is not kept, also where a restored decision names only that; the request itself makes no part of it', () => {
  const keep = (category: Category): CategoryDecision => ({ category, verdict: 'keep', why: 'a lawsuit' });
  const of = (...kept: Category[]) => ({
    decision: { categories: kept.map(keep) },
    approval: null,
    rulingReason: null,
  });
  expect(erasedIn(of('requestRecord', 'ratings'))).toEqual(
    CATEGORIES.filter((category) => category !== 'requestRecord' && category !== 'ratings'),
  );
  expect(erasedIn({ ...of('ratings'), approval: 'refused' })).toEqual([]);
  expect(isPartly([keep('requestRecord')])).toBe(false);
  expect(isPartly([keep('requestRecord'), keep('ratings')])).toBe(true);
});
