/** The same word to many parked steps, as an operator gives it and follows it. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { DataKeys } from '../deps-keys.ts';
import type { AuditActor, AuditEntry } from '../domain/audit.ts';
import type { WhatOf } from '../domain/audit-actions.ts';
import { StewardError } from '../domain/errors.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import {
  type BatchAct,
  type BatchCounts,
  type BatchEnding,
  countOutcomes,
  type ItemOutcome,
} from '../domain/parked-batch.ts';
import { insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { batchKeyName } from './parked-batches.ts';

export interface BatchOrder {
  readonly act: BatchAct;
  readonly fingerprint: string;
  readonly perSecond: number;
  /** The input of `fix`, the result of `skip`. */
  readonly given?: Json;
}

export interface BatchLine
  extends Pick<BatchReport, 'batchId' | 'act' | 'fingerprint' | 'startedBy' | 'startedAt' | 'state'> {
  readonly steps: number;
}

export interface BatchReport {
  readonly batchId: string;
  readonly act: BatchAct;
  readonly fingerprint: string;
  readonly perSecond: number;
  readonly startedBy: string;
  /** ISO 8601, as all times here. */
  readonly startedAt: string;
  /** `waiting`: no worker has taken it up. */
  readonly state: 'waiting' | 'running' | BatchEnding;
  readonly endedAt: string | null;
  readonly counts: BatchCounts;
  readonly items: readonly BatchItem[];
}

export interface BatchItem {
  readonly ticketId: string;
  readonly step: string;
  readonly outcome: ItemOutcome | 'untouched';
  readonly why: string | null;
  readonly at: string | null;
}

export function createParkedDesk(db: Database, keys: Pick<DataKeys, 'seal'>, by: AuditActor) {
  const entry = (what: WhatOf<'parkedBatch'>, batchId: string, after: JsonObject): AuditEntry => ({
    actor: by,
    action: `parkedBatch.${what}`,
    object: `parkedBatch/${batchId}`,
    after,
  });
  const batchOf = (batchId: string) =>
    db
      .selectFrom('parked_batches')
      .select(['act', 'fingerprint', 'per_second', 'started_by', 'started_at', 'taken_at', 'ending', 'ended_at'])
      .where('id', '=', batchId)
      .executeTakeFirst();
  return {
    /** Writes it down, and who wants it; nothing happens until its workflow starts. Answers its id. */
    async order({ act, fingerprint, perSecond, given }: BatchOrder): Promise<string> {
      const batchId = randomBytes(6).toString('hex');
      const sealed = given === undefined ? null : await keys.seal(batchKeyName(batchId), JSON.stringify(given));
      await sql`with changed as (insert into parked_batches (id, act, fingerprint, per_second, given, started_by)
          values (${batchId}, ${act}, ${fingerprint}, ${perSecond}, ${sealed}, ${by.id}))
        ${insertAudit([entry('started', batchId, { act, group: fingerprint, perSecond })])}`.execute(db);
      return batchId;
    },

    /** Logs that it is to be stopped. @throws StewardError InvalidRequest: there is none that runs */
    async logCancel(batchId: string): Promise<void> {
      const batch = await batchOf(batchId);
      if (batch === undefined) throw unknown(batchId);
      if (batch.ending !== null)
        throw new StewardError('InvalidRequest', `batch ${batchId} has ended: ${batch.ending}`);
      await insertAudit([entry('cancelAsked', batchId, {})]).execute(db);
    },

    async logCancelAnswer(batchId: string, why: string): Promise<void> {
      await insertAudit([{ ...entry('cancelAnswered', batchId, {}), why }]).execute(db);
    },

    /** The newest batches, without their items. */
    async list(): Promise<readonly BatchLine[]> {
      const batches = await db
        .selectFrom('parked_batches as b')
        .select(['b.id', 'act', 'fingerprint', 'started_by', 'started_at', 'taken_at', 'ending'])
        .select(({ selectFrom, fn }) =>
          selectFrom('parked_batch_items as i')
            .whereRef('i.batch_id', '=', 'b.id')
            .select(fn.countAll<string>().as('n'))
            .as('steps'),
        )
        .orderBy('started_at', 'desc')
        .limit(MOST_LISTED)
        .execute();
      return batches.map((batch) => ({
        batchId: batch.id,
        act: batch.act,
        fingerprint: batch.fingerprint,
        startedBy: batch.started_by,
        startedAt: batch.started_at.toISOString(),
        state: stateOf(batch),
        steps: Number(batch.steps),
      }));
    },

    /** Every item and what came of it. @throws StewardError InvalidRequest: there is no such batch */
    async report(batchId: string): Promise<BatchReport> {
      const batch = await batchOf(batchId);
      if (batch === undefined) throw unknown(batchId);
      const items = await db
        .selectFrom('parked_batch_items')
        .selectAll()
        .where('batch_id', '=', batchId)
        .orderBy('position')
        .execute();
      return {
        batchId,
        act: batch.act,
        fingerprint: batch.fingerprint,
        perSecond: batch.per_second,
        startedBy: batch.started_by,
        startedAt: batch.started_at.toISOString(),
        state: stateOf(batch),
        endedAt: batch.ended_at?.toISOString() ?? null,
        counts: countOutcomes(items.map(({ outcome }) => outcome)),
        items: items.map((item) => ({
          ticketId: item.ticket_id,
          step: item.step,
          outcome: item.outcome ?? 'untouched',
          why: item.why,
          at: item.settled_at?.toISOString() ?? null,
        })),
      };
    },
  };
}
const MOST_LISTED = 20;
function stateOf(batch: { readonly ending: BatchEnding | null; readonly taken_at: Date | null }): BatchReport['state'] {
  return batch.ending ?? (batch.taken_at === null ? 'waiting' : 'running');
}

export type ParkedDesk = ReturnType<typeof createParkedDesk>;

function unknown(batchId: string): StewardError {
  return new StewardError('InvalidRequest', `there is no batch ${batchId}`);
}
