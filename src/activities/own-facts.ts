import type { CustomerFacts, Deps, TicketText } from '../deps.ts';
import { chooseTier, type SentimentFinding } from '../domain/enrich.ts';

/** What our own sources say: PostgreSQL and the local analysers. Times in ms. */
export interface OwnFacts {
  readonly customer: CustomerFacts;
  readonly customerMs: number;
  /** Why the CRM's answer is missing, where it came too late or not at all and the ticket goes on without. */
  readonly customerMissing?: string;
  readonly language: string;
  readonly finding: SentimentFinding | null;
  readonly findingMs: number;
  readonly platformScore: number | null;
}

/**
 * @param deadlineMs how long the CRM may take; a later answer counts as none, and the tier is the envelope's. An error of the CRM's is
 * thrown: the whole step is repeated.
 */
export async function gatherOwnFacts(
  deps: Pick<Deps, 'tickets' | 'local'>,
  ticketId: string,
  text: TicketText,
  deadlineMs: number,
): Promise<OwnFacts> {
  const asked = performance.now();
  const answer = await within(deadlineMs, deps.tickets.customerFacts(ticketId));
  const customerMs = since(asked);
  const begun = performance.now();
  const language = deps.local.language(`${text.subject}\n${text.message}`);
  const finding = deps.local.sentiment(text.message, language) ?? null;
  return {
    customer: answer ?? unknownCustomer(text),
    customerMs,
    ...(answer ? {} : { customerMissing: `no answer within ${deadlineMs} ms` }),
    language,
    finding,
    findingMs: since(begun),
    platformScore: text.platformScore,
  };
}

/** Nothing is claimed of a customer whom the CRM did not speak of: no welcome to somebody who may be here for years. */
function unknownCustomer({ customerId, envelopeTier }: TicketText): CustomerFacts {
  const history = { isNew: false, ticketsSoFar: 0, lastContactAt: null };
  return { customerId, tier: chooseTier(null, envelopeTier), history };
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  // Should it fail after its deadline, nobody is interested any more.
  answer.catch(() => {});
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** Milliseconds since `begun`, to a tenth. */
export function since(begun: number): number {
  return Math.round((performance.now() - begun) * 10) / 10;
}
