import { randomBytes } from 'node:crypto';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import type { SeedCustomer } from '../../src/store/seed.ts';

/** What becomes of a ticket, as far as nobody's choice of agent or timing decides it. */
export interface Ending {
  readonly state: string;
  readonly route: string;
  readonly priority: string | null;
  readonly tier: string | null;
  readonly needsAttention: boolean;
  /** `state -> next`, in order. */
  readonly decisions: readonly string[];
  /** Kinds of the timeline's entries, in order. */
  readonly timeline: readonly string[];
  /** `occasion: template to whom, status`, in alphabetical order. */
  readonly deliveries: readonly string[];
  /** Occasions on which an agent was assigned. */
  readonly assigned: readonly string[];
}

const toAgent = { state: 'waitingForAgent', route: 'agent', needsAttention: false } as const;
const byBot = { state: 'waitingForCustomer', route: 'bot', needsAttention: false } as const;
const ANSWER = 'ResolveWithBot#1: bot-answer to customer, sent';
const HANDED = [
  'EscalateToAgent#1: escalation to agent, sent',
  'EscalateToAgent#1: handed-over to customer, sent',
] as const;

/** Four ways through the flow that Steward brings, and how each ends when nothing is killed. */
export const ENDINGS = {
  escalated: {
    ...toAgent,
    priority: 'HIGH',
    tier: 'premium',
    decisions: ['RouteTicket -> EscalateToAgent'],
    timeline: ['received', 'enriched', 'decided', 'escalated'],
    deliveries: HANDED,
    assigned: ['EscalateToAgent#1'],
  },
  answered: {
    ...byBot,
    priority: 'MEDIUM',
    tier: 'standard',
    decisions: ['RouteTicket -> ResolveWithBot', 'CheckAnswer -> Answered'],
    timeline: ['received', 'enriched', 'decided', 'answered', 'decided'],
    deliveries: [ANSWER],
    assigned: [],
  },
  welcomed: {
    ...byBot,
    priority: 'MEDIUM',
    tier: 'standard',
    decisions: ['RouteTicket -> SendWelcomeEmail', 'CheckAnswer -> Answered'],
    timeline: ['received', 'enriched', 'decided', 'welcomed', 'answered', 'decided'],
    deliveries: [ANSWER, 'SendWelcomeEmail#1: welcome to customer, sent'],
    assigned: [],
  },
  unsure: {
    ...toAgent,
    priority: 'MEDIUM',
    tier: 'standard',
    decisions: ['RouteTicket -> ResolveWithBot', 'CheckAnswer -> EscalateToAgent'],
    timeline: ['received', 'enriched', 'decided', 'handedOver', 'decided', 'escalated'],
    deliveries: HANDED,
    assigned: ['EscalateToAgent#1'],
  },
} as const satisfies Record<string, Ending>;
export type Kind = keyof typeof ENDINGS;

const WORDS: Record<Kind, { readonly subject: string; readonly message: string }> = {
  escalated: { subject: 'Login issue', message: "I can't access my account." },
  answered: { subject: 'cancel', message: 'Please tell me how to cancel my subscription.' },
  welcomed: { subject: 'Invoice', message: 'How do I download my invoice for last month?' },
  unsure: { subject: 'Something is broken', message: "It doesn't work. Please help." },
};

export interface Sample {
  readonly kind: Kind;
  /** Signals that came while its worker was dead; how it ends is then a matter of timing. */
  readonly followUps: ('customerReplied' | 'resolved')[];
  readonly envelope: TicketEnvelope;
  /** Whom the CRM must know beforehand: all but those who shall be welcomed. */
  readonly customer: SeedCustomer | undefined;
}

export function sample(kind: Kind): Sample {
  const id = randomBytes(6).toString('hex');
  const email = `${id}@customer.example`;
  const premium = kind === 'escalated';
  const tier = premium ? 'premium' : 'standard';
  return {
    kind,
    followUps: [],
    envelope: {
      source: 'support.platform',
      'detail-type': 'ticket.created',
      detail: {
        ticketId: `TKT-${id}`,
        customerId: `CUST-${id}`,
        customerEmail: email,
        customerTier: tier,
        sentimentScore: premium ? -0.7 : 0,
        ...WORDS[kind],
      },
    },
    customer: kind === 'welcomed' ? undefined : { id: `CUST-${id}`, name: 'Ada', email, tier },
  };
}
