/** Policies and facts of every lawful shape, and what may have become of them. */
import fc from 'fast-check';
import { CONSENT_STATES, type ErasureFacts, type ErasureRules } from '../../src/domain/erase-facts.ts';
import {
  APPROVALS,
  CATEGORIES,
  type CategoryRule,
  EXCEPTIONS,
  type Exception,
  GROUNDS,
  type Ground,
  KEEP_EVENTS,
  LEGAL_BASES,
} from '../../src/domain/privacy-policy.ts';

const PURPOSES = ['news', 'survey', 'constructor'];
const words = fc.constantFrom('a lawsuit', 'invoices', 'claims');
const keysOf = <K extends string>(object: Readonly<Record<K, unknown>>) =>
  fc.constantFrom(...(Object.keys(object) as K[]));

const duty = fc.record({
  why: words,
  statute: words,
  exception: keysOf<Exception>(EXCEPTIONS),
  period: fc.constantFrom('P6Y', 'P1M', 'P90D', 'P1Y6M'),
  from: fc.constantFrom(...KEEP_EVENTS),
});
const rule: fc.Arbitrary<CategoryRule> = fc
  .record({
    description: words,
    legalBases: fc.uniqueArray(fc.constantFrom(...LEGAL_BASES), { minLength: 1, maxLength: 3 }),
    purposes: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1, maxLength: 2 }),
    grounds: fc.uniqueArray(keysOf<Ground>(GROUNDS), { maxLength: 3 }),
    keep: fc.array(duty, { maxLength: 2 }),
  })
  .map((found) => (found.legalBases.includes('consent') ? found : { ...found, purposes: [] }));

export const anyRules: fc.Arbitrary<ErasureRules> = fc.record({
  approval: fc.constantFrom(...APPROVALS),
  purposes: fc.constant(Object.fromEntries(PURPOSES.map((name) => [name, 'words']))),
  controller: fc.constant({ timeZone: 'Europe/Berlin' }),
  categories: fc.record(
    Object.fromEntries(CATEGORIES.map((name) => [name, rule])) as Record<(typeof CATEGORIES)[number], typeof rule>,
  ),
});

const time = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((at) => at.toISOString());
const event = fc.oneof(time, fc.constantFrom('never', 'notYet'));
export const anyFacts: fc.Arbitrary<ErasureFacts> = fc.record({
  ground: fc.oneof(keysOf<Ground>(GROUNDS), fc.constant('any' as const)),
  consents: fc.record(Object.fromEntries(PURPOSES.map((name) => [name, fc.constantFrom(...CONSENT_STATES)]))),
  holds: fc.array(
    fc.record({
      category: fc.constantFrom(...CATEGORIES, 'all' as const),
      why: words,
      until: fc.oneof(time, fc.constant(null)),
    }),
    { maxLength: 2 },
  ),
  events: fc.record(
    Object.fromEntries(KEEP_EVENTS.map((name) => [name, event])) as Record<(typeof KEEP_EVENTS)[number], typeof event>,
  ),
});

interface Input {
  readonly policy: ErasureRules;
  readonly facts: ErasureFacts;
  readonly now: Date;
}

const JUNK = [
  undefined,
  null,
  Number.NaN,
  '',
  ' ',
  'junk',
  'JUNK',
  0,
  -1,
  1e9,
  true,
  false,
  {},
  [null],
  [[]],
  new Date(Number.NaN),
];

/**
 * The input with one field taken away, renamed, or replaced by something that cannot be right. (That a whole entry of a list is not there, or
 * that a word is replaced by another lawful one, nobody can see.)
 */
export function mangled(input: Input, where: number, how: number): Input {
  const copy = structuredClone(input);
  const fields = fieldsOf(copy);
  const [object, key] = fields[where % fields.length] ?? [copy, 'facts'];
  const move = how % (JUNK.length + 2);
  if (move === JUNK.length) Reflect.deleteProperty(object, key);
  else if (move === JUNK.length + 1 && !Array.isArray(object)) {
    Reflect.set(object, `${key}s`, Reflect.get(object, key));
    Reflect.deleteProperty(object, key);
  } else if (!(key === 'until' && JUNK[move] === null)) Reflect.set(object, key, JUNK[move]);
  return copy;
}

/** Every field of every object inside, as (object, key, path); entries of lists can be replaced, too. */
export function fieldsOf(value: object, at = ''): [object, string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [object, string, string][] => [
    [value, key, `${at}${key}`],
    ...(typeof inner === 'object' && inner !== null && !(inner instanceof Date) ? fieldsOf(inner, `${at}${key}.`) : []),
  ]);
}
