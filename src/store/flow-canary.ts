/** Canaries of flows: how their tickets fare, and how one ends. */
import { sql } from 'kysely';
import type { CanaryStore, OpenCanary } from '../deps-flows.ts';
import type { CanaryCounts, Fared } from '../domain/canary.ts';
import type { Deployment } from '../domain/deployment.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { DEPLOYMENT_ACTIONS, flowKey, isNumberTaken } from './flows.ts';

export function createCanaryStore(db: Database): CanaryStore {
  return {
    async open() {
      const { rows } = await sql<{ name: string; number: number; kind: string }>`
        select distinct on (name) name, number, kind from flow_deployments order by name, number desc`.execute(db);
      return rows.flatMap(({ name, number, kind }) => (kind === 'canary' ? { name, number } : []));
    },

    async look({ name, number }) {
      const { rows } = await sql<LookedRow>`
        select version, base_version, percent, watch_ms, min_tickets, d.kind, extract(epoch from now() - made_at)::float8 * 1000 as elapsed_ms,
          next.kind as next_kind, next.made_by as next_by, made_at
        from flow_deployments d
        left join lateral (select kind, made_by from flow_deployments where name = d.name and number = d.number + 1) next on true
        where name = ${name} and number = ${number}`.execute(db);
      const [row] = rows;
      if (row?.kind !== 'canary') return undefined;
      const of = { name, version: row.version, baseVersion: row.base_version, since: row.made_at };
      return {
        canary: { percent: row.percent, watchMs: Number(row.watch_ms), minTickets: row.min_tickets },
        elapsedMs: row.elapsed_ms,
        counts: await countsOf(db, of),
        next: row.next_kind === null ? null : { kind: row.next_kind, by: row.next_by ?? '' },
      };
    },

    async end({ name, number }, { verdict, why }, by) {
      // The admins are to hear of it, written with it: whoever dies here has done both or neither.
      try {
        await sql`with canary as (
            select * from flow_deployments where name = ${name} and number = ${number} and kind = 'canary'
              and not exists (select 1 from flow_deployments where name = ${name} and number > ${number})),
          made as (
            insert into flow_deployments (name, number, kind, version, base_version, made_by, why)
            select name, number + 1, ${verdict}::text, case when ${verdict} = 'promote' then version else base_version end,
              case when ${verdict} = 'promote' then base_version else version end, ${by}::text, ${why}::text
            from canary returning *),
          begun as (
            insert into notices (kind, subject, reason)
            select 'canary', name || ' ' || canary.version || ', number ' || canary.number,
              case when ${verdict} = 'promote' then 'goes on to all new tickets' else 'is taken back' end || ': ' || ${why}::text
            from canary where exists (select 1 from made) returning *),
          audit as (${insertAuditFrom(
            DEPLOYMENT_ACTIONS[verdict],
            sql`'workflow', ${by}::text, 'flow/' || name, why,
              jsonb_build_object('version', base_version), jsonb_build_object('version', version, 'number', number) from made`,
          )})
          ${insertAuditFrom(
            'notice.began',
            sql`'workflow', ${by}::text, 'notice/' || id, reason, null::jsonb,
              jsonb_build_object('kind', kind, 'subject', subject) from begun`,
          )}`.execute(db);
      } catch (error) {
        // Somebody was there before us, perhaps we ourselves; another look tells.
        if (!isNumberTaken(error)) throw error;
      }
    },
  };
}

interface LookedRow {
  readonly version: string;
  readonly base_version: string;
  readonly percent: number;
  readonly watch_ms: string;
  readonly min_tickets: number;
  readonly kind: Deployment['kind'];
  readonly elapsed_ms: number;
  readonly next_kind: Deployment['kind'] | null;
  readonly next_by: string | null;
  readonly made_at: Date;
}

const NONE: Fared = { tickets: 0, failed: 0, parked: 0, escalated: 0 };

/** Of tickets that came since then under the two versions. */
export async function countsOf(db: Database, { name, version, baseVersion, since }: OpenCanary): Promise<CanaryCounts> {
  const { rows } = await sql<Fared & { flow: string }>`
    select flow, count(*)::integer as tickets, count(*) filter (where failed)::integer as failed,
      count(*) filter (where parked)::integer as parked, count(*) filter (where escalated)::integer as escalated
    from (select t.flow,
        bool_or(l.kind in ('retried', 'parked') or l.kind = 'escalated' and l.facts->>'why' in ('flow ended', 'aborted')) as failed,
        bool_or(l.kind = 'parked') as parked, bool_or(l.kind = 'escalated') as escalated
      from tickets t left join timeline l on l.ticket_id = t.id and l.kind in ('retried', 'parked', 'escalated')
      where t.opened_at >= ${since} and t.flow in (${flowKey({ name, version })}, ${flowKey({ name, version: baseVersion })})
      group by t.id) each
    group by flow`.execute(db);
  const of = (wanted: string): Fared => {
    const found = rows.find(({ flow }) => flow === flowKey({ name, version: wanted }));
    if (!found) return NONE;
    const { flow: _, ...fared } = found;
    return fared;
  };
  return { canary: of(version), base: of(baseVersion) };
}
