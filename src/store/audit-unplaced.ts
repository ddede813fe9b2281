import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { AuditFinding } from '../domain/audit.ts';
import type { Database } from './database.ts';

export interface Patience {
  /** How old an entry without a position may be. */
  readonly unplacedAfterMs: number;
  /** How long to wait for one that is older: it may have been committed just now. */
  readonly patienceMs: number;
  /** Only what was written before this. */
  readonly before: Date;
}

const SLICE = 50_000;
const LOOK_MS = 100;

/** The first entry that has no position and should have one, or that was removed before it got one. */
export async function findUnplaced(
  db: Database,
  position: number,
  { unplacedAfterMs = 60_000, patienceMs = 3_000, before }: Partial<Patience>,
): Promise<AuditFinding | undefined> {
  const gone = await sql<{ id: string }>`select entry_id as id from audit_unplaced u
    where not exists (select 1 from audit_entries e where e.id = u.entry_id) order by entry_id limit 1`.execute(db);
  const removed = gone.rows[0];
  if (removed) {
    const message = `entry ${removed.id} was removed before it had a position`;
    return { position, kind: 'removed', entryId: removed.id, message };
  }
  for (let after: string | null = '0'; after !== null; ) {
    const slice: { last: string | null; unplaced: string | null } = await lookAt(db, after, unplacedAfterMs, before);
    if (slice.unplaced !== null && !(await getsPosition(db, slice.unplaced, patienceMs))) {
      const message = `entry ${slice.unplaced} has no position: no worker runs, it was never given one, or it was taken away`;
      return { position, kind: 'unplaced', entryId: slice.unplaced, message };
    }
    after = slice.unplaced ?? slice.last;
  }
  return undefined;
}

async function lookAt(db: Database, after: string, unplacedAfterMs: number, before?: Date) {
  const { rows } = await sql<{ last: string | null; unplaced: string | null }>`
    with slice as (select id, at from audit_entries where id > ${after} order by id limit ${SLICE})
    select (select max(id) from slice) as last,
      (select min(s.id) from slice s where not exists (select 1 from audit_chain c where c.entry_id = s.id)
        and (${before ?? null}::timestamptz is null or s.at < ${before ?? null})
        and abs(extract(epoch from now() - s.at)) * 1000 >= ${unplacedAfterMs}::float8) as unplaced`.execute(db);
  return rows[0] ?? { last: null, unplaced: null };
}

async function getsPosition(db: Database, id: string, patienceMs: number): Promise<boolean> {
  for (const end = performance.now() + patienceMs; ; await sleep(LOOK_MS)) {
    const { rows } = await sql`select 1 from audit_chain where entry_id = ${id}`.execute(db);
    if (rows.length > 0) return true;
    if (performance.now() >= end) return false;
  }
}
