/** The fields that policy files share. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { type Slot, WEEKDAYS, type Weekday } from '../domain/hours.ts';
import { id, label } from './fields.ts';
import type { IsSound } from './judge.ts';

const HOLIDAY_WORDS = 'a day such as 2026-04-03, or 12-25 for every year';
export const holiday = z.string({ error: HOLIDAY_WORDS }).refine(isDay, { error: HOLIDAY_WORDS });
/** A leap year stands for every year: 02-29 may be a day off. */
function isDay(text: string): boolean {
  const whole = /^\d\d-\d\d$/.test(text) ? `2024-${text}` : text;
  const date = /^\d{4}-\d\d-\d\d$/.test(whole) ? new Date(`${whole}T00:00:00Z`) : new Date(Number.NaN);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(whole);
}

const ZONE_WORDS = 'a time zone such as Europe/Berlin';
export const timeZone = z.string({ error: ZONE_WORDS }).refine(isTimeZone, { error: ZONE_WORDS });
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export function oneOf<const T extends readonly string[]>(words: T) {
  return z.enum(words, { error: `one of ${words.join(', ')}` });
}
export function keysOf<K extends string>(object: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(object) as [K, ...K[]];
}
export function listOf<T extends z.ZodType>(item: T, words: string) {
  return z.array(item, { error: `a list of ${words}` });
}
export function whole(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}
export function object<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, { error: `${Object.keys(shape).join(', ')}, and nothing else` });
}

const URL_WORDS = 'a web address that begins with https:// (or http:// on this machine)';
export const url = z.string({ error: URL_WORDS }).refine(isSafeUrl, { error: URL_WORDS });
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

/** Where a secret is found, so that no file of policies holds one. */
export const settingName = z
  .string({ error: "a setting's name" })
  .regex(/^[A-Z][A-Z0-9_]{0,99}$/, { error: "a setting's name such as BILLING_SECRET, never the secret itself" });

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
export const amount = z
  .string({ error: AMOUNT_WORDS })
  .refine((text) => amountOf(text) > 0, { error: AMOUNT_WORDS })
  .transform(amountOf);
/** In ms; 0 for what is none. */
function amountOf(text: string): number {
  const found = /^(?:(\d{1,4}) ?h)?(?:(?:^| )(\d{1,4}) ?min)?(?:(?:^| )(\d{1,4}) ?s)?$/.exec(text.trim()) ?? [];
  const [hours, minutes, seconds] = found.slice(1).map((digits) => Number(digits ?? 0));
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000;
}

/** One value is a list of one. */
export function oneOrMore<T extends z.ZodType<string>>(value: T, words: string) {
  return z
    .union([value, z.array(value).min(1)], { error: `${words}, or a list of such` })
    .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given))
    .optional();
}

export const week = object(
  Object.fromEntries(WEEKDAYS.map((day) => [day, listOf(slot, 'hours').optional()])) as Record<
    Weekday,
    z.ZodOptional<z.ZodArray<typeof slot>>
  >,
);
export const calendar = object({
  timeZone,
  week,
  holidays: listOf(holiday, 'days off').max(500, { error: 'at most 500 days' }).default([]),
  holidayFile: label(300).optional(),
});

export const calendars = z
  .record(id, calendar, { error: 'calendars by their names; {} where there is none' })
  .default({});
export type Calendars = z.output<typeof calendars>;

/** What is wrong between the entries of calendars. */
export function inCalendars(given: Calendars, isSound: IsSound): Problem[] {
  const taken = Object.hasOwn(given, 'always')
    ? [{ field: 'calendars.always', message: 'is there without being said; give this calendar another name' }]
    : [];
  return [...taken, ...Object.entries(given).flatMap(([name, one]) => inCalendar(`calendars.${name}`, one, isSound))];
}

/** @param at where the calendar stands in its file */
export function inCalendar(at: string, { week: days }: Calendars[string], isSound: IsSound): Problem[] {
  const isEmpty = !Object.values(days).some((slots) => slots && slots.length > 0);
  const early = WEEKDAYS.flatMap((day) => {
    const slots = days[day] ?? [];
    return slots.flatMap(([from], i) =>
      from < (slots[i - 1]?.[1] ?? 0) && isSound(`${at}.week.${day}.${i - 1}`) ? [`${at}.week.${day}.${i}`] : [],
    );
  });
  return [
    ...(isEmpty && isSound(`${at}.week`)
      ? [{ field: `${at}.week`, message: 'has no hours at all; no deadline would ever come' }]
      : []),
    ...early.map((field) => ({
      field,
      message: 'begins before the one above it ends; give them in order, none over another',
    })),
  ];
}

/** Names that an entry above has already. */
export function namedTwice(names: readonly string[], fieldOf: (i: number) => string): Problem[] {
  return names.flatMap((name, i) =>
    names.indexOf(name) < i ? [{ field: fieldOf(i), message: `"${name}" is there twice; name each once` }] : [],
  );
}
