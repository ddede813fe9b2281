/** How calls to providers went, and the incidents that come of it. A call that succeeds writes nothing. */
import { sql } from 'kysely';
import type { Circuits, HealingRules, OpenCircuit } from '../deps-healing.ts';
import { firstPause, opens, type Stop, stopOf, type Watched } from '../domain/circuit.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** For so long a worker goes by what it read of the circuits. */
const READ_MS = 250;

export function createCircuits(db: Database, rules: HealingRules): Circuits {
  const successes = new Map<Watched, { count: number; since: number }>();
  let read: { at: number; open: Promise<ReadonlyMap<Watched, OpenCircuit>> } | undefined;

  function openNow(): Promise<ReadonlyMap<Watched, OpenCircuit>> {
    const now = Date.now();
    if (read === undefined || now - read.at > READ_MS) {
      const open = readOpen(db);
      read = { at: now, open };
      // What could not be read is asked for again by whoever comes next.
      open.catch(() => {
        read = undefined;
      });
    }
    return read.open;
  }

  /** Those since the window began, or since the last failure. */
  function takeSuccesses(provider: Watched): number {
    const { count = 0, since = 0 } = successes.get(provider) ?? {};
    successes.delete(provider);
    return Date.now() - since <= rules.circuit.windowMs ? count : 0;
  }

  return {
    open: async (provider) => (await openNow()).get(provider) ?? null,

    succeeded(provider) {
      const known = successes.get(provider);
      const isFresh = known !== undefined && Date.now() - known.since <= rules.circuit.windowMs;
      if (isFresh) known.count += 1;
      else successes.set(provider, { count: 1, since: Date.now() });
    },

    async failed(provider, reason) {
      const { rows } = await sql<{ failures: number; successes: number }>`
        insert into provider_circuits as c (provider, failures, successes, window_began, last_failure_at)
        values (${provider}, 1, ${takeSuccesses(provider)}, now(), now())
        on conflict (provider) do update set (failures, successes, window_began, last_failure_at) = (
          select case when over then 1 else c.failures + 1 end,
            case when over then excluded.successes else c.successes + excluded.successes end,
            case when over then now() else c.window_began end, now()
          from (select c.window_began < now() - make_interval(secs => ${rules.circuit.windowMs / 1000}) as over) w)
        returning failures, successes`.execute(db);
      const counts = rows[0];
      if (!counts || !opens(counts, rules.circuit)) return;
      if (await openCircuit(db, rules, provider, reason)) read = undefined;
    },

    async useRemedy({ incidentId }) {
      const { rows } = await sql<{ provider: Watched }>`select provider from provider_incidents
        where id = ${incidentId}`.execute(db);
      const provider = rows[0]?.provider;
      if (!provider) return false;
      const remedy = rules.remedies[provider];
      const used = await sql`update provider_incidents set used = used + 1
        where id = ${incidentId} and closed_at is null and stopped_at is null and used < ${remedy.atMost}
        returning id`.execute(db);
      if (used.rows.length > 0) return true;
      await stopWhereDue(db, incidentId, rules, provider);
      read = undefined;
      return false;
    },

    async remedyEnded(incidentId, provider, helped) {
      await sql`update provider_incidents set unhelped = case when ${helped} then 0 else unhelped + 1 end
        where id = ${incidentId} and closed_at is null and (unhelped > 0 or not ${helped}::boolean)`.execute(db);
      if (!helped) await stopWhereDue(db, incidentId, rules, provider);
    },

    async degraded(provider, ticketId) {
      await sql`insert into degraded_tickets as d (ticket_id, provider) values (${ticketId}, ${provider})
        on conflict (ticket_id, provider) do update set at = now(), again_at = null, settled_at = null,
          looks = case when d.settled_at is null then d.looks else 0 end`.execute(db);
    },
  };
}

/** Where there is no policy: nothing is counted, and nobody left alone. */
export const NO_CIRCUITS: Circuits = {
  open: async () => null,
  succeeded() {},
  async failed() {},
  useRemedy: async () => false,
  async remedyEnded() {},
  async degraded() {},
};

async function readOpen(db: Database): Promise<ReadonlyMap<Watched, OpenCircuit>> {
  const rows = await db
    .selectFrom('provider_incidents')
    .select(['id', 'provider', 'stopped_at'])
    .where('closed_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.provider, { incidentId: row.id, stopped: row.stopped_at !== null }]));
}

/** False: it was open. Of several at once the unique index lets one in. */
async function openCircuit(db: Database, rules: HealingRules, provider: Watched, reason: string): Promise<boolean> {
  const before = await sql<{ closedAt: number; pauseMs: number }>`
    select extract(epoch from closed_at)::float8 * 1000 as "closedAt", pause_ms::float8 as "pauseMs" from provider_incidents
    where provider = ${provider} and closed_at is not null order by id desc limit 1`.execute(db);
  const pauseMs = firstPause(before.rows[0] ?? null, rules.circuit, Date.now());
  const { rows } = await sql`
    with opened as (insert into provider_incidents (provider, reason, pause_ms, probe_at)
      values (${provider}, ${reason}, ${pauseMs}, now() + make_interval(secs => ${pauseMs / 1000}))
      on conflict (provider) where closed_at is null do nothing returning id, provider, reason),
    audit as (${insertAuditFrom(
      'incident.opened',
      sql`'system', 'worker', 'incident/' || id, reason, null::jsonb,
      jsonb_build_object('provider', provider) from opened`,
    )})
    select id from opened`.execute(db);
  return rows.length > 0;
}

/** The remedy ends, once; its workflow is woken to say so. */
async function stopWhereDue(db: Database, incidentId: string, rules: HealingRules, provider: Watched): Promise<void> {
  const { rows } = await sql<{ used: number; unhelped: number }>`select used, unhelped from provider_incidents
    where id = ${incidentId} and closed_at is null and stopped_at is null`.execute(db);
  const why: Stop | null = rows[0] ? stopOf(rows[0], rules.remedies[provider]) : null;
  if (why === null) return;
  await sql`with stopped as (update provider_incidents set stopped_at = now(), stopped_why = ${why}, watched_until = now()
      where id = ${incidentId} and closed_at is null and stopped_at is null returning id, provider, used)
    ${insertAuditFrom(
      'incident.remedyStopped',
      sql`'system', 'worker', 'incident/' || id, ${why}::text, null::jsonb,
      jsonb_build_object('provider', provider, 'used', used) from stopped`,
    )}`.execute(db);
}
