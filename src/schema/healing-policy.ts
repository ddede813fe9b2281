/** The file of what is done about providers that fail: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import type { IsSound } from './judge.ts';
import { amount, object, whole } from './policy-fields.ts';

const SHARE_WORDS = 'a share such as 50 %, from 1 % to 100 %';
const share = z
  .string({ error: SHARE_WORDS })
  .regex(/^([1-9]\d?|100) ?%$/, { error: SHARE_WORDS })
  .transform((text) => Number.parseInt(text, 10) / 100);

const remedy = object({ atMost: whole(1, 1_000_000), stopAfter: whole(1, 1_000) });
const SOME = { atMost: 500, stopAfter: 5 };

export const healingPolicy = object({
  circuit: object({
    window: amount.default(60_000),
    openAfter: whole(1, 1_000).default(5),
    share: share.default(0.5),
  }).default({ window: 60_000, openAfter: 5, share: 0.5 }),
  probe: object({
    firstPause: amount.default(10_000),
    longestPause: amount.default(300_000),
    closeAfter: whole(1, 100).default(2),
  }).default({ firstPause: 10_000, longestPause: 300_000, closeAfter: 2 }),
  againPerSecond: whole(1, 100).default(5),
  remedies: object({
    comprehend: remedy.default({ atMost: 5_000, stopAfter: 20 }),
    slack: remedy.default(SOME),
    mail: remedy.default(SOME),
  }).default({ comprehend: { atMost: 5_000, stopAfter: 20 }, slack: SOME, mail: SOME }),
});
export type HealingPolicyFile = z.output<typeof healingPolicy>;

/** What is wrong between the entries. */
export function healingContradictions({ probe }: HealingPolicyFile, isSound: IsSound): Problem[] {
  return probe.longestPause < probe.firstPause && isSound('probe.firstPause')
    ? [{ field: 'probe.longestPause', message: 'is shorter than firstPause' }]
    : [];
}
