import { type RawBuilder, sql } from 'kysely';
import type { Change } from '../domain/journal.ts';
import type { SlaRules } from '../domain/sla.ts';
import type { ClockRow } from '../domain/sla-row.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';

/**
 * The clocks' part of a change, as further CTEs of its statement; nothing where the ticket runs under none. `made`: the CTE whose rows say
 * that this change is the newest, `row` of `updateTicket`. What a lost task of the workflow wrote about a clock gives way, and clocks that
 * only such a task began go: see `change.ts`. One that no policy has a target for is kept only where it was before.
 */
export function clocksPart(change: Change, made: 'row' | 'claimed' = 'row'): RawBuilder<unknown> {
  const { clocks, ticketId, entries } = change;
  const [first, last] = [entries.at(0), entries.at(-1)];
  if (clocks === undefined || first === undefined || last === undefined) return sql``;
  const isNewest = sql`exists (select 1 from ${sql.ref(made)})`;
  return sql`, lost_clocks as (
    delete from sla_clocks where ticket_id = ${ticketId} and revision >= ${first.seq}::integer and written_at < ${last.at}::timestamptz
      and id <> all(${clocks.map(({ id }) => id)}::text[]) and ${isNewest}),
  clocks as (
    insert into sla_clocks as s (ticket_id, id, metric, episode, status, policy, rules, started_at, target_ms, paused_ms, due_at,
      warned_at, breached_at, ended_at, derivation, revision, written_at)
    select ${ticketId}::text, c.id, c.metric, c.episode, c.status, c.policy, c.rules, c."startedAt", c."targetMs", c."pausedMs",
      c."dueAt", c."warnedAt", c."breachedAt", c."endedAt", c.derivation, ${last.seq}::integer, ${last.at}::timestamptz
    from jsonb_to_recordset(${toJson(clocks)}::jsonb) as c(id text, metric text, episode integer, status text, policy text, rules text,
      "startedAt" timestamptz, "targetMs" bigint, "pausedMs" bigint, "dueAt" timestamptz, "warnedAt" timestamptz,
      "breachedAt" timestamptz, "endedAt" timestamptz, derivation text)
    where ${isNewest}
      and (c.status <> 'noSla' or exists (select 1 from sla_clocks o where o.ticket_id = ${ticketId} and o.id = c.id))
    on conflict (ticket_id, id) do update set started_at = excluded.started_at, status = excluded.status, policy = excluded.policy,
      rules = excluded.rules, target_ms = excluded.target_ms, paused_ms = excluded.paused_ms, due_at = excluded.due_at,
      warned_at = excluded.warned_at, breached_at = excluded.breached_at, ended_at = excluded.ended_at, derivation = excluded.derivation,
      revision = excluded.revision, written_at = excluded.written_at
      where (s.started_at, s.status, s.policy, s.rules, s.target_ms, s.paused_ms, s.due_at, s.warned_at, s.breached_at, s.ended_at, s.derivation)
        is distinct from (excluded.started_at, excluded.status, excluded.policy, excluded.rules, excluded.target_ms, excluded.paused_ms,
        excluded.due_at, excluded.warned_at, excluded.breached_at, excluded.ended_at, excluded.derivation))`;
}

/** Keeps the rules under their version, for as long as there is a clock that was set by them. */
export async function saveSlaRules(db: Database, rules: SlaRules): Promise<void> {
  await db
    .insertInto('sla_rules')
    .values({ version: rules.version, rules: toJson(rules) })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .execute();
}

/** A ticket's clocks, the one that began first before the others. */
export async function clocksOf(db: Database, ticketId: string): Promise<ClockRow[]> {
  const rows = await db
    .selectFrom('sla_clocks')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    metric: row.metric,
    episode: row.episode,
    status: row.status,
    policy: row.policy,
    rules: row.rules,
    startedAt: row.started_at.toISOString(),
    targetMs: row.target_ms === null ? null : Number(row.target_ms),
    pausedMs: Number(row.paused_ms),
    dueAt: row.due_at?.toISOString() ?? null,
    warnedAt: row.warned_at?.toISOString() ?? null,
    breachedAt: row.breached_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    derivation: row.derivation,
  }));
}
