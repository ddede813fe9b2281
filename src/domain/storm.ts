/** Storm control: of many messages of one kind to one of us, the first few come one by one, the rest as one summary. */
import type { Storm, TemplateName } from './delivery.ts';
import type { JsonObject } from './json.ts';

export const DEFAULT_STORM: Storm = { messages: 10, withinMs: 600_000 };

/** What the messages of a summary say. */
const KIND_WORDS: Readonly<Partial<Record<TemplateName, string>>> = {
  parked: 'a step is parked',
  'sla-warned': 'a deadline is near',
  'sla-breached': 'a deadline went by',
  undelivered: 'a mail came back or was complained of',
  'other-sender': 'somebody else answered our mail',
  notify: 'a flow has something to tell',
};

export function sayKind(template: TemplateName): string {
  return KIND_WORDS[template] ?? template;
}

/** How many tickets a summary names. */
export const MOST_NAMED = 20;

/** Tries of a summary after a failure: its sender takes another channel at once, whoever else waits for it may try after this time. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
export function pauseAfter(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, attempts - 1), LONGEST_PAUSE_MS);
}

interface Told {
  readonly id: string;
  readonly template: TemplateName;
  readonly messages: number;
  readonly before: number;
  readonly tickets: number;
  readonly named: readonly string[];
}

/** What the summary's template speaks of: counts, ids and links; no words about any ticket. */
export function summaryData(
  { id, template, messages, before, tickets, named }: Told,
  recipient: { readonly id: string; readonly name: string | null },
  linkOf: (ticketId: string) => string,
): JsonObject {
  return {
    recipient,
    facts: {
      summary: id,
      kind: sayKind(template),
      messages,
      before,
      tickets,
      more: tickets - named.length,
      parked: template === 'parked',
    },
    tickets: named.map((ticketId) => ({ id: ticketId, link: linkOf(ticketId) })),
  };
}
