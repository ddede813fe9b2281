/** The same word to many parked steps, as the worker works it off. */
import { sql } from 'kysely';
import { parkedBatchWorkflowId } from '../contract.ts';
import type { DataKeys } from '../deps-keys.ts';
import type { ParkedBatchStore } from '../deps-parked.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { type BatchAct, type BatchCounts, countOutcomes, type ItemOutcome } from '../domain/parked-batch.ts';
import { parkedFingerprint } from '../domain/parked-group.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';
import { parkedSteps } from './parked.ts';

/** A run's history stays far from the size at which Temporal wants a new one. */
const PER_RUN = 200;

/** What the data key of a batch's `given` is called. */
export function batchKeyName(batchId: string): string {
  return `parked-batch/${batchId}`;
}

export function createParkedBatchStore(db: Database, keys: Pick<DataKeys, 'open' | 'shred'>): ParkedBatchStore {
  return {
    async take(batchId) {
      return db.transaction().execute(async (transaction) => {
        const batch = await transaction
          .selectFrom('parked_batches')
          .select(['fingerprint', 'per_second', 'taken_at'])
          .where('id', '=', batchId)
          .forUpdate()
          .executeTakeFirst();
        if (batch === undefined) throw unknown(batchId);
        if (batch.taken_at === null) await takeSteps(transaction, batchId, batch.fingerprint);
        const { length } = await outcomesOf(transaction, batchId);
        return { count: length, perSecond: batch.per_second, perRun: PER_RUN };
      });
    },

    async begin(batchId, position) {
      const { rows } = await sql<BegunRow>`with item as (
          update parked_batch_items set attempts = attempts + 1 where batch_id = ${batchId} and position = ${position} returning *)
        select i.ticket_id, i.step, i.attempts, i.outcome, b.act, b.given, ${ANSWERED} as answered_by
        from item i join parked_batches b on b.id = i.batch_id`.execute(db);
      const row = rows[0];
      if (row === undefined) throw unknown(batchId);
      const given = row.given === null ? null : await keys.open(batchKeyName(batchId), row.given);
      return {
        ticketId: row.ticket_id,
        step: row.step,
        act: row.act,
        given: given === null ? undefined : (JSON.parse(given) as Json),
        again: row.attempts > 1,
        outcome: row.outcome,
        answeredBy: row.answered_by,
      };
    },

    async answeredBy(batchId, position) {
      const { rows } = await sql<{ answered_by: string | null }>`select ${ANSWERED} as answered_by
        from parked_batch_items i where batch_id = ${batchId} and position = ${position}`.execute(db);
      return rows[0]?.answered_by ?? null;
    },

    async settle(batchId, position, { outcome, why }) {
      await db
        .updateTable('parked_batch_items')
        .set({ outcome, why, settled_at: sql<Date>`now()` })
        .where('batch_id', '=', batchId)
        .where('position', '=', position)
        .where('outcome', 'is', null)
        .execute();
    },

    async end(batchId, ending) {
      const batch = await db.selectFrom('parked_batches').selectAll().where('id', '=', batchId).executeTakeFirst();
      if (batch === undefined) throw unknown(batchId);
      const counts: BatchCounts = countOutcomes(await outcomesOf(db, batchId));
      if (batch.ending !== null) return counts;
      const by = {
        actor: { kind: 'workflow' as const, id: parkedBatchWorkflowId(batchId) },
        object: `parkedBatch/${batchId}`,
      };
      if (batch.given !== null)
        await keys.shred([batchKeyName(batchId)], { ...by, action: 'parkedBatch.keyDestroyed' });
      const entry: AuditEntry = {
        ...by,
        action: 'parkedBatch.ended',
        after: { ending, act: batch.act, group: batch.fingerprint, startedBy: batch.started_by, ...counts },
      };
      await sql`with changed as (update parked_batches set ending = ${ending}, ended_at = now(), given = null
          where id = ${batchId} and ending is null returning 1)
        ${insertAudit([entry], CHANGED)}`.execute(db);
      return counts;
    },
  };
}

interface BegunRow {
  readonly ticket_id: string;
  readonly step: string;
  readonly attempts: number;
  readonly outcome: ItemOutcome | null;
  readonly act: BatchAct;
  readonly given: Uint8Array | null;
  readonly answered_by: string | null;
}

/** What was said to item `i`, or what overtook it, since it was parked. */
const ANSWERED = sql`(select l.facts->>'act' from timeline l where l.ticket_id = i.ticket_id and l.seq > i.seq
  and l.kind = 'operator' and l.facts->>'step' = i.step order by l.seq limit 1)`;

async function takeSteps(db: Database, batchId: string, fingerprint: string): Promise<void> {
  const steps = (await parkedSteps(db)).filter(({ line }) => parkedFingerprint(line) === fingerprint);
  const items = steps.map(({ line, seq }, position) => ({ position, ticket_id: line.ticketId, step: line.step, seq }));
  await sql`insert into parked_batch_items (batch_id, position, ticket_id, step, seq)
    select ${batchId}, i.* from jsonb_to_recordset(${toJson(items)}::jsonb)
      as i(position integer, ticket_id text, step text, seq integer)`.execute(db);
  await sql`update parked_batches set taken_at = now() where id = ${batchId}`.execute(db);
}

async function outcomesOf(db: Database, batchId: string): Promise<(ItemOutcome | null)[]> {
  const rows = await db.selectFrom('parked_batch_items').select('outcome').where('batch_id', '=', batchId).execute();
  return rows.map(({ outcome }) => outcome);
}

function unknown(batchId: string): StewardError {
  return new StewardError('InvalidRequest', `there is no batch ${batchId}, or no such step in it`);
}
