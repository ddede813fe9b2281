/** The file of what we promise: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import { covers } from '../domain/condition.ts';
import type { Problem } from '../domain/errors.ts';
import { CONDITIONS, METRICS } from '../domain/sla.ts';
import { TICKET_STATES } from '../domain/ticket.ts';
import { id, label } from './fields.ts';
import type { IsSound } from './judge.ts';
import { amount, calendars, inCalendars, listOf, namedTwice, object, oneOf, oneOrMore } from './policy-fields.ts';

const SHARE_WORDS = 'a share of the target such as 75%, from 1% to 99%';
const share = z
  .string({ error: SHARE_WORDS })
  .regex(/^[1-9]\d?%$/, { error: SHARE_WORDS })
  .transform((text) => Number.parseInt(text, 10) / 100);

const when = object({
  priority: oneOrMore(z.enum(['HIGH', 'MEDIUM']), 'HIGH or MEDIUM'),
  tier: oneOrMore(label(50), 'a tier such as premium'),
  route: oneOrMore(z.enum(['none', 'bot', 'agent']), 'none, bot or agent'),
  channel: oneOrMore(label(50), 'a channel such as mail'),
});

const policy = object({
  name: label(100),
  when: when.default({}),
  calendar: id.default('always'),
  ...(Object.fromEntries(METRICS.map((metric) => [metric, amount.optional()])) as Record<
    (typeof METRICS)[number],
    z.ZodOptional<typeof amount>
  >),
  pausedIn: listOf(oneOf(TICKET_STATES.filter((state) => state !== 'solved' && state !== 'closed')), 'states').default([
    'waitingForCustomer',
  ]),
  warnAt: share.default(0.75),
  botAnswers: z.boolean({ error: 'true or false' }).default(false),
});

export const slaPolicy = object({
  calendars,
  policies: listOf(policy, 'policies; the first that fits holds'),
});
export type SlaPolicyFile = z.output<typeof slaPolicy>;

/** What is wrong between the entries. */
export function slaContradictions({ calendars, policies }: SlaPolicyFile, isSound: IsSound): Problem[] {
  return [
    ...inCalendars(calendars, isSound),
    ...namedTwice(
      policies.map(({ name }) => name),
      (i) => `policies.${i}.name`,
    ),
    ...policies.flatMap((one, i) => [
      ...inPolicy(`policies.${i}`, one, calendars, isSound),
      ...inShadow(policies, i, isSound),
    ]),
  ];
}

function inPolicy(
  at: string,
  { calendar, firstResponse, resolution }: SlaPolicyFile['policies'][number],
  calendars: SlaPolicyFile['calendars'],
  isSound: IsSound,
): Problem[] {
  const found: Problem[] = [];
  if (calendar !== 'always' && !Object.hasOwn(calendars, calendar) && isSound(`calendars.${calendar}`)) {
    const known = ['always', ...Object.keys(calendars)].join(', ');
    found.push({ field: `${at}.calendar`, message: `there is no calendar "${calendar}"; there are ${known}` });
  }
  const isLate = firstResponse !== undefined && resolution !== undefined && firstResponse > resolution;
  if (isLate && isSound(`${at}.resolution`)) {
    const message = 'is later than resolution: no ticket is solved before it is answered';
    found.push({ field: `${at}.firstResponse`, message });
  }
  return found;
}

function inShadow(policies: SlaPolicyFile['policies'], i: number, isSound: IsSound): Problem[] {
  const narrow = policies[i]?.when;
  if (narrow === undefined || !isSound(`policies.${i}.when`)) return [];
  const before = policies.slice(0, i).find(({ when }, j) => isSound(`policies.${j}.when`) && takesAll(when, narrow));
  if (before === undefined) return [];
  const message = `never holds: "${before.name}" above it takes every ticket that it fits; change their order`;
  return [{ field: `policies.${i}`, message }];
}

/** Does every ticket that meets `narrow` meet `wide` too? */
function takesAll(wide: z.output<typeof when>, narrow: z.output<typeof when>): boolean {
  return CONDITIONS.every((name) => covers(wide[name], narrow[name]));
}
