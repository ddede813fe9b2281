import { type RawBuilder, sql } from 'kysely';
import type { Change } from '../domain/journal.ts';
import type { SlaRules } from '../domain/sla.ts';
import type { ClockRow } from '../domain/sla-row.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';

/**
 * The clocks' part of a change, as a further CTE of its statement; nothing where none changed. A late write never undoes a newer one. One
 * that no policy has a target for is kept only where it was before.
 */
export function clocksPart(change: Change, when: RawBuilder<unknown> = sql`true`): RawBuilder<unknown> {
  const { clocks = [], ticketId, entries } = change;
  const last = entries.at(-1);
  if (clocks.length === 0 || last === undefined) return sql``;
  return sql`, clocks as (
    insert into sla_clocks as s (ticket_id, id, metric, episode, status, policy, rules, started_at, target_ms, paused_ms, due_at,
      warned_at, breached_at, ended_at, derivation, revision, written_at)
    select ${ticketId}::text, c.id, c.metric, c.episode, c.status, c.policy, c.rules, c."startedAt", c."targetMs", c."pausedMs",
      c."dueAt", c."warnedAt", c."breachedAt", c."endedAt", c.derivation, ${last.seq}::integer, ${last.at}::timestamptz
    from jsonb_to_recordset(${toJson(clocks)}::jsonb) as c(id text, metric text, episode integer, status text, policy text, rules text,
      "startedAt" timestamptz, "targetMs" bigint, "pausedMs" bigint, "dueAt" timestamptz, "warnedAt" timestamptz,
      "breachedAt" timestamptz, "endedAt" timestamptz, derivation text)
    where ${when}
      and (c.status <> 'noSla' or exists (select 1 from sla_clocks o where o.ticket_id = ${ticketId} and o.id = c.id))
    on conflict (ticket_id, id) do update set status = excluded.status, policy = excluded.policy, rules = excluded.rules,
      target_ms = excluded.target_ms, paused_ms = excluded.paused_ms, due_at = excluded.due_at, warned_at = excluded.warned_at,
      breached_at = excluded.breached_at, ended_at = excluded.ended_at, derivation = excluded.derivation,
      revision = excluded.revision, written_at = excluded.written_at
      where (s.written_at, s.revision) < (excluded.written_at, excluded.revision))`;
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
