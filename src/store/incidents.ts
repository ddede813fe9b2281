/** Incidents as their workflows tend them. */
import { sql } from 'kysely';
import type { Begun, IncidentStore } from '../deps-healing.ts';
import type { Stop, Watched } from '../domain/circuit.ts';
import { StewardError } from '../domain/errors.ts';
import type { Incident } from '../domain/incident.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** Somebody who was to begin with it and did not: another one is. */
const BEGIN_WITHIN = '10 seconds';
/** A ticket whose worker died over its question says so late: it is told all the same, by an incident that was over. */
const LATE = '10 minutes';
/** What was looked at again long ago leads nowhere: the ticket's timeline has it. */
const KEPT_DAYS = 30;

/** `windowMs`: calls that failed within it before the circuit opened belong to the incident. */
export function createIncidentStore(db: Database, windowMs: number): IncidentStore {
  async function get(incidentId: string): Promise<Incident> {
    const { rows } = await sql<IncidentRow>`${SELECT} where id = ${incidentId}`.execute(db);
    const row = rows[0];
    if (!row) throw new StewardError('InvalidRequest', `there is no incident ${incidentId}`);
    return incidentOf(row);
  }

  return {
    get,

    async watch(incidentId, ms) {
      await sql`update provider_incidents set watched_until = now() + make_interval(secs => ${ms / 1000})
        where id = ${incidentId} and over_at is null`.execute(db);
    },

    async probed(incidentId, { probes, good, pauseMs, nextAt, last }, close) {
      await sql`with probed as (update provider_incidents set probes = ${probes}, good_probes = ${good}, pause_ms = ${pauseMs},
          probe_at = ${new Date(nextAt)}, last_probe = ${last},
          closed_at = case when ${close} then now() end, closed_by = case when ${close} then 'probe' end
          where id = ${incidentId} and closed_at is null returning *),
        closed as (select * from probed where closed_at is not null),
        afresh as (update provider_circuits c set failures = 0, successes = 0 from closed where c.provider = closed.provider)
        ${insertAuditFrom(
          'incident.closed',
          sql`'workflow', 'heal-' || provider || '-' || id,
          'incident/' || id, 'probe', null::jsonb, jsonb_build_object('provider', provider, 'probes', probes, 'used', used)
          from closed`,
        )}`.execute(db);
      return get(incidentId);
    },

    async failedSince(provider, at) {
      const { rows } = await sql`select 1 from provider_circuits where provider = ${provider}
        and last_failure_at >= ${new Date(at)}`.execute(db);
      return rows.length > 0;
    },

    async isTold(incidentId, occasion, recipientId) {
      const { rows } = await sql`select 1 from incident_messages where incident_id = ${incidentId}
        and occasion = ${occasion} and recipient_id = ${recipientId} and status = 'sent' limit 1`.execute(db);
      return rows.length > 0;
    },

    async beginMessage({ incidentId, occasion, recipientId, channel }) {
      const { rows } = await sql<{ was: Begun }>`
        with before as (select status from incident_messages where incident_id = ${incidentId} and occasion = ${occasion}
          and recipient_id = ${recipientId} and channel = ${channel} for update),
        begun as (insert into incident_messages as m (incident_id, occasion, recipient_id, channel, status)
          values (${incidentId}, ${occasion}, ${recipientId}, ${channel}, 'sending')
          on conflict (incident_id, occasion, recipient_id, channel) do update
            set status = 'sending', attempts = m.attempts + 1, updated_at = now() where m.status <> 'sent' returning m.*),
        audit as (${insertAuditFrom(
          'incident.intent',
          sql`'workflow', 'heal-' || i.provider || '-' || i.id,
          'incident/' || i.id, b.occasion, null::jsonb, jsonb_build_object('to', b.recipient_id, 'channel', b.channel)
          from begun b join provider_incidents i on i.id = b.incident_id`,
        )})
        select coalesce((select case status when 'sent' then 'sent' when 'failed' then 'send' else 'again' end from before),
          'send') as was`.execute(db);
      return rows[0]?.was ?? 'send';
    },

    async finishMessage({ incidentId, occasion, recipientId, channel }, outcome) {
      const reason = outcome.status === 'sent' ? null : outcome.reason;
      await sql`with finished as (update incident_messages set status = ${outcome.status}, reason = ${reason}, updated_at = now()
          where incident_id = ${incidentId} and occasion = ${occasion} and recipient_id = ${recipientId}
            and channel = ${channel} and status <> 'sent' returning *)
        ${insertAuditFrom(
          'incident.outcome',
          sql`'workflow', 'heal-' || i.provider || '-' || i.id,
          'incident/' || i.id, f.occasion, null::jsonb,
          jsonb_build_object('to', f.recipient_id, 'channel', f.channel, 'status', f.status)
          from finished f join provider_incidents i on i.id = f.incident_id`,
        )}`.execute(db);
    },

    async toLookAgain(incidentId, limit) {
      const { rows } = await sql<{ ticket_id: string }>`select d.ticket_id ${degradedOf(incidentId, windowMs)}
        and d.again_at is null and not exists (select 1 from provider_incidents o where o.provider = i.provider and o.closed_at is null)
        order by d.at, d.ticket_id limit ${limit}`.execute(db);
      return rows.map((row) => row.ticket_id);
    },

    async lookedAgain(provider, ticketIds) {
      await sql`update degraded_tickets set again_at = now()
        where provider = ${provider} and ticket_id = any(${[...ticketIds]}::text[])`.execute(db);
    },

    async countDegraded(incidentId) {
      const { rows } = await sql<{
        count: number;
      }>`select count(*)::integer as count ${degradedOf(incidentId, windowMs)}`.execute(db);
      return rows[0]?.count ?? 0;
    },

    async end(incidentId) {
      await sql`update provider_incidents set over_at = now() where id = ${incidentId} and over_at is null`.execute(db);
      await sql`delete from degraded_tickets where at < now() - make_interval(days => ${KEPT_DAYS})`.execute(db);
    },

    async wanting() {
      const { rows } = await sql<{ incidentId: string; provider: Watched }>`
        update provider_incidents i set over_at = null, watched_until = now() + interval '${sql.raw(BEGIN_WITHIN)}'
        where over_at is null and watched_until <= now() or over_at is not null and ${hasLate(windowMs)}
        returning id as "incidentId", provider`.execute(db);
      return rows;
    },
  };
}

function degradedOf(incidentId: string, windowMs: number) {
  return sql`from degraded_tickets d join provider_incidents i on i.provider = d.provider
    where i.id = ${incidentId}
      and d.at >= i.opened_at - make_interval(secs => ${windowMs / 1000})`;
}

/** A ticket did without the provider in incident `i`, or shortly after, and was noted when all seemed done. */
export function hasLate(windowMs: number) {
  const late = sql`interval '${sql.raw(LATE)}'`;
  return sql`i.closed_at > now() - 2 * ${late}
    and not exists (select 1 from provider_incidents o where o.provider = i.provider and o.id > i.id)
    and exists (select 1 from degraded_tickets d where d.provider = i.provider and d.again_at is null
      and d.at >= i.opened_at - make_interval(secs => ${windowMs / 1000}) and d.at < i.closed_at + ${late})`;
}

const SELECT = sql`select id, provider, reason, opened_at, used, unhelped, stopped_why, probes, good_probes,
  pause_ms::float8 as pause_ms, probe_at, last_probe, closed_at, closed_by, over_at from provider_incidents`;

interface IncidentRow {
  readonly id: string;
  readonly provider: Watched;
  readonly reason: string;
  readonly opened_at: Date;
  readonly used: number;
  readonly unhelped: number;
  readonly stopped_why: Stop | null;
  readonly probes: number;
  readonly good_probes: number;
  readonly pause_ms: number;
  readonly probe_at: Date;
  readonly last_probe: string | null;
  readonly closed_at: Date | null;
  readonly closed_by: string | null;
  readonly over_at: Date | null;
}

function incidentOf(row: IncidentRow): Incident {
  const { closed_at: closedAt, closed_by: closedBy } = row;
  return {
    id: row.id,
    provider: row.provider,
    reason: row.reason,
    openedAt: row.opened_at.getTime(),
    remedy: { used: row.used, unhelped: row.unhelped, stopped: row.stopped_why },
    probing: {
      probes: row.probes,
      good: row.good_probes,
      pauseMs: row.pause_ms,
      nextAt: row.probe_at.getTime(),
      last: row.last_probe,
    },
    closed: closedAt === null || closedBy === null ? null : { at: closedAt.getTime(), by: closedBy },
    isOver: row.over_at !== null,
  };
}
