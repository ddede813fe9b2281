import { sql } from 'kysely';
import type { Remnant } from '../deps-erasure-store.ts';
import type { Database } from './database.ts';
import { findingsOf } from './erasure-search.ts';

/** A request as a list shows it. Times are ISO 8601. */
export interface ErasureLine {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly receivedAt: string;
  readonly dueAt: string;
  /** Since then only looking again is open. */
  readonly erasedAt: string | null;
  /** Who was told and has not answered. */
  readonly openRecipients: readonly string[];
  /** Where something was found when we looked again. */
  readonly findings: number;
}
export interface ErasureStep {
  readonly step: string;
  readonly at: string;
  readonly receipt: unknown;
}

export function createErasureReader(db: Database) {
  return {
    /** The ones that are due first, and behind them those that are erased and only looked for again; without `all` those that have not ended. */
    async list({ all }: { readonly all: boolean }): Promise<ErasureLine[]> {
      const { rows } = await sql<{
        id: string;
        state: string;
        outcome: string | null;
        received_at: Date;
        due_at: Date;
        erased_at: Date | null;
        open: string[] | null;
        findings: number;
      }>`select e.id, e.state, e.outcome, e.received_at, coalesce(e.extended_to, e.due_at) as due_at, e.erased_at,
          (select array_agg(r.recipient order by r.recipient) from erasure_recipients r
            where r.erasure_id = e.id and r.status = 'open') as open,
          (select count(*)::integer from erasure_findings f where f.erasure_id = e.id) as findings
        from erasures e where ${all} or e.ended_at is null order by e.erased_at is not null, coalesce(e.extended_to, e.due_at), e.id`.execute(
        db,
      );
      return rows.map(({ id, state, outcome, received_at, due_at, erased_at, open, findings }) => ({
        id,
        state,
        outcome,
        receivedAt: received_at.toISOString(),
        dueAt: due_at.toISOString(),
        erasedAt: erased_at?.toISOString() ?? null,
        openRecipients: open ?? [],
        findings,
      }));
    },

    findings: (id: string): Promise<Remnant[]> => findingsOf(db, id),

    async steps(id: string): Promise<ErasureStep[]> {
      const rows = await db
        .selectFrom('erasure_steps')
        .selectAll()
        .where('erasure_id', '=', id)
        .orderBy('at')
        .execute();
      return rows.map(({ step, at, receipt }) => ({ step, at: at.toISOString(), receipt }));
    },
  };
}
