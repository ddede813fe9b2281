import type { ParkedReason } from '../domain/receipt.ts';
import type { Database } from './database.ts';

/** A mail that waits for a person. */
export interface ParkedMailLine {
  readonly id: string;
  readonly reason: ParkedReason;
  /** ISO 8601. */
  readonly at: string;
}

const MOST_LISTED = 200;

/** What an operator's own login may see of them: neither who wrote nor what. */
export function createParkedMailDesk(db: Database) {
  return {
    /** The newest 200. */
    async list(): Promise<ParkedMailLine[]> {
      const query = db.selectFrom('parked_mails').select(['id', 'reason', 'at']);
      const rows = await query.orderBy('at', 'desc').limit(MOST_LISTED).execute();
      return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
    },
  };
}
export type ParkedMailDesk = ReturnType<typeof createParkedMailDesk>;
