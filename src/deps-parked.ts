/** Parked steps to which an operator says the same, one after another. */
import type { Json } from './domain/json.ts';
import type { BatchAct, BatchCounts, BatchEnding, ItemOutcome } from './domain/parked-batch.ts';

export interface TakenBatch {
  /** Items are numbered from 0. */
  readonly count: number;
  readonly perSecond: number;
  /** Items that one run of the workflow takes at most. */
  readonly perRun: number;
}

export interface BegunItem {
  readonly ticketId: string;
  readonly step: string;
  readonly act: BatchAct;
  /** Of `fix` and `skip`. */
  readonly given: Json | undefined;
  /** It was begun before, and its answer may be lost. */
  readonly again: boolean;
  /** Null: it has to be done. */
  readonly outcome: ItemOutcome | null;
  /** How the step was answered since it was written down, as the timeline says; null: it waits still. */
  readonly answeredBy: string | null;
}

export interface Settlement {
  readonly outcome: ItemOutcome;
  /** In words of ours. */
  readonly why: string | null;
}

export interface ParkedBatchStore {
  /** Writes down the group's steps as they are parked now; once. @throws StewardError InvalidRequest: there is no such batch */
  take(batchId: string): Promise<TakenBatch>;
  /** @throws StewardError InvalidRequest: there is no such item, or the batch has ended */
  begin(batchId: string, position: number): Promise<BegunItem>;
  /** How the step was answered by now, as `answeredBy`. */
  answeredBy(batchId: string, position: number): Promise<string | null>;
  /** The first word stands. */
  settle(batchId: string, position: number, settlement: Settlement): Promise<void>;
  /** Counts, and destroys what the operator gave; the first ending stands. */
  end(batchId: string, ending: BatchEnding): Promise<BatchCounts>;
}
