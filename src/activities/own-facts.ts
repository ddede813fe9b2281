import type { CustomerFacts, Deps, TicketText } from '../deps.ts';
import type { SentimentFinding } from '../domain/enrich.ts';

/** What our own sources say: PostgreSQL and the local analysers. Times in ms. */
export interface OwnFacts {
  readonly customer: CustomerFacts;
  readonly customerMs: number;
  readonly language: string;
  readonly finding: SentimentFinding | null;
  readonly findingMs: number;
  readonly platformScore: number | null;
}

export async function gatherOwnFacts(
  deps: Pick<Deps, 'tickets' | 'local'>,
  ticketId: string,
  text: TicketText,
): Promise<OwnFacts> {
  const asked = performance.now();
  const customer = await deps.tickets.customerFacts(ticketId);
  const customerMs = since(asked);
  const begun = performance.now();
  const language = deps.local.language(`${text.subject}\n${text.message}`);
  const finding = deps.local.sentiment(text.message, language) ?? null;
  return { customer, customerMs, language, finding, findingMs: since(begun), platformScore: text.platformScore };
}

/** Milliseconds since `begun`, to a tenth. */
export function since(begun: number): number {
  return Math.round((performance.now() - begun) * 10) / 10;
}
