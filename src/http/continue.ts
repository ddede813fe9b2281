/** Brings an event to a ticket wherever the ticket is on its way: not yet here, under way, or over. */
import { hash } from 'node:crypto';
import { ticketWorkflowId } from '../contract.ts';
import { StewardError } from '../domain/errors.ts';
import type { MailFacts } from '../domain/mail.ts';
import type { FollowUp } from '../schema/followUp.ts';
import type { GatewayDeps, KnownTicket } from './deps.ts';

/** What the sender is told. */
export interface Accepted {
  readonly ticketId: string;
  readonly workflowId: string;
  /** Nothing new: it had come before. */
  readonly known?: true;
  /** It waits for its ticket, which has not come yet. */
  readonly held?: true;
  /** The ticket was closed; `ticketId` is a new one that goes on from this. */
  readonly linkedTo?: string;
}

type Deps = Pick<GatewayDeps, 'client' | 'intake'>;

/**
 * @param ticket as the store knew it a moment ago; null when it has not come yet
 * @param channel of the new ticket, should the old one be closed
 * @throws StewardError TicketClosed
 */
export async function continueTicket(
  deps: Deps,
  event: FollowUp,
  ticket: KnownTicket | null,
  channel?: string,
): Promise<Accepted> {
  if (ticket?.taken) return { ...accepted(event.ticketId), known: true };
  if (ticket?.erased) {
    await deps.intake.refuseErased(event.ticketId, event);
    throw new StewardError(
      'SubjectErased',
      `the customer of ticket ${event.ticketId} was erased; write anew to open a new ticket`,
    );
  }
  if (ticket === null && (await hold(deps, event)).held) return { ...accepted(event.ticketId), held: true };
  if (ticket?.state === 'closed') return afterClose(deps, event, channel);
  try {
    await tell(deps, event);
  } catch (error) {
    // The workflow ended between the look and the word, or was ended by hand.
    if (error instanceof StewardError && error.code === 'TicketUnknown') return afterClose(deps, event, channel);
    throw error;
  }
  return accepted(event.ticketId);
}

export function accepted(ticketId: string): Accepted {
  return { ticketId, workflowId: ticketWorkflowId(ticketId) };
}

function tell({ client }: Deps, { ticketId, source, eventId, via, said }: FollowUp): Promise<void> {
  const outside = { source, eventId, ...(via === undefined ? {} : { via }) };
  switch (said.type) {
    case 'customerReplied':
      return client.tell(ticketId, 'customerReplied', { ...outside, message: said.message, ...mailOf(said) });
    case 'agentReplied':
      return client.tell(ticketId, 'agentReplied', { ...outside, agentId: said.agentId, message: said.message });
    case 'claimed':
      return client.tell(ticketId, 'claimed', { ...outside, agentId: said.agentId });
    case 'resolved':
      return client.tell(ticketId, 'resolved', { ...outside, ...(said.agentId ? { agentId: said.agentId } : {}) });
    case 'reopened':
      return client.tell(ticketId, 'reopened', outside);
    case 'rated':
      return client.tell(ticketId, 'rated', { ...outside, score: said.score });
  }
}

function hold({ intake }: Deps, { ticketId, source, eventId, said }: FollowUp): Promise<{ held: boolean }> {
  return intake.hold(ticketId, {
    type: said.type,
    source,
    eventId,
    agentId: 'agentId' in said ? said.agentId : null,
    score: 'score' in said ? said.score : null,
    ...('message' in said ? { message: said.message } : {}),
    ...mailOf(said),
  });
}

function mailOf(said: FollowUp['said']): { readonly mail?: MailFacts } {
  return 'mail' in said && said.mail ? { mail: said.mail } : {};
}

async function afterClose(deps: Deps, event: FollowUp, channel?: string): Promise<Accepted> {
  const { ticketId, source, eventId, said } = event;
  if (said.type === 'rated') {
    await deps.intake.rateLate(ticketId, said.score, { source, eventId });
    return accepted(ticketId);
  }
  const closed = await deps.intake.closedTicket(ticketId, { source, eventId });
  if (closed?.taken) return { ...accepted(ticketId), known: true };
  if (said.type !== 'customerReplied' || closed === null) {
    throw new StewardError(
      'TicketClosed',
      `ticket ${ticketId} is closed; only a customer's reply goes on, as a new ticket`,
    );
  }
  const next = linkedTicketId(ticketId, source, eventId);
  const submitted = await deps.client.submit({
    id: eventId,
    source,
    'detail-type': 'ticket.created',
    detail: {
      ticketId: next,
      customerId: closed.customerId,
      subject: closed.subject,
      message: said.message,
      linkedTo: ticketId,
      ...mailOf(said),
      ...(channel === undefined ? {} : { channel }),
    },
  });
  return { ...accepted(next), linkedTo: ticketId, ...(submitted.known ? { known: true } : {}) };
}

/** The same reply gives the same ticket. A long id is cut so that the new one keeps within the 100 characters of an id. */
export function linkedTicketId(ticketId: string, source: string, eventId: string): string {
  const digest = hash('sha256', JSON.stringify([source, eventId]), 'hex').slice(0, 8);
  return `${ticketId.slice(0, 91)}.${digest}`;
}
