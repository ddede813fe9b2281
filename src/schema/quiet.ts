import { z } from 'zod';
import { WEEKDAYS } from '../domain/hours.ts';
import { quietHours } from '../domain/quiet.ts';
import { listOf, object, oneOf, timeZone } from './policy-fields.ts';

const CLOCK_WORDS = 'a time of day in quotes, such as "22:00", at most "24:00"';
const clock = z
  .string({ error: CLOCK_WORDS })
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: CLOCK_WORDS })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

/** `days`: on which the quiet hours begin; all of them unless told. */
export const quiet = object({
  from: clock,
  to: clock,
  timeZone,
  days: listOf(oneOf(WEEKDAYS), 'days, such as saturday')
    .min(1, { error: 'at least one day' })
    .default([...WEEKDAYS]),
})
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    error: 'another time than from; a whole day is "00:00" to "24:00"',
  })
  .refine(({ from, to, days }) => !(from === 0 && to === 1440 && new Set(days).size === 7), {
    path: ['days'],
    error: 'not every hour of every day: what waits would wait for good',
  })
  .transform(quietHours);
