/** Messages that come as one summary. */
import type { Delivery, TemplateName } from './domain/delivery.ts';

/** What one summary tells of. */
export interface Summary {
  readonly id: string;
  readonly template: TemplateName;
  /** How many messages it stands for. */
  readonly messages: number;
  /** Those that were sent one by one before. */
  readonly before: number;
  readonly tickets: number;
  /** Ids of the first of them. */
  readonly named: readonly string[];
  /** It was begun before, and nobody knows whether it went out. */
  readonly answerLost: boolean;
  /** Sends made although an earlier answer was lost. */
  readonly repeats: number;
}

/** `alone`: the message goes out by itself. `told`: the summary is out. `inDoubt`: nobody knows whether it is, and nobody sends it any more. `wait`: until the window ends, or another one has sent it. */
export type SummaryTurn =
  | { readonly turn: 'alone' }
  | { readonly turn: 'told' }
  | { readonly turn: 'inDoubt' }
  | { readonly turn: 'wait'; readonly ms: number }
  | { readonly turn: 'send'; readonly summary: Summary };

export type SummaryOutcome =
  | { readonly status: 'sent'; readonly providerMessageId: string }
  | { readonly status: 'unknown' | 'failed'; readonly reason: string }
  /** It is not tried again, and what it stands for is in doubt with it. */
  | { readonly status: 'givenUp'; readonly reason: string };

export interface SummaryStore {
  /**
   * Whose turn it is to send the summary that this message belongs to: of all that wait for it, one gets `send`, with the exact count, and nothing
   * joins it from then on. One that has not finished after `leaseMs` is given to another.
   */
  begin(delivery: Pick<Delivery, 'id' | 'ticketId' | 'occasion' | 'channel'>, leaseMs: number): Promise<SummaryTurn>;
  /** `deliveryId`: in whose name it was tried. A later sender's word stands, but for one that went out. */
  finish(summaryId: string, deliveryId: string, outcome: SummaryOutcome): Promise<void>;
}
