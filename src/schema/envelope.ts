/** The envelope at the edges: gateway, CLI, client and the workflow's first activity judge it by the same schema. */
import { z } from 'zod';
import { coarse } from '../domain/coarse.ts';
import { DETAIL_TYPES, type TicketEnvelope } from '../domain/envelope.ts';
import type { Problem } from '../domain/errors.ts';
import { email, id, line, MAX_SUBJECT, mail, message, object, present, senderId, ticketLabel, time } from './fields.ts';
import { check } from './problems.ts';

const SCORE_WORDS = 'a number from -1 to 1';

/** Fields that are not named here are let in and left out: support platforms send more than we need. */
export const ticketDetail = z.object(
  {
    ticketId: id,
    customerId: id,
    subject: line(MAX_SUBJECT),
    message,
    sentimentScore: z
      .number({ error: SCORE_WORDS })
      .min(-1, { error: SCORE_WORDS })
      .max(1, { error: SCORE_WORDS })
      .overwrite(coarse)
      .nullish(),
    customerTier: ticketLabel(50).nullish(),
    customerEmail: email.nullish(),
    customerName: line(200).nullish(),
    customerPhone: line(50).nullish(),
    channel: ticketLabel(50).nullish(),
    linkedTo: id.nullish(),
    mail: mail.nullish(),
  },
  object,
);

export const envelopeHead = {
  id: senderId(200).nullish(),
  source: senderId(200),
  time: time.nullish(),
};

const TYPE_WORDS = `"ticket.created" (the known detail-types: ${DETAIL_TYPES.join(', ')})`;
export const ticketEnvelope = z.object(
  { ...envelopeHead, 'detail-type': z.literal('ticket.created', { error: TYPE_WORDS }), detail: ticketDetail },
  object,
);

/** Judges anything at all and never throws. A `null` in an optional field counts as absent. */
export function parseEnvelope(value: unknown): { envelope: TicketEnvelope } | { problems: Problem[] } {
  const result = check(ticketEnvelope, value);
  if ('problems' in result) return result;
  const { mail, ...detail } = present(result.data.detail);
  const facts = mail && present(mail);
  return { envelope: { ...present(result.data), detail: { ...detail, ...(facts ? { mail: facts } : {}) } } };
}

/** Of whom something that is no ticket speaks all the same, as far as it can be read. Never throws. */
export function whoIn(value: unknown): { customerId?: string; email?: string } {
  const detail = z.object({ detail: z.object({ customerId: id.catch(''), customerEmail: email.catch('') }) });
  const read = detail.safeParse(value);
  if (!read.success) return {};
  const { customerId, customerEmail } = read.data.detail;
  return { ...(customerId === '' ? {} : { customerId }), ...(customerEmail === '' ? {} : { email: customerEmail }) };
}
