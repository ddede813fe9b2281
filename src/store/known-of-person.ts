import { sql } from 'kysely';
import type { KnownOfPerson } from '../domain/erase-known.ts';
import type { Database } from './database.ts';

/** What decides about an erasure, of all these rows of one person. */
export async function knownOfPerson(db: Database, customerIds: readonly string[]): Promise<KnownOfPerson> {
  const ids = [...customerIds];
  // Of somebody who is no customer there is none.
  const isTheirs = sql<boolean>`customer_id = any(${ids}::text[])`;
  const [tickets, consents, holds] = await Promise.all([
    sql<{ open: number; opened: Date | null; closed: Date | null; active: Date | null }>`
      select count(*) filter (where state <> 'closed')::integer as open, max(opened_at) as opened,
        max(updated_at) filter (where state = 'closed') as closed, max(updated_at) as active
      from tickets where ${isTheirs}`.execute(db),
    db.selectFrom('consents').select(['purpose', 'status', 'at']).where(isTheirs).execute(),
    db
      .selectFrom('legal_holds')
      .select(['category', 'why', 'until'])
      .where(isTheirs)
      .where('lifted_at', 'is', null)
      .orderBy('placed_at')
      .execute(),
  ]);
  const [found] = tickets.rows;
  return {
    consents: consents.map((consent) => ({ ...consent, at: consent.at.toISOString() })),
    holds: holds.map((hold) => ({ ...hold, until: hold.until?.toISOString() ?? null })),
    openTickets: found?.open ?? 0,
    lastOpenedAt: found?.opened?.toISOString() ?? null,
    lastClosedAt: found?.closed?.toISOString() ?? null,
    lastActivityAt: found?.active?.toISOString() ?? null,
  };
}
