import type { Generated } from 'kysely';
import type { BatchAct, BatchEnding, ItemOutcome } from '../domain/parked-batch.ts';

/** The tables of migration 0015. */
export interface ParkedSchema {
  parked_batches: {
    id: string;
    act: BatchAct;
    fingerprint: string;
    per_second: number;
    given: Uint8Array | null;
    started_by: string;
    started_at: Generated<Date>;
    taken_at: Date | null;
    ending: BatchEnding | null;
    ended_at: Date | null;
  };
  parked_batch_items: {
    batch_id: string;
    position: number;
    ticket_id: string;
    step: string;
    seq: number;
    attempts: Generated<number>;
    outcome: ItemOutcome | null;
    why: string | null;
    settled_at: Date | null;
  };
}
