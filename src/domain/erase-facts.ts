/** What is known of a person when an erasure is decided, and the check that it can be relied on. */
import { isPeriod } from './calendar.ts';
import {
  APPROVALS,
  CATEGORIES,
  type Category,
  EXCEPTIONS,
  GROUNDS,
  type Ground,
  KEEP_EVENTS,
  type KeepEvent,
  LEGAL_BASES,
  type PrivacyPolicy,
} from './privacy-policy.ts';

export const CONSENT_STATES = ['granted', 'withdrawn', 'never'] as const;
export type ConsentState = (typeof CONSENT_STATES)[number];

/** A duty not to destroy, as for a lawsuit. `why` is told to the person. */
export interface Hold {
  readonly category: Category | 'all';
  readonly why: string;
  /** null: until it is lifted. */
  readonly until: string | null;
}

/** Every field has to be there: what is not known is no reason to erase. */
export interface ErasureFacts {
  /** What the person relies on; `any`: they did not say, so whatever applies. */
  readonly ground: Ground | 'any';
  /** Of every purpose that the policy names. */
  readonly consents: Readonly<Record<string, ConsentState>>;
  readonly holds: readonly Hold[];
  /** A time of ISO 8601; `never`: it did not happen and will not; `notYet`: it is to come, as the close of an open ticket is. */
  readonly events: Readonly<Record<KeepEvent, string>>;
}

/** The part of the policy that decides. */
export type ErasureRules = Pick<PrivacyPolicy, 'approval' | 'purposes' | 'categories'> & {
  readonly controller: Pick<PrivacyPolicy['controller'], 'timeZone'>;
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** What cannot be relied on, by its field: missing, unknown, of another kind. Believes nothing, the types least of all. */
export function faultsOf(rules: unknown, facts: unknown, now: unknown): string[] {
  return [
    ...(now instanceof Date && !Number.isNaN(now.getTime()) ? [] : ['now: expected a time']),
    ...faultsOfRules(rules),
    ...faultsOfFacts(facts, field(rules, 'purposes')),
  ];
}

function faultsOfRules(rules: unknown): string[] {
  const categories = field(rules, 'categories');
  const purposes = field(rules, 'purposes');
  return [
    ...unless(isOneOf(APPROVALS, field(rules, 'approval')), 'policy.approval', APPROVALS.join(', ')),
    ...unless(isText(field(field(rules, 'controller'), 'timeZone')), 'policy.controller.timeZone', 'a time zone'),
    ...unless(isRecord(purposes), 'policy.purposes', 'purposes with their descriptions'),
    ...keysOf(categories, CATEGORIES, 'policy.categories'),
    ...CATEGORIES.flatMap((name) => faultsOfRule(field(categories, name), `policy.categories.${name}`, purposes)),
  ];
}

function faultsOfRule(rule: unknown, at: string, purposes: unknown): string[] {
  const [bases, ours] = [field(rule, 'legalBases'), field(rule, 'purposes')];
  const consent = Array.isArray(bases) && bases.includes('consent');
  return [
    ...keysOf(rule, ['description', 'legalBases', 'purposes', 'grounds', 'keep'], at),
    ...unless(isText(field(rule, 'description')), `${at}.description`, 'text'),
    ...unless(isListOf(bases, LEGAL_BASES) && bases.length > 0, `${at}.legalBases`, LEGAL_BASES.join(', ')),
    ...unless(isListOf(field(rule, 'grounds'), Object.keys(GROUNDS)), `${at}.grounds`, Object.keys(GROUNDS).join(', ')),
    ...unless(
      isRecord(purposes) && isListOf(ours, Object.keys(purposes)) && consent === ours.length > 0,
      `${at}.purposes`,
      'purposes that the policy names, where consent is a basis and only there',
    ),
    ...listOf(field(rule, 'keep'), `${at}.keep`, faultsOfDuty),
  ];
}

function faultsOfDuty(duty: unknown, at: string): string[] {
  const period = field(duty, 'period');
  return [
    ...keysOf(duty, ['why', 'statute', 'exception', 'period', 'from'], at),
    ...unless(isText(field(duty, 'why')), `${at}.why`, 'text'),
    ...unless(isText(field(duty, 'statute')), `${at}.statute`, 'text'),
    ...unless(isOneOf(Object.keys(EXCEPTIONS), field(duty, 'exception')), `${at}.exception`, 'one of Art. 17(3)'),
    ...unless(typeof period === 'string' && isPeriod(period), `${at}.period`, 'a period such as P6Y'),
    ...unless(isOneOf(KEEP_EVENTS, field(duty, 'from')), `${at}.from`, KEEP_EVENTS.join(', ')),
  ];
}

function faultsOfFacts(facts: unknown, purposes: unknown): string[] {
  const [consents, events] = [field(facts, 'consents'), field(facts, 'events')];
  const asked = isRecord(purposes) ? Object.keys(purposes) : [];
  return [
    ...keysOf(facts, ['ground', 'consents', 'holds', 'events'], 'facts'),
    ...unless(
      isOneOf([...Object.keys(GROUNDS), 'any'], field(facts, 'ground')),
      'facts.ground',
      'one of Art. 17(1), or any',
    ),
    ...keysOf(consents, asked, 'facts.consents').map((fault) =>
      fault.endsWith(': unknown') ? `${fault}: ${NAME_PURPOSE}` : fault,
    ),
    ...asked.flatMap((name) =>
      unless(isOneOf(CONSENT_STATES, field(consents, name)), `facts.consents.${name}`, CONSENT_STATES.join(', ')),
    ),
    ...listOf(field(facts, 'holds'), 'facts.holds', faultsOfHold),
    ...keysOf(events, KEEP_EVENTS, 'facts.events'),
    ...KEEP_EVENTS.flatMap((name) =>
      unless(isEventTime(field(events, name)), `facts.events.${name}`, 'a time, never or notYet'),
    ),
  ];
}

const NAME_PURPOSE =
  'a consent is recorded for this purpose; name it under `purposes` in policies/privacy.yaml, and start the workers anew';

function faultsOfHold(hold: unknown, at: string): string[] {
  const until = field(hold, 'until');
  return [
    ...keysOf(hold, ['category', 'why', 'until'], at),
    ...unless(isOneOf([...CATEGORIES, 'all'], field(hold, 'category')), `${at}.category`, 'a category, or all'),
    ...unless(isText(field(hold, 'why')), `${at}.why`, 'text'),
    ...unless(until === null || isTime(until), `${at}.until`, 'a time, or null'),
  ];
}

function unless(good: boolean, at: string, expected: string): string[] {
  return good ? [] : [`${at}: expected ${expected}`];
}

/** Exactly these: a misspelt field is a missing one, and a field that nobody knows may be what somebody relied on. */
function keysOf(value: unknown, keys: readonly string[], at: string): string[] {
  if (!isRecord(value)) return [`${at}: expected an object`];
  const missing = keys.filter((key) => !Object.hasOwn(value, key));
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  return [...missing.map((key) => `${at}.${key}: missing`), ...unknown.map((key) => `${at}.${key}: unknown`)];
}

function listOf(value: unknown, at: string, faults: (item: unknown, at: string) => string[]): string[] {
  if (!Array.isArray(value)) return [`${at}: expected a list`];
  return Array.from(value, (item: unknown, i) => faults(item, `${at}.${i}`)).flat();
}

function field(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
function isOneOf(known: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && known.includes(value);
}
function isListOf(value: unknown, known: readonly string[]): value is unknown[] {
  return Array.isArray(value) && Array.from(value, (item: unknown) => isOneOf(known, item)).every(Boolean);
}
function isTime(value: unknown): boolean {
  return typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));
}
function isEventTime(value: unknown): boolean {
  return value === 'never' || value === 'notYet' || isTime(value);
}
