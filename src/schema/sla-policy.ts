/** The file of what we promise: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import { covers } from '../domain/condition.ts';
import type { Problem } from '../domain/errors.ts';
import { CONDITIONS, METRICS } from '../domain/sla.ts';
import { TICKET_STATES } from '../domain/ticket.ts';
import { id, label } from './fields.ts';
import { amount, calendars, inCalendars, listOf, object, oneOf, oneOrMore } from './policy-fields.ts';

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

/** What is wrong between entries that are each in order. */
export function slaContradictions(file: SlaPolicyFile): Problem[] {
  return [...inCalendars(file.calendars), ...inPolicies(file.policies, file.calendars)];
}

function inPolicies(policies: SlaPolicyFile['policies'], calendars: SlaPolicyFile['calendars']): Problem[] {
  const names = policies.map(({ name }) => name);
  return policies.flatMap((one, i) => {
    const found: Problem[] = [];
    const at = `policies.${i}`;
    if (names.indexOf(one.name) < i)
      found.push({ field: `${at}.name`, message: `"${one.name}" is there twice; name each once` });
    if (one.calendar !== 'always' && !Object.hasOwn(calendars, one.calendar)) {
      const known = ['always', ...Object.keys(calendars)].join(', ');
      found.push({ field: `${at}.calendar`, message: `there is no calendar "${one.calendar}"; there are ${known}` });
    }
    if (one.firstResponse !== undefined && one.resolution !== undefined && one.firstResponse > one.resolution) {
      found.push({
        field: `${at}.firstResponse`,
        message: 'is later than resolution: no ticket is solved before it is answered',
      });
    }
    const before = policies.slice(0, i).find((earlier) => takesAll(earlier.when, one.when));
    if (before) {
      found.push({
        field: at,
        message: `never holds: "${before.name}" above it takes every ticket that it fits; change their order`,
      });
    }
    return found;
  });
}

/** Does every ticket that meets `narrow` meet `wide` too? */
function takesAll(wide: z.output<typeof when>, narrow: z.output<typeof when>): boolean {
  return CONDITIONS.every((name) => covers(wide[name], narrow[name]));
}
