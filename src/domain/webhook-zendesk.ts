/** A message in the words of Zendesk's partner events on Amazon EventBridge, for receivers that were built for those. */
import type { Json, JsonObject } from './json.ts';
import type { Priority } from './route.ts';
import type { TicketState } from './ticket.ts';
import type { WebhookMessage } from './webhook.ts';

const STATUS: Readonly<Record<TicketState, string>> = {
  new: 'new',
  waitingForAgent: 'open',
  inProgress: 'open',
  waitingForCustomer: 'pending',
  solved: 'solved',
  closed: 'closed',
};
const PRIORITY: Readonly<Record<Priority, string>> = { HIGH: 'high', MEDIUM: 'normal' };

/** Ids of tickets that came from Zendesk begin so, in sources/zendesk.yaml. */
const OURS = /^zendesk-(\d{1,15})$/;

/**
 * The whole event, or null where Zendesk has none for it: its statuses are coarser than our states. `ticket.id` is Zendesk's own for a
 * ticket that came from there; `external_id` is ours. Agents are named as policies/team.yaml names them.
 */
export function zendeskBody(message: WebhookMessage): Json | null {
  const { messageId, ticketId, at, sequence, facts } = message;
  const told = eventOf(message);
  if (told === null) return null;
  const { type, ...event } = told;
  return {
    version: '0',
    id: messageId,
    'detail-type': `Support Ticket: ${type}`,
    source: 'steward',
    time: at,
    resources: ['Support Ticket'],
    detail: {
      ticket_event: {
        meta: {
          version: '1.0',
          occurred_at: at,
          ref: `steward-${sequence}`,
          sequence: { id: messageId, position: 1, total: 1 },
        },
        type,
        ...event,
        ticket: {
          id: zendeskId(ticketId),
          external_id: ticketId,
          status: statusOf(facts.state),
          priority: priorityOf(facts.priority),
          assignee_id: facts.assigneeId ?? null,
          updated_at: at,
        },
      },
    },
  };
}

function eventOf({ type, facts, sequence }: WebhookMessage): (JsonObject & { readonly type: string }) | null {
  const previous = facts.previous as JsonObject | undefined;
  switch (type) {
    case 'webhook.test':
      return { type: 'Test' };
    case 'ticket.created':
      return { type: 'Ticket Created' };
    case 'ticket.state_changed':
      return changed('Status Changed', statusOf(previous?.state), statusOf(facts.state));
    case 'ticket.priority_changed':
      return changed('Priority Changed', priorityOf(previous?.priority), priorityOf(facts.priority));
    case 'ticket.assigned':
      return changed('Agent Assignment Changed', previous?.assigneeId ?? null, facts.assigneeId ?? null);
    case 'ticket.answered':
      return {
        type: 'Comment Created',
        // Who wants the words asks for them: here they would outlive an erasure.
        comment: {
          id: sequence,
          is_public: true,
          author: { id: facts.agentId ?? facts.by ?? null, is_staff: true },
        },
      };
  }
}

function changed(type: string, previous: Json, current: Json) {
  return previous === current ? null : { type, previous, current };
}

function statusOf(state: Json | undefined): string | null {
  return typeof state === 'string' && Object.hasOwn(STATUS, state) ? STATUS[state as TicketState] : null;
}

function priorityOf(priority: Json | undefined): string | null {
  return typeof priority === 'string' && Object.hasOwn(PRIORITY, priority) ? PRIORITY[priority as Priority] : null;
}

function zendeskId(ticketId: string | null): Json {
  const number = OURS.exec(ticketId ?? '')?.[1];
  return number === undefined ? null : Number(number);
}
