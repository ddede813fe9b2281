import { sql } from 'kysely';
import { ENTRY_COLUMNS, type EntryRow } from './audit-hash.ts';
import type { Database } from './database.ts';

/** A position with the entry that stands in it; `entry` is null where that was removed. */
export interface ChainRow {
  readonly position: number;
  readonly entryId: string;
  readonly hash: string;
  readonly entry: EntryRow | null;
}

/** From this position on, in batches by key; the next one is on its way while one is worked on. */
export async function* chainFrom(db: Database, position: number, size = 5_000): AsyncGenerator<readonly ChainRow[]> {
  let next = chainAfter(db, position - 1, size);
  try {
    for (;;) {
      const rows = await next;
      const last = rows.at(-1);
      if (!last) return;
      next = chainAfter(db, last.position, size);
      // Heard when its turn comes.
      next.catch(() => {});
      yield rows;
    }
  } finally {
    // Who leaves early leaves no question behind.
    await next.catch(() => {});
  }
}

async function chainAfter(db: Database, position: number, size: number): Promise<ChainRow[]> {
  const { rows } = await sql<EntryRow & { position: string; entry_id: string; hash: string; there: boolean }>`
    select c.position, c.entry_id, encode(c.hash, 'hex') as hash, e.id is not null as there, ${ENTRY_COLUMNS}
    from audit_chain c left join audit_entries e on e.id = c.entry_id
    where c.position > ${position} order by c.position limit ${size}`.execute(db);
  return rows.map(({ position: at, entry_id, hash, there, ...entry }) => ({
    position: Number(at),
    entryId: entry_id,
    hash,
    entry: there ? entry : null,
  }));
}

/** Where the log ends; 0 when it is empty. */
export async function lastPosition(db: Database): Promise<number> {
  const { rows } = await sql<{ last: string }>`select coalesce(max(position), 0) as last from audit_chain`.execute(db);
  return Number(rows[0]?.last ?? 0);
}

/** The hash of one position; null when nothing is there. */
export async function hashAt(db: Database, position: number): Promise<string | null> {
  const { rows } = await sql<{ hash: string }>`
    select encode(hash, 'hex') as hash from audit_chain where position = ${position}`.execute(db);
  return rows[0]?.hash ?? null;
}
