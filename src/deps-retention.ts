/** The outside world as retention sees it. */
import type { SlackCopies, SlackCopy } from './deps-messages.ts';
import type { AuditActor } from './domain/audit.ts';
import type { RetentionCategory } from './domain/retention.ts';

export interface RetentionBatch {
  readonly tickets: number;
  /** Rows that lose something, per category. */
  readonly rows: Readonly<Record<RetentionCategory, number>>;
  /** Messages that stand in Slack, or may stand there. They go once the tickets are emptied. */
  readonly slack: number;
  /** Of the tickets: their histories carry the same words, so their data keys have to be shredded. */
  readonly workflowIds: readonly string[];
  /** Deliveries whose message lies as a file in the outbox. */
  readonly outboxDeliveryIds: readonly string[];
  /** Tickets that are due, but held by law. */
  readonly held: number;
  /** There may be more that is due. */
  readonly more: boolean;
}

export interface RetentionOrder {
  readonly now: Date;
  /** Tickets closed before this are due: `retentionCutoff`. */
  readonly before: Date;
  readonly limit: number;
  readonly dryRun: boolean;
}

/** What of that which goes before the rows is gone. Histories: those that the server was asked to delete. */
export type GoneBefore = Readonly<Partial<Record<'keys' | 'files' | 'histories', number>>>;

/** What goes before the rows do: keys, files, histories. Whoever is killed after it leaves the tickets due, and it is done again. */
export type BeforeEmptying = (
  workflowIds: readonly string[],
  outboxDeliveryIds: readonly string[],
) => Promise<GoneBefore>;

export interface SlackLeft {
  readonly copies: readonly RetainedCopy[];
  /** Where the next batch begins; null: this was the last one. */
  readonly next: string | null;
}
/** A row whose message it is. */
export interface RetainedCopy extends SlackCopy {
  readonly table: 'deliveries' | 'run_messages';
  readonly id: string;
  /** The workflow that told it. */
  readonly owner: string;
}

/** What stands in Slack of what has lost its words. */
export interface RetentionSlack extends SlackCopies {
  left(from: { readonly now: Date; readonly after: string; readonly limit: number }): Promise<SlackLeft>;
  /** Writes down that it stands there no more, or never did. */
  gone(copy: RetainedCopy, stood: boolean): Promise<void>;
}

export interface RunsOrder extends Pick<RetentionOrder, 'now' | 'before' | 'limit'> {
  /** The key's id behind which it begins. */
  readonly after: string;
}
export interface DueRuns {
  /** Nothing was heard of them since; they may be under way still. */
  readonly workflowIds: readonly string[];
  readonly held: number;
  /** Where the next batch begins; null: this was the last one. */
  readonly next: string | null;
}
/** Rows that no longer lead to their message, and messages that are to go from Slack. */
export type EmptiedRuns = Readonly<Record<'messages' | 'slack', number>>;

/** Runs of flows without a ticket. */
export interface RetentionRuns {
  due(order: RunsOrder): Promise<DueRuns>;
  empty(workflowIds: readonly string[], by: AuditActor, before: BeforeEmptying): Promise<EmptiedRuns>;
}

export interface RetentionDeps {
  readonly runs: RetentionRuns;
  readonly slack: RetentionSlack;
  batch(order: RetentionOrder, by: AuditActor, before: BeforeEmptying): Promise<RetentionBatch>;
  removeFromOutbox(deliveryIds: readonly string[]): Promise<number>;
}
