import { sql } from 'kysely';
import type { AuditHeads } from '../deps.ts';
import type { LogOrder } from '../deps-audits.ts';
import type { LogFigures } from '../domain/measure.ts';
import { verifyAudit } from './audit-verify.ts';
import type { Database } from './database.ts';

/**
 * Verifies a month's stretch of the log: from after the last report's head to where the month ends. Measured again, it is the same stretch.
 * Months join without a gap: what gets a position after its month was measured is in the next one's stretch.
 */
export async function measureLog(
  db: Database,
  heads: Pick<AuditHeads, 'read'>,
  { before, kept, madeAt, heads: reported, from: begin, alive }: LogOrder,
): Promise<LogFigures> {
  const read = await heads.read();
  const { from, to } = kept ?? { from: begin, to: Math.max(begin - 1, await endOf(db, read.heads, before)) };
  const within = read.heads.filter(
    ({ position, at }) =>
      position >= from - 1 && position <= to && (madeAt === null || Date.parse(at) <= madeAt.getTime()),
  );
  const at = before.toISOString();
  const both = {
    read: async () => ({ ...read, heads: [...read.heads, ...reported.map((head) => ({ ...head, at }))] }),
  };
  const verdict = await verifyAudit(db, both, { from, to, before, onProgress: alive });
  return {
    ok: verdict.ok,
    from,
    to,
    checked: verdict.checked,
    head: verdict.head,
    keptHeads: new Set(within.map(({ position }) => position)).size,
    vouchedTo: Math.max(0, ...within.map(({ position }) => position)),
    firstBad: verdict.firstBad
      ? {
          position: verdict.firstBad.position,
          kind: verdict.firstBad.kind,
          message: verdict.firstBad.message,
        }
      : null,
  };
}

/** The last position of the month, or the kept head that comes next: where somebody vouches for it. */
async function endOf(
  db: Database,
  heads: readonly { readonly position: number; readonly at: string }[],
  before: Date,
): Promise<number> {
  const { rows } = await sql<{ last: string | null }>`select max(c.position) as last
    from audit_entries e join audit_chain c on c.entry_id = e.id where e.at < ${before}`.execute(db);
  const keptThen = heads.filter(({ at }) => Date.parse(at) < before.getTime()).map(({ position }) => position);
  // What was cut off is missed by the heads that were kept.
  const last = Math.max(Number(rows[0]?.last ?? 0), ...keptThen);
  const next = heads.map(({ position }) => position).filter((position) => position >= last);
  return next.length > 0 ? Math.min(...next) : last;
}
