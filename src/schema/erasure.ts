import { z } from 'zod';
import { ERASURE_TYPE } from '../domain/envelope.ts';
import type { Asked } from '../domain/erase.ts';
import type { Problem } from '../domain/errors.ts';
import { envelopeHead } from './envelope.ts';
import { email, id, label, object, senderId } from './fields.ts';
import { check } from './problems.ts';

const assertion = z.string({ error: 'text' }).max(4_000, { error: 'at most 4,000 characters' }).nullish();

const whom = { email: email.nullish(), customerId: id.nullish(), assertion };
const WHOM = { error: 'an object with email or customerId' };
const isOneOfTwo = (detail: { email?: string | null | undefined; customerId?: string | null | undefined }) =>
  (detail.email == null) !== (detail.customerId == null);
const ONE_OF_TWO = { path: ['email'], error: 'the address of the person, or else "customerId"; one of the two' };

/** By address or by customer id: one of the two. Event routers add fields of their own to what they pass on, so those are let be. */
export const erasureDetail = z.object(whom, WHOM).refine(isOneOfTwo, ONE_OF_TWO);
/** The same as a request's body. */
export const erasureBody = z.strictObject(whom, WHOM).refine(isOneOfTwo, ONE_OF_TWO);

export const erasureCode = z.strictObject({ code: z.string({ error: 'the 8 digits of the mail, as text' }) }, object);

/** Why something is refused, or takes longer. */
export const erasureReason = z.strictObject(
  {
    reason: z
      .string({ error: '1 to 500 characters; the person reads it' })
      .trim()
      .min(1, { error: '1 to 500 characters; the person reads it' })
      .max(500, { error: '1 to 500 characters; the person reads it' }),
  },
  object,
);

/** Which parked step; without it the one that was parked first. */
export const erasureStep = z.strictObject({ step: label(100).optional() }, object);

/** What says all by its address. */
export const erasureNothing = z.strictObject({}, object);

/** `erasure.requested` as an event; its id makes a repeated one the same request. */
export const erasureRequested = z.object(
  {
    ...envelopeHead,
    id: senderId(200),
    'detail-type': z.literal(ERASURE_TYPE, { error: `"${ERASURE_TYPE}"` }),
    detail: erasureDetail,
  },
  object,
);

export type Wished = { readonly asked: Asked; readonly assertion?: string | undefined };

/** Never throws. */
export function parseErasure(value: unknown): Wished | { problems: Problem[] } {
  const result = check(erasureDetail, value, 'body');
  if ('problems' in result) return result;
  return wishOf(result.data);
}

export function wishOf({ email: address, customerId, assertion: signed }: z.output<typeof erasureDetail>): Wished {
  const asked: Asked = address == null ? { customerId: customerId ?? '' } : { email: address };
  return { asked, ...(signed == null ? {} : { assertion: signed }) };
}
