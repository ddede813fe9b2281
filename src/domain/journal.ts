import type { JsonObject } from './json.ts';
import type { Priority } from './route.ts';
import type { ClockRow } from './sla-row.ts';
import type { Route, TicketState } from './ticket.ts';

/** Kinds of timeline entries; `words.ts` says each in plain words. */
export type EntryKind =
  | 'received'
  | 'enriched'
  | 'decided'
  | 'escalated'
  | 'answered'
  | 'welcomed'
  | 'handedOver'
  | 'customerReplied'
  | 'agentReplied'
  | 'claimed'
  | 'resolved'
  | 'reopened'
  | 'silenceEnded'
  | 'rated'
  | 'closed'
  | 'delivered'
  | 'ignored'
  | 'parked'
  | 'operator'
  | 'retried'
  | 'slaWarned'
  | 'slaBreached'
  | 'reread'
  | 'enrichedAgain'
  | 'called'
  | 'leaseEnded'
  | 'paged'
  | 'undelivered'
  | 'strangerReplied'
  | 'reassigned'
  | 'snoozed'
  | 'givenBack'
  | 'noted'
  | 'taskAsked'
  | 'taskEnded'
  | 'notified';

/** One line of a ticket's way. Key: (ticket, seq); `seq` is given by the workflow. `facts` hold ids, labels and numbers only. */
export interface TimelineEntry {
  readonly seq: number;
  /** ISO 8601, the workflow's clock. */
  readonly at: string;
  readonly kind: EntryKind;
  /** `steward`, `customer`, `platform`, `operator`, or an agent's id. */
  readonly actor: string;
  readonly facts: JsonObject;
}

/** The ticket's row as the workflow sees it: written whole with every change, so that the newest revision wins. */
export interface TicketRow {
  readonly state: TicketState;
  readonly route: Route;
  readonly priority: Priority | null;
  readonly tier: string | null;
  readonly assigneeId: string | null;
  readonly episode: number;
  readonly needsAttention: boolean;
}

/** A change of state and its timeline entries: one transaction, at most once however often it is written. */
export interface Change {
  readonly ticketId: string;
  readonly row: TicketRow;
  readonly entries: readonly TimelineEntry[];
  /** Merged into the row's facts (enrichment, decisions): labels and numbers. */
  readonly facts?: JsonObject;
  /**
   * Of the ticket's clocks those that run on and those that end by this, so that nothing stays that a lost task wrote; missing: it runs
   * under none.
   */
  readonly clocks?: readonly ClockRow[];
}
