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
import { holiday, keysOf, listOf, object, oneOf, settingName, timeZone, url, whole } from './policy-fields.ts';

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
    codeMinutes: whole(1, 60),
    coolingOffHours: whole(1, 240).nullable().default(null),
    tries: whole(1, 10),
    warnDays: whole(1, 27),
    lookAgainDays: whole(1, 365),
    perAddressAndDay: whole(1, 1_000),
    perSourceAndDay: whole(1, 100_000),
  }),
});

/** What is wrong between entries that are each in order. */
export function contradictionsOf(policy: z.output<typeof privacyPolicy>): Problem[] {
  const found = CATEGORIES.flatMap((category) => contradictionsIn(category, policy));
  const { officers, approval, recipients } = policy;
  if (approval !== 'never' && !officers.some(({ mayApprove }) => mayApprove)) {
    found.push({ field: 'approval', message: `is "${approval}", but no officer has mayApprove: true` });
  }
  for (const [field, names] of [
    ['officers', officers.map((officer) => officer.id)],
    ['recipients', recipients.map(({ name }) => name)],
  ] as const) {
    const again = names.findIndex((name, i) => names.indexOf(name) !== i);
    if (again >= 0)
      found.push({ field: `${field}.${again}`, message: `"${names[again]}" is there twice; name each once` });
  }
  const unreachable = recipients.findIndex(({ kind, url }) => kind !== 'slack' && url === undefined);
  if (unreachable >= 0) found.push({ field: `recipients.${unreachable}`, message: 'give url: where they are told' });
  return found;
}

function contradictionsIn(category: Category, policy: z.output<typeof privacyPolicy>): Problem[] {
  const { legalBases, purposes, grounds, keep } = policy.categories[category];
  const at = `categories.${category}`;
  const rests = (...bases: typeof legalBases) => bases.some((basis) => legalBases.includes(basis));
  const found: Problem[] = purposes
    .filter((purpose) => !Object.hasOwn(policy.purposes, purpose))
    .map((purpose) => ({ field: `${at}.purposes`, message: `"${purpose}" is none of purposes; describe it there` }));
  if (rests('consent') !== purposes.length > 0) {
    const message = rests('consent')
      ? 'name the purposes of the consent'
      : 'consent is no legal basis here; leave them out';
    found.push({ field: `${at}.purposes`, message });
  }
  if (grounds.includes('consentWithdrawn') && !rests('consent')) {
    found.push({ field: `${at}.grounds`, message: 'consentWithdrawn: consent is no legal basis here' });
  }
  if (grounds.includes('objection') && !rests('legitimateInterest', 'publicTask')) {
    found.push({ field: `${at}.grounds`, message: 'objection: only to a legitimateInterest or publicTask (Art. 21)' });
  }
  const days = policy.retention.ticketsDaysAfterClose;
  const longer = keep.findIndex(
    ({ from, period }) => from === 'ticketClosed' && days !== null && daysOf(period) > days,
  );
  if (category === 'conversations' && longer >= 0) {
    const message = 'lasts longer than retention.ticketsDaysAfterClose, which would empty the ticket before';
    found.push({ field: `${at}.keep.${longer}.period`, message });
  }
  return found;
}

/** At its longest: from a day on whose years have the most leap days. */
function daysOf(period: string): number {
  const from = new Date('2024-01-01T00:00:00Z');
  return Math.floor((periodEnd(from, period, 'UTC').getTime() - from.getTime()) / 86_400_000);
}
