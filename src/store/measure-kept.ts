import { sql } from 'kysely';
import type { KeptFacts, KeptReason, KeptReview } from '../domain/measure-kept.ts';
import type { Span } from '../domain/month.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';

const ENDED = said('', 'keptEnded').action;
const REVIEWED = said('', 'keptReviewed').action;

/** By the log, and what is written once: the rows know only what is still kept now. */
export async function keptBefore(
  db: Database,
  { to }: Span,
): Promise<{ readonly requests: KeptFacts[]; readonly lastReview: Date | null }> {
  const { rows } = await sql<{
    id: string;
    erased_at: Date;
    ended_at: Date | null;
    outcome: KeptFacts['outcome'];
    decision: KeptFacts['decision'];
    ended: { category: KeptReason['category']; how: KeptFacts['ended'][number]['how']; at: string }[];
    last_review: KeptReview['state'] | null;
    last_reasons: KeptReason[] | null;
  }>`
    select e.id, e.erased_at, e.ended_at, e.outcome, e.decision,
      coalesce((select jsonb_agg(a.after || jsonb_build_object('at', a.at) order by a.id) from audit_entries a
        where a.object = 'erasure/' || e.id and a.action = ${ENDED} and a.at < ${to}), '[]') as ended,
      (select a.after->>'state' from audit_entries a
        where a.object = 'erasure/' || e.id and a.action = ${REVIEWED} and a.at < ${to} order by a.id desc limit 1) as last_review,
      (select a.after->'kept' from audit_entries a
        where a.object = 'erasure/' || e.id and a.action = ${REVIEWED} and a.after->>'state' = 'decided' and a.at < ${to}
        order by a.id desc limit 1) as last_reasons
    from erasures e where e.erased_at < ${to} and e.decision->>'verdict' = 'partly' order by e.id`.execute(db);
  const last = await sql<{ at: Date | null }>`select max(at) as at from audit_entries
    where object = 'retention' and action = 'retention.keptReviewed' and at < ${to}`.execute(db);
  return {
    requests: rows.map((row) => ({
      id: row.id,
      erasedAt: row.erased_at,
      endedAt: row.ended_at,
      outcome: row.outcome,
      decision: row.decision,
      ended: row.ended.map(({ category, how, at }) => ({ category, how, at: new Date(at) })),
      lastReview: row.last_review,
      lastReasons: row.last_reasons,
    })),
    lastReview: last.rows[0]?.at ?? null,
  };
}
