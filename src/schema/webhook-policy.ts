/** The file of endpoints that are told of tickets: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { WEBHOOK_EVENTS } from '../domain/webhook.ts';
import { label } from './fields.ts';
import type { IsSound } from './judge.ts';
import { amount, listOf, namedTwice, object, oneOf, settingName, url, whole } from './policy-fields.ts';

export const WEBHOOK_FORMATS = ['steward', 'zendesk'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

const NAME_WORDS = 'letters, digits and "-", at most 50, beginning with a letter';
const endpoint = object({
  name: z.string({ error: 'text' }).regex(/^[A-Za-z][A-Za-z0-9-]{0,49}$/, { error: NAME_WORDS }),
  url,
  secretEnv: z
    .union([settingName, z.array(settingName).min(1).max(3)], {
      error: "a setting's name such as HELPDESK_SECRET, or a list of up to three while one takes another's place",
    })
    .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given)),
  events: listOf(oneOf(WEBHOOK_EVENTS), 'events')
    .min(1, { error: `at least one of ${WEBHOOK_EVENTS.join(', ')}` })
    .default([...WEBHOOK_EVENTS]),
  sources: listOf(label(200), 'sources of tickets').min(1, { error: 'at least one source' }).optional(),
  format: oneOf(WEBHOOK_FORMATS).default('steward'),
});

const HOUR = 3_600_000;
/** As Standard Webhooks proposes it: over three days. */
const RETRIES = [5_000, 300_000, 1_800_000, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
const RETRIES_WORDS = 'pauses such as [5 s, 5 min, 2 h]';

export const webhookPolicy = object({
  endpoints: listOf(endpoint, 'endpoints').max(20, {
    error: 'at most 20 endpoints: each busy one takes a place of the worker',
  }),
  retries: listOf(amount, RETRIES_WORDS).min(1, { error: RETRIES_WORDS }).max(50).default(RETRIES),
  timeout: amount
    .refine((ms) => ms <= 60_000, { error: 'at most 1 min: a receiver takes a message first, and works on it later' })
    .default(15_000),
  circuit: object({
    openAfter: whole(1, 1_000).default(5),
    firstPause: amount.default(30_000),
    longestPause: amount.default(HOUR),
  }).default({ openAfter: 5, firstPause: 30_000, longestPause: HOUR }),
});
export type WebhookPolicyFile = z.output<typeof webhookPolicy>;

/** What is wrong between the entries. */
export function webhookContradictions({ endpoints, circuit }: WebhookPolicyFile, isSound: IsSound): Problem[] {
  const names = endpoints.map(({ name }) => name);
  return [
    ...namedTwice(names, (i) => `endpoints.${i}.name`),
    ...(circuit.longestPause < circuit.firstPause && isSound('circuit.firstPause')
      ? [{ field: 'circuit.longestPause', message: 'is shorter than firstPause' }]
      : []),
  ];
}
