import { sql } from 'kysely';
import type { ConsentState, ErasureFacts } from '../domain/erase-facts.ts';
import type { Category } from '../domain/privacy-policy.ts';
import type { Database } from './database.ts';

/** What is known of the person whose rows this request has taken, for the decision. */
export async function decisionFacts(db: Database, id: string, purposes: readonly string[]): Promise<ErasureFacts> {
  const { rows } = await sql<{
    received_at: Date;
    tickets: number;
    open: number;
    opened_at: Date | null;
    updated_at: Date | null;
  }>`select e.received_at, count(t.id)::integer as tickets, count(t.id) filter (where t.state <> 'closed')::integer as open,
      max(t.opened_at) as opened_at, max(t.updated_at) as updated_at
    from erasures e left join customers c on c.erasure_id = e.id left join tickets t on t.customer_id = c.id
    where e.id = ${id} group by e.id`.execute(db);
  const holds = await sql<{ category: Category | 'all'; why: string; until: Date | null }>`
    select h.category, h.why, h.until from legal_holds h join customers c on c.id = h.customer_id
    where c.erasure_id = ${id} and h.lifted_at is null`.execute(db);
  // Of several rows of one person the word that stands against an erasure counts.
  const consents = await sql<{ purpose: string; status: ConsentState; at: Date }>`
    select distinct on (n.purpose) n.purpose, n.status, n.at from consents n join customers c on c.id = n.customer_id
    where c.erasure_id = ${id} order by n.purpose, n.status = 'granted' desc, n.at desc`.execute(db);
  const states = new Map(consents.rows.map(({ purpose, status }) => [purpose, status]));
  const withdrawn = consents.rows.filter(({ status }) => status === 'withdrawn').map(({ at }) => at.getTime());
  const [row] = rows;
  const closed = row?.open ? 'notYet' : iso(row?.updated_at);
  return {
    ground: 'any',
    consents: Object.fromEntries(purposes.map((purpose) => [purpose, states.get(purpose) ?? 'never'])),
    holds: holds.rows.map(({ category, why, until }) => ({ category, why, until: until?.toISOString() ?? null })),
    events: {
      ticketOpened: iso(row?.opened_at),
      ticketClosed: row?.tickets ? closed : 'never',
      lastActivity: iso(row?.updated_at),
      consentWithdrawn: withdrawn.length > 0 ? new Date(Math.max(...withdrawn)).toISOString() : 'never',
      requestReceived: iso(row?.received_at),
    },
  };
}

function iso(at: Date | null | undefined): string {
  return at ? at.toISOString() : 'never';
}
