import { StewardError } from './errors.ts';

/** A ticket's states. `closed` is the end: once its workflow is over, a new message opens a new, linked ticket. */
export const TICKET_STATES = [
  'new',
  'waitingForAgent',
  'inProgress',
  'waitingForCustomer',
  'solved',
  'closed',
] as const;
export type TicketState = (typeof TICKET_STATES)[number];

/** Who has the ticket now. `none` until something acted on it. */
export type Route = 'none' | 'bot' | 'agent';

/** What can happen to a ticket; the support platform's events and Steward's own acts by the same names. */
export type TicketEvent =
  | 'answeredByBot'
  | 'escalated'
  | 'claimed'
  | 'agentReplied'
  | 'customerReplied'
  | 'resolved'
  | 'silenceEnded'
  | 'reopened'
  | 'rated'
  | 'windowEnded'
  | 'cancelled'
  | 'reassigned'
  | 'snoozed'
  | 'givenBack'
  | 'noted';

type Next = TicketState | 'same';

/**
 * The lawful transitions, all of them: an event that is missing in a state's row is unlawful there. `same` means lawful without a
 * change of state. A customer's reply goes to `waitingForAgent`: the bot answers once and never talks over a person.
 */
export const TRANSITIONS: Readonly<Record<TicketState, Readonly<Partial<Record<TicketEvent, Next>>>>> = {
  new: {
    answeredByBot: 'waitingForCustomer',
    escalated: 'waitingForAgent',
    claimed: 'inProgress',
    agentReplied: 'waitingForCustomer',
    customerReplied: 'same',
    resolved: 'solved',
    rated: 'same',
    cancelled: 'closed',
    noted: 'same',
  },
  waitingForAgent: {
    escalated: 'same',
    claimed: 'inProgress',
    agentReplied: 'waitingForCustomer',
    customerReplied: 'same',
    resolved: 'solved',
    rated: 'same',
    cancelled: 'closed',
    reassigned: 'same',
    snoozed: 'same',
    givenBack: 'same',
    noted: 'same',
  },
  inProgress: {
    // Who is at work on it keeps it.
    escalated: 'same',
    claimed: 'same',
    agentReplied: 'waitingForCustomer',
    customerReplied: 'same',
    resolved: 'solved',
    rated: 'same',
    cancelled: 'closed',
    // Whom it is given to has not taken it yet.
    reassigned: 'waitingForAgent',
    givenBack: 'waitingForAgent',
    noted: 'same',
  },
  waitingForCustomer: {
    escalated: 'waitingForAgent',
    claimed: 'inProgress',
    agentReplied: 'same',
    customerReplied: 'waitingForAgent',
    resolved: 'solved',
    silenceEnded: 'solved',
    rated: 'same',
    cancelled: 'closed',
    noted: 'same',
  },
  solved: {
    // Help desks send "reply and solve" as two events, in either order.
    agentReplied: 'same',
    customerReplied: 'waitingForAgent',
    reopened: 'waitingForAgent',
    rated: 'same',
    windowEnded: 'closed',
    cancelled: 'closed',
    noted: 'same',
  },
  // A message that was on its way when the window ended was let in by us: it is not turned away.
  closed: { customerReplied: 'waitingForAgent', rated: 'same' },
};

/** The state after `event`, or undefined when the event is unlawful in `state`. */
export function nextState(state: TicketState, event: TicketEvent): TicketState | undefined {
  const next = TRANSITIONS[state][event];
  return next === 'same' ? state : next;
}

/** @throws StewardError UnlawfulTransition that names what would be lawful. */
export function assertLawful(state: TicketState, event: TicketEvent): TicketState {
  const next = nextState(state, event);
  if (next === undefined) {
    const lawful = Object.keys(TRANSITIONS[state]).join(', ');
    throw new StewardError('UnlawfulTransition', `a ticket that is ${state} can't be ${event}; lawful now: ${lawful}`);
  }
  return next;
}

/** Open: somebody still owes the ticket an act. It counts towards its assignee's load. */
export function isOpen(state: TicketState): boolean {
  return state !== 'solved' && state !== 'closed';
}

/** May the bot still speak? Not once a person has or had the ticket. */
export function botMaySpeak(ticket: { readonly state: TicketState; readonly route: Route }): boolean {
  return ticket.route !== 'agent' && ticket.state === 'new';
}

/** The bot has answered and nobody else has it: the customer's silence would count as solved. */
export function isWithBot(ticket: { readonly state: TicketState; readonly route: Route }): boolean {
  return ticket.state === 'waitingForCustomer' && ticket.route === 'bot';
}

/** Does a message bring the ticket back? Then a new episode begins. */
export function beginsEpisode(state: TicketState, event: TicketEvent): boolean {
  return !isOpen(state) && isOpen(nextState(state, event) ?? state);
}
