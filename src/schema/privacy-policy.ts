/** The file of the privacy rules: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import { isPeriod, periodEnd } from '../domain/calendar.ts';
import type { Problem } from '../domain/errors.ts';
import {
  APPROVALS,
  CATEGORIES,
  type Category,
  EXCEPTIONS,
  GROUNDS,
  KEEP_EVENTS,
  LEGAL_BASES,
  RECIPIENT_KINDS,
} from '../domain/privacy-policy.ts';
import { email, id, label } from './fields.ts';
import type { IsSound } from './judge.ts';
import {
  holiday,
  keysOf,
  listOf,
  namedTwice,
  object,
  oneOf,
  settingName,
  timeZone,
  url,
  whole,
} from './policy-fields.ts';

const PERIOD_WORDS = 'a period such as P6Y, P18M or P90D';
const duty = object({
  why: label(300),
  statute: label(100),
  exception: oneOf(keysOf(EXCEPTIONS)),
  period: z.string({ error: PERIOD_WORDS }).refine(isPeriod, { error: PERIOD_WORDS }),
  from: oneOf(KEEP_EVENTS),
});
const rule = object({
  description: label(200),
  legalBases: listOf(oneOf(LEGAL_BASES), 'legal bases').min(1, { error: 'at least one legal basis' }),
  purposes: listOf(id, 'purposes').default([]),
  grounds: listOf(oneOf(keysOf(GROUNDS)), 'grounds'),
  keep: listOf(duty, 'duties to keep it; [] where there is none'),
});
const recipient = object({
  name: label(100),
  kind: oneOf(RECIPIENT_KINDS),
  categories: listOf(oneOf(CATEGORIES), 'categories').min(1, { error: 'at least one category' }),
  url: url.optional(),
  secretEnv: settingName.optional(),
});

export const privacyPolicy = object({
  controller: object({
    name: label(200),
    contact: email,
    complaint: object({ authority: label(200), url }),
    timeZone,
    holidays: listOf(holiday, 'days off').max(500, { error: 'at most 500 days' }),
  }),
  officers: listOf(object({ id, email, mayApprove: z.boolean({ error: 'true or false' }) }), 'officers').min(1, {
    error: 'at least one officer: somebody must hear of deadlines',
  }),
  approval: oneOf(APPROVALS),
  purposes: z.record(id, label(200), { error: 'purposes with their descriptions; {} where there is none' }),
  categories: object(Object.fromEntries(CATEGORIES.map((name) => [name, rule])) as Record<Category, typeof rule>),
  retention: object({
    ticketsDaysAfterClose: whole(1, 36_500).nullable(),
    daily: z.boolean({ error: 'true or false' }).default(false),
  }),
  recipients: listOf(recipient, 'recipients; [] where there is none'),
  erasure: object({
    // A guess at 8 digits is worth this much; a policy may make it less.
    codeMinutes: whole(1, 10),
    coolingOffHours: whole(1, 240).nullable().default(null),
    tries: whole(1, 5),
    warnDays: whole(1, 27),
    lookAgainDays: whole(1, 365),
    perAddressAndDay: whole(1, 1_000),
    perSourceAndDay: whole(1, 100_000),
  }),
});

type PolicyFile = z.output<typeof privacyPolicy>;

/** What is wrong between the entries. */
export function contradictionsOf(policy: PolicyFile, isSound: IsSound): Problem[] {
  const { officers, approval, recipients } = policy;
  const isApproved = officers.some(({ mayApprove }) => mayApprove) || !isSound('officers.*.mayApprove');
  return [
    ...CATEGORIES.flatMap((category) => contradictionsIn(category, policy, isSound)),
    ...(approval === 'never' || isApproved
      ? []
      : [{ field: 'approval', message: `is "${approval}", but no officer has mayApprove: true` }]),
    ...namedTwice(
      officers.map((officer) => officer.id),
      (i) => `officers.${i}.id`,
    ),
    ...namedTwice(
      recipients.map(({ name }) => name),
      (i) => `recipients.${i}.name`,
    ),
    ...recipients.flatMap(({ kind, url }, i) =>
      kind === 'slack' || url !== undefined || !isSound(`recipients.${i}.kind`) || !isSound(`recipients.${i}.url`)
        ? []
        : [{ field: `recipients.${i}`, message: 'give url: where they are told' }],
    ),
  ];
}

function contradictionsIn(category: Category, policy: PolicyFile, isSound: IsSound): Problem[] {
  const { purposes, keep } = policy.categories[category];
  const at = `categories.${category}`;
  const unknown = purposes.flatMap((purpose, i) =>
    Object.hasOwn(policy.purposes, purpose) || !isSound(`purposes.${purpose}`)
      ? []
      : [{ field: `${at}.purposes.${i}`, message: `"${purpose}" is none of purposes; describe it there` }],
  );
  const days = policy.retention.ticketsDaysAfterClose;
  const areDaysKnown = category === 'conversations' && isSound('retention.ticketsDaysAfterClose');
  const longer = keep.flatMap(({ from, period }, i) =>
    areDaysKnown && isSound(`${at}.keep.${i}.from`) && from === 'ticketClosed' && days !== null && daysOf(period) > days
      ? [`${at}.keep.${i}.period`]
      : [],
  );
  const message = 'lasts longer than retention.ticketsDaysAfterClose, which would empty the ticket before';
  return [
    ...unknown,
    ...onBases(at, policy.categories[category], isSound),
    ...longer.map((field) => ({ field, message })),
  ];
}

/** What does not go with the legal bases. */
function onBases(at: string, { legalBases, purposes, grounds }: z.output<typeof rule>, isSound: IsSound): Problem[] {
  if (!isSound(`${at}.legalBases`)) return [];
  const rests = (...bases: typeof legalBases) => bases.some((basis) => legalBases.includes(basis));
  const found: Problem[] = [];
  if (rests('consent') !== purposes.length > 0 && isSound(`${at}.purposes`)) {
    const message = rests('consent')
      ? 'name the purposes of the consent'
      : 'consent is no legal basis here; leave them out';
    found.push({ field: `${at}.purposes`, message });
  }
  for (const [i, ground] of grounds.entries()) {
    const field = `${at}.grounds.${i}`;
    if (ground === 'consentWithdrawn' && !rests('consent')) {
      found.push({ field, message: 'consentWithdrawn: consent is no legal basis here' });
    }
    if (ground === 'objection' && !rests('legitimateInterest', 'publicTask')) {
      found.push({ field, message: 'objection: only to a legitimateInterest or publicTask (Art. 21)' });
    }
  }
  return found;
}

/** At its longest: from a day on whose years have the most leap days. */
function daysOf(period: string): number {
  const from = new Date('2024-01-01T00:00:00Z');
  return Math.floor((periodEnd(from, period, 'UTC').getTime() - from.getTime()) / 86_400_000);
}
