/** Tickets that did without a provider, and are in no incident's hands: a call or two failed, was too fast or too slow, or an answer was lost again. */
import { sql } from 'kysely';
import type { DegradedTicket, DegradedTickets } from '../deps-healing.ts';
import type { Database } from './database.ts';
import { hasLate } from './incidents.ts';

/** Any number that is nobody else's. */
const TELLER_LOCK = 5_871_203_442;
/** After so many looks in vain it stays as it is: what can't be got is not asked for for ever. */
const MOST_LOOKS = 8;

export interface DegradedRules {
  /** No look while a call has failed within it. The first look of a ticket waits so long, each further one twice as long as the last. */
  readonly windowMs: number;
  /** By all workers together. */
  readonly perSecond: number;
}

export function createDegradedTickets(db: Database, { windowMs, perSecond }: DegradedRules): DegradedTickets {
  const window = sql`make_interval(secs => ${windowMs / 1000})`;
  const same = ({ ticketId, provider, at }: DegradedTicket) =>
    sql`ticket_id = ${ticketId} and provider = ${provider} and ${micros(sql`again_at`)} = ${at}`;
  return {
    take: () =>
      db.transaction().execute(async (tx) => {
        // In a statement of its own: the next one must see what the last holder of the lock has taken.
        const lock = await sql<{
          free: boolean;
        }>`select pg_try_advisory_xact_lock(${TELLER_LOCK}::bigint) as free`.execute(tx);
        if (lock.rows[0]?.free !== true) return [];
        const { rows } = await sql<DegradedTicket>`
          with waiting as (
            select d.*, t.state <> 'closed' and ${MISSES} and d.looks < ${MOST_LOOKS} as wants
            from degraded_tickets d join tickets t on t.id = d.ticket_id
            where d.settled_at is null and greatest(d.at, d.again_at) < now() - ${window} * power(2, d.looks)
              and not exists (select 1 from provider_circuits c
                where c.provider = d.provider and c.last_failure_at > now() - ${window})
              and not exists (select 1 from provider_incidents i where i.provider = d.provider
                and (i.over_at is null or ${hasLate(windowMs)}))
          ), settled as (
            update degraded_tickets d set settled_at = now() from waiting w
            where not w.wants and d.ticket_id = w.ticket_id and d.provider = w.provider
          ), due as (
            select ticket_id, provider from waiting where wants order by at, ticket_id
            limit (select greatest(0, ${perSecond} - count(*)) from degraded_tickets
              where settled_at is null and again_at > now() - interval '1 second')
          )
          update degraded_tickets d set again_at = now(), looks = d.looks + 1 from due
          where d.ticket_id = due.ticket_id and d.provider = due.provider
          returning d.ticket_id as "ticketId", d.provider, ${micros(sql`d.again_at`)} as at`.execute(tx);
        return rows;
      }),

    async giveBack(ticket) {
      await sql`update degraded_tickets set again_at = null, looks = looks - 1 where ${same(ticket)}`.execute(db);
    },

    async settle(ticket) {
      await sql`update degraded_tickets set settled_at = now() where ${same(ticket)}`.execute(db);
    },
  };
}

/** The ticket says of itself that the provider was asked for a mood, and did not answer; as its trigger reads it. */
const MISSES = sql`(coalesce((t.facts -> 'degraded') ? 'sentiment', false)
  or t.facts #>> '{sentimentNow,outcome}' in ('fallback', 'missing') and t.facts #>> '{sentimentNow,reason}' is not null)`;

function micros(time: ReturnType<typeof sql>) {
  return sql`(extract(epoch from ${time}) * 1000000)::bigint::text`;
}
