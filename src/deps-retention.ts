/** The outside world as retention sees it. */
import type { AuditActor } from './domain/audit.ts';
import type { RetentionCategory } from './domain/retention.ts';

export interface RetentionBatch {
  readonly tickets: number;
  /** Rows that lose something, per category. */
  readonly rows: Readonly<Record<RetentionCategory, number>>;
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

export interface RetentionDeps {
  batch(order: RetentionOrder, by: AuditActor, before: BeforeEmptying): Promise<RetentionBatch>;
  removeFromOutbox(deliveryIds: readonly string[]): Promise<number>;
}
