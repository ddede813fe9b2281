/** The file of what we promise: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { type Slot, WEEKDAYS, type Weekday } from '../domain/hours.ts';
import { CONDITIONS, METRICS } from '../domain/sla.ts';
import { TICKET_STATES } from '../domain/ticket.ts';
import { id, label } from './fields.ts';
import { holiday, listOf, object, oneOf, timeZone } from './policy-fields.ts';

const SLOT_WORDS = 'hours such as 09:00-17:30, at most until 24:00; write hours past midnight as two slots';
const slot = z
  .string({ error: SLOT_WORDS })
  .refine((text) => slotOf(text) !== undefined, { error: SLOT_WORDS })
  .transform((text): Slot => slotOf(text) ?? [0, 0]);
function slotOf(text: string): Slot | undefined {
  const [, ...digits] = /^(\d\d):([0-5]\d)-(\d\d):([0-5]\d)$/.exec(text) ?? [];
  const [fromHour = 24, fromMinute = 0, toHour = 0, toMinute = 0] = digits.map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from < to && to <= 1440 ? [from, to] : undefined;
}

const AMOUNT_WORDS = 'an amount of time such as 90 s, 30 min, 8 h or 1 h 30 min, at most 9999 h';
const amount = z
  .string({ error: AMOUNT_WORDS })
  .refine((text) => amountOf(text) > 0, { error: AMOUNT_WORDS })
  .transform(amountOf);
/** In ms; 0 for what is none. */
function amountOf(text: string): number {
  const found = /^(?:(\d{1,4}) ?h)?(?:(?:^| )(\d{1,4}) ?min)?(?:(?:^| )(\d{1,4}) ?s)?$/.exec(text.trim()) ?? [];
  const [hours, minutes, seconds] = found.slice(1).map((digits) => Number(digits ?? 0));
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000;
}

const SHARE_WORDS = 'a share of the target such as 75%, from 1% to 99%';
const share = z
  .string({ error: SHARE_WORDS })
  .regex(/^[1-9]\d?%$/, { error: SHARE_WORDS })
  .transform((text) => Number.parseInt(text, 10) / 100);

/** One value is a list of one. */
function oneOrMore<T extends z.ZodType<string>>(value: T, words: string) {
  return z
    .union([value, z.array(value).min(1)], { error: `${words}, or a list of such` })
    .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given))
    .optional();
}
const when = object({
  priority: oneOrMore(z.enum(['HIGH', 'MEDIUM']), 'HIGH or MEDIUM'),
  tier: oneOrMore(label(50), 'a tier such as premium'),
  route: oneOrMore(z.enum(['none', 'bot', 'agent']), 'none, bot or agent'),
  channel: oneOrMore(label(50), 'a channel such as mail'),
});

const week = object(
  Object.fromEntries(WEEKDAYS.map((day) => [day, listOf(slot, 'hours').optional()])) as Record<
    Weekday,
    z.ZodOptional<z.ZodArray<typeof slot>>
  >,
);
const calendar = object({
  timeZone,
  week,
  holidays: listOf(holiday, 'days off').max(500, { error: 'at most 500 days' }).default([]),
  holidayFile: label(300).optional(),
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
  calendars: z.record(id, calendar, { error: 'calendars by their names; {} where there is none' }).default({}),
  policies: listOf(policy, 'policies; the first that fits holds'),
});
export type SlaPolicyFile = z.output<typeof slaPolicy>;

/** What is wrong between entries that are each in order. */
export function slaContradictions({ calendars, policies }: SlaPolicyFile): Problem[] {
  return [
    ...Object.entries(calendars).flatMap(([name, one]) => inCalendar(name, one)),
    ...inPolicies(policies, calendars),
  ];
}

function inCalendar(name: string, { week: days }: SlaPolicyFile['calendars'][string]): Problem[] {
  const found: Problem[] = [];
  if (name === 'always') {
    found.push({ field: 'calendars.always', message: 'is there without being said; give this calendar another name' });
  }
  if (!Object.values(days).some((slots) => slots && slots.length > 0)) {
    found.push({ field: `calendars.${name}.week`, message: 'has no hours at all; no deadline would ever come' });
  }
  for (const day of WEEKDAYS) {
    const slots = days[day] ?? [];
    const early = slots.findIndex(([from], i) => from < (slots[i - 1]?.[1] ?? 0));
    if (early >= 0) {
      const field = `calendars.${name}.week.${day}.${early}`;
      found.push({ field, message: 'begins before the one above it ends; give them in order, none over another' });
    }
  }
  return found;
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
  return CONDITIONS.every((name) => {
    const [all, some] = [wide[name], narrow[name]];
    return all === undefined || some?.every((value) => all.includes(value)) === true;
  });
}
