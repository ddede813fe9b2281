/** What Amazon SNS posts to a subscribed address. Every field that is signed is held to its form: a line break moves no text from one to the next. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { check } from './problems.ts';

const line = z
  .string({ error: 'text on one line' })
  .regex(/^[^\p{Cc}]{1,2000}$/u, { error: 'text on one line, of at most 2,000 characters' });
const signed = {
  MessageId: z.guid({ error: 'a UUID' }),
  TopicArn: line,
  Timestamp: z.iso.datetime({ error: 'a time in UTC, such as 2026-03-02T09:00:00.000Z' }),
  Message: z.string({ error: 'text' }),
  SignatureVersion: z.string({ error: '"2"' }),
  Signature: z.base64({ error: 'base64' }),
  SigningCertURL: line,
};
const confirmation = { ...signed, SubscribeURL: line, Token: line };
const object = { error: 'a message of SNS, with its Type' };

const snsMessage = z.discriminatedUnion(
  'Type',
  [
    z.object({ Type: z.literal('Notification'), ...signed, Subject: line.nullish() }, object),
    z.object({ Type: z.literal('SubscriptionConfirmation'), ...confirmation }, object),
    z.object({ Type: z.literal('UnsubscribeConfirmation'), ...confirmation }, object),
  ],
  object,
);
export type SnsMessage = z.infer<typeof snsMessage>;
export type SnsConfirmation = Extract<SnsMessage, { Type: 'SubscriptionConfirmation' }>;

/** Never throws. */
export function parseSns(value: unknown): { message: SnsMessage } | { problems: Problem[] } {
  const result = check(snsMessage, value, 'body');
  return 'problems' in result ? result : { message: result.data };
}
