import type { SeedCustomer } from '../compose.ts';
import type { TicketEnvelope } from '../domain/envelope.ts';

/** Invented people at addresses that can't exist. */
export const DEMO_CUSTOMERS: readonly SeedCustomer[] = [
  { id: 'CUST-8921', name: 'Ada Marlow', email: 'ada.marlow@customer.example', tier: 'premium' },
  { id: 'CUST-4410', name: 'Jonas Weber', email: 'jonas.weber@customer.example', tier: 'standard' },
  { id: 'CUST-7003', name: 'Lucía Ferrer', email: 'lucia.ferrer@customer.example', tier: 'standard' },
];

export interface DemoTicket {
  readonly title: string;
  readonly envelope: TicketEnvelope;
  /** Where it must go when nothing outside is configured. */
  readonly expected: { readonly decision: string; readonly priority: string; readonly route: 'agent' | 'bot' };
}

/** Makes the ids of a further run its own, and tells when it was. */
export function runSuffix(): string {
  return `-${Math.floor(Date.now() / 1000).toString(36)}`;
}

/** The reference event, a ticket of a new customer, an ordinary question. `suffix` makes the ids of a further run their own. */
export function demoTickets(suffix = ''): DemoTicket[] {
  return [
    {
      title: 'the reference event',
      envelope: {
        source: 'support.platform',
        'detail-type': 'ticket.created',
        detail: {
          ticketId: `TKT-2026-0423${suffix}`,
          customerId: 'CUST-8921',
          subject: 'Login issue',
          message: "I can't access my account.",
          sentimentScore: -0.7,
          customerTier: 'premium',
        },
      },
      expected: { decision: 'EscalateToAgent', priority: 'HIGH', route: 'agent' },
    },
    {
      title: 'a new customer',
      envelope: {
        source: 'support.platform',
        'detail-type': 'ticket.created',
        detail: {
          ticketId: `TKT-2026-0424${suffix}`,
          customerId: `CUST-NEW${suffix}`,
          customerName: 'Mira Okafor',
          customerEmail: `mira.okafor${suffix.toLowerCase()}@customer.example`,
          subject: 'Inviting my team',
          message: 'Hello, we just signed up. How do I invite my team members to our workspace?',
          customerTier: 'standard',
        },
      },
      expected: { decision: 'SendWelcomeEmail', priority: 'MEDIUM', route: 'bot' },
    },
    {
      title: 'an ordinary question',
      envelope: {
        source: 'support.platform',
        'detail-type': 'ticket.created',
        detail: {
          ticketId: `TKT-2026-0425${suffix}`,
          customerId: 'CUST-4410',
          subject: 'Invoice',
          message: 'How do I download my invoice for last month?',
          customerTier: 'standard',
        },
      },
      expected: { decision: 'ResolveWithBot', priority: 'MEDIUM', route: 'bot' },
    },
  ];
}

type Send = (envelope: TicketEnvelope) => Promise<{ readonly known: boolean }>;

/** Temporal may remember an id that the database does not: a server of yours keeps its workflows when the state is emptied. */
export async function sendFresh(ticket: DemoTicket, send: Send): Promise<DemoTicket> {
  if (!(await send(ticket.envelope)).known) return ticket;
  const again = demoTickets(runSuffix()).find(({ title }) => title === ticket.title) ?? ticket;
  await send(again.envelope);
  return again;
}
