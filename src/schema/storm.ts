import { amount, object, whole } from './policy-fields.ts';

const LONGEST_MS = 24 * 3_600_000;

/** More than `messages` of one kind to one of us `within` this time come as one summary. */
export const storm = object({
  messages: whole(1, 1_000),
  within: amount.refine((ms) => ms <= LONGEST_MS, { error: 'at most 24 h: what is summarised waits so long' }),
}).transform(({ messages, within }) => ({ messages, withinMs: within }));
