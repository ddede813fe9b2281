/** Events about a ticket that exists, as the support platform sends them. */
import { z } from 'zod';
import {
  DETAIL_TYPES,
  ERASURE_TYPE,
  FOLLOW_UP_TYPES,
  type FollowUpType,
  type TicketEnvelope,
} from '../domain/envelope.ts';
import type { Problem } from '../domain/errors.ts';
import type { MailFacts } from '../domain/mail.ts';
import { envelopeHead, parseEnvelope } from './envelope.ts';
import { erasureRequested, type Wished, wishOf } from './erasure.ts';
import { id, message, object, score, senderId } from './fields.ts';
import { check } from './problems.ts';

/** A follow-up in the words of the contract: which signal it becomes, and what that carries. */
export interface FollowUp {
  readonly ticketId: string;
  readonly source: string;
  readonly eventId: string;
  /** By which API key an agent's word came. */
  readonly via?: string;
  readonly said:
    | { readonly type: 'customerReplied'; readonly message: string; readonly mail?: MailFacts }
    | { readonly type: 'agentReplied'; readonly agentId: string; readonly message: string }
    | { readonly type: 'claimed'; readonly agentId: string }
    | { readonly type: 'resolved'; readonly agentId?: string }
    | { readonly type: 'reopened' }
    | { readonly type: 'rated'; readonly score: number };
}

// A repeat is told by its id, so a follow-up without one can't be taken once.
const head = { ...envelopeHead, id: senderId(200) };
const agentId = id.nullish();

export const repliedDetail = z
  .object(
    { ticketId: id, message, by: z.enum(['customer', 'agent'], { error: '"customer" or "agent"' }).nullish(), agentId },
    object,
  )
  .refine((detail) => detail.by !== 'agent' || detail.agentId, {
    path: ['agentId'],
    error: 'the id of the agent who replied',
    // Even where other fields are wrong: all that is wrong is told at once.
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

const claimedDetail = z.object({ ticketId: id, agentId: id }, object);

export const followUps = {
  'ticket.replied': z.object({ ...head, 'detail-type': z.literal('ticket.replied'), detail: repliedDetail }, object),
  'ticket.claimed': z.object({ ...head, 'detail-type': z.literal('ticket.claimed'), detail: claimedDetail }, object),
  'ticket.resolved': z.object(
    { ...head, 'detail-type': z.literal('ticket.resolved'), detail: z.object({ ticketId: id, agentId }, object) },
    object,
  ),
  'ticket.reopened': z.object(
    { ...head, 'detail-type': z.literal('ticket.reopened'), detail: z.object({ ticketId: id }, object) },
    object,
  ),
  'ticket.rated': z.object(
    { ...head, 'detail-type': z.literal('ticket.rated'), detail: z.object({ ticketId: id, score }, object) },
    object,
  ),
} as const;

/** A wish to be forgotten, by its sender's name for it. */
export interface ErasureEvent extends Wished {
  readonly source: string;
  readonly eventId: string;
}

type Parsed =
  | { envelope: TicketEnvelope }
  | { followUp: FollowUp }
  | { erasure: ErasureEvent }
  | { problems: Problem[] };

/** What an event of no known type can be judged by: the fields of some other type's detail would only lead astray. */
const unknownEvent = z.object(
  { ...envelopeHead, 'detail-type': z.literal(DETAIL_TYPES, { error: `one of ${DETAIL_TYPES.join(', ')}` }) },
  object,
);

/** Any event that `POST /v1/events` takes. Never throws. */
export function parseEvent(value: unknown): Parsed {
  const type = typeOf(value);
  if (type === 'ticket.created') return parseEnvelope(value);
  if (type === ERASURE_TYPE) return parseErasureEvent(value);
  const known = FOLLOW_UP_TYPES.find((t) => t === type);
  if (known !== undefined) return parseFollowUp(known, value);
  const result = check(unknownEvent, value);
  return { problems: 'problems' in result ? result.problems : [] };
}

function parseErasureEvent(value: unknown): { erasure: ErasureEvent } | { problems: Problem[] } {
  const result = check(erasureRequested, value);
  if ('problems' in result) return result;
  const { source, id: eventId, detail } = result.data;
  return { erasure: { ...wishOf(detail), source, eventId } };
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'detail-type' in value ? value['detail-type'] : undefined;
}

function parseFollowUp(type: FollowUpType, value: unknown): { followUp: FollowUp } | { problems: Problem[] } {
  const result = check(followUps[type], value);
  if ('problems' in result) return result;
  const { source, id: eventId, detail } = result.data;
  return { followUp: { ticketId: detail.ticketId, source, eventId, said: saidOf(result.data) } };
}

function saidOf(event: z.output<(typeof followUps)[FollowUpType]>): FollowUp['said'] {
  switch (event['detail-type']) {
    case 'ticket.replied': {
      const { message, by, agentId } = event.detail;
      // Who names an agent means that the agent wrote it.
      return agentId && by !== 'customer'
        ? { type: 'agentReplied', agentId, message }
        : { type: 'customerReplied', message };
    }
    case 'ticket.claimed':
      return { type: 'claimed', agentId: event.detail.agentId };
    case 'ticket.resolved':
      return { type: 'resolved', ...(event.detail.agentId ? { agentId: event.detail.agentId } : {}) };
    case 'ticket.reopened':
      return { type: 'reopened' };
    case 'ticket.rated':
      return { type: 'rated', score: event.detail.score };
  }
}
