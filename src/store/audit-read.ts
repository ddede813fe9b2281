import type { AuditAction } from '../domain/audit-actions.ts';
import type { JsonObject } from '../domain/json.ts';
import { chainFrom, hashAt } from './audit-chain.ts';
import { entryOf, type Link, NOTHING_BEFORE } from './audit-hash.ts';
import type { Database } from './database.ts';

/** One line of `steward audit show`. */
export interface AuditLine {
  /** null: it has none yet. */
  readonly position: number | null;
  readonly id: string;
  readonly at: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly action: string;
  readonly object: string;
  readonly why: string | null;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

export interface AuditFilter {
  readonly object?: string;
  readonly action?: AuditAction;
  /** The actor's id. */
  readonly actor?: string;
  readonly since?: Date;
  readonly limit: number;
}

export type ExportedLink = Link & { readonly hash: string };

export function createAuditReader(db: Database) {
  return {
    /** The newest first. */
    async list({ object, action, actor, since, limit }: AuditFilter): Promise<AuditLine[]> {
      let query = db
        .selectFrom('audit_entries as e')
        .leftJoin('audit_chain as c', 'c.entry_id', 'e.id')
        .selectAll('e')
        .select('c.position')
        .orderBy('e.id', 'desc')
        .limit(limit);
      if (object !== undefined) query = query.where('e.object', '=', object);
      if (action !== undefined) query = query.where('e.action', '=', action);
      if (actor !== undefined) query = query.where('e.actor_id', '=', actor);
      if (since !== undefined) query = query.where('e.at', '>=', since);
      return (await query.execute()).map((row) => ({
        position: row.position === null ? null : Number(row.position),
        id: row.id,
        at: row.at.toISOString(),
        actor: { kind: row.actor_kind, id: row.actor_id },
        action: row.action,
        object: row.object,
        why: row.why,
        before: row.before,
        after: row.after,
      }));
    },

    /** Everything that has a position, from this one on, so that somebody else can do the sums. */
    async *links(from: number): AsyncGenerator<readonly ExportedLink[]> {
      let previous = from === 1 ? NOTHING_BEFORE : await hashAt(db, from - 1);
      for await (const rows of chainFrom(db, from)) {
        yield rows.map(({ position, hash, entry }) => {
          const link = { position, previous: previous ?? '', entry: entry ? entryOf(entry) : {}, hash };
          previous = hash;
          return link;
        });
      }
    },
  };
}
export type AuditReader = ReturnType<typeof createAuditReader>;
