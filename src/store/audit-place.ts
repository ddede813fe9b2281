import { sql } from 'kysely';
import type { AuditHead } from '../domain/audit.ts';
import { ENTRY_COLUMNS, type EntryRow, hashEntry, NOTHING_BEFORE } from './audit-hash.ts';
import type { Database } from './database.ts';

/** Any number will do; it is the sequencer's alone. */
const SEQUENCER_LOCK = 8_785_006_962;

export interface Placed {
  readonly placed: number;
  /** The newest head; null while nothing has a position. */
  readonly head: AuditHead | null;
}

/** Asked twice a second by every worker, where nothing happens too: one statement in place of a transaction of five. */
export async function isAnyUnplaced(db: Database): Promise<boolean> {
  const { rows } = await sql<{ some: boolean }>`select exists (select 1 from audit_unplaced) as some`.execute(db);
  return rows[0]?.some === true;
}

/**
 * Gives the next positions to entries that are committed and have none, in one transaction; null when another process is at it.
 * An entry that is committed late gets its position late.
 */
export async function placeEntries(db: Database, limit: number): Promise<Placed | null> {
  return db.transaction().execute(async (tx) => {
    // In a statement of its own: the next one must see what the last holder of the lock has committed. Whatever the server is set to, a
    // head must not be kept of positions that a crash could still take back.
    const lock = await sql<{
      free: boolean;
    }>`select pg_try_advisory_xact_lock(${SEQUENCER_LOCK}::bigint) as free,
      set_config('synchronous_commit', 'on', true)`.execute(tx);
    if (lock.rows[0]?.free !== true) return null;
    const last = await sql<{ position: string; hash: string }>`
      select position, encode(hash, 'hex') as hash from audit_chain order by position desc limit 1`.execute(tx);
    let head: AuditHead | null = last.rows[0] ? { ...last.rows[0], position: Number(last.rows[0].position) } : null;
    const { rows } = await sql<EntryRow & { placed: boolean }>`
      select ${ENTRY_COLUMNS}, c.entry_id is not null as placed
      from audit_unplaced u join audit_entries e on e.id = u.entry_id left join audit_chain c on c.entry_id = u.entry_id
      order by u.entry_id limit ${limit}`.execute(tx);
    if (rows.length === 0) return { placed: 0, head };
    const links: { position: number; id: string; hash: string }[] = [];
    for (const row of rows) {
      // Somebody has listed it again.
      if (row.placed) continue;
      const position = (head?.position ?? 0) + 1;
      head = { position, hash: hashEntry(position, head?.hash ?? NOTHING_BEFORE, row) };
      links.push({ ...head, id: row.id });
    }
    await sql`with links as (
        insert into audit_chain (position, entry_id, hash)
        select l.position, l.id, decode(l.hash, 'hex')
        from unnest(${links.map((l) => l.position)}::bigint[], ${links.map((l) => l.id)}::bigint[], ${links.map((l) => l.hash)}::text[])
          as l(position, id, hash))
      delete from audit_unplaced where entry_id = any(${rows.map((row) => row.id)}::bigint[])`.execute(tx);
    return { placed: links.length, head };
  });
}
