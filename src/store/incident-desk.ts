/** Incidents of providers as an operator sees them, and how one is ended by hand. */
import { sql } from 'kysely';
import type { AuditActor } from '../domain/audit.ts';
import type { Stop, Watched } from '../domain/circuit.ts';
import { StewardError } from '../domain/errors.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** Times are ISO 8601. */
export interface IncidentLine {
  readonly id: string;
  readonly provider: Watched;
  /** `closed`: the provider is called again, and what was done without it is being made up for. */
  readonly standing: 'open' | 'closed' | 'over';
  readonly reason: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly used: number;
  readonly stopped: Stop | null;
  readonly probes: number;
  readonly probeAt: string;
  readonly lastProbe: string | null;
}

export interface IncidentReport extends IncidentLine {
  readonly told: readonly IncidentTold[];
  /** Tickets that did without the provider and still wait to be looked at. */
  readonly waiting: number;
}
export interface IncidentTold {
  readonly occasion: string;
  readonly to: string;
  readonly channel: string;
  readonly status: string;
  readonly reason: string | null;
}

export function createIncidentDesk(db: Database, by: AuditActor) {
  const desk = {
    /** The newest first. */
    async list(limit: number): Promise<IncidentLine[]> {
      const rows = await db.selectFrom('provider_incidents').selectAll().orderBy('id', 'desc').limit(limit).execute();
      return rows.map((row) => ({
        id: row.id,
        provider: row.provider,
        standing: row.over_at ? 'over' : row.closed_at ? 'closed' : 'open',
        reason: row.reason,
        openedAt: row.opened_at.toISOString(),
        closedAt: row.closed_at?.toISOString() ?? null,
        closedBy: row.closed_by,
        used: row.used,
        stopped: row.stopped_why,
        probes: row.probes,
        probeAt: row.probe_at.toISOString(),
        lastProbe: row.last_probe,
      }));
    },

    /** @throws StewardError InvalidRequest: there is no such incident */
    async show(id: string): Promise<IncidentReport> {
      const line = /^\d{1,18}$/.test(id) ? (await desk.list(MOST)).find((one) => one.id === id) : undefined;
      if (!line) throw new StewardError('InvalidRequest', `there is no incident ${id}: npx steward incident list`);
      const told = await db
        .selectFrom('incident_messages')
        .select(['occasion', 'recipient_id as to', 'channel', 'status', 'reason'])
        .where('incident_id', '=', id)
        .orderBy('updated_at')
        .execute();
      const { rows } = await sql<{ count: number }>`select count(*)::integer as count from degraded_tickets
        where provider = ${line.provider} and again_at is null`.execute(db);
      return { ...line, told, waiting: rows[0]?.count ?? 0 };
    },

    /** The provider is called again at once. False: it was already. @throws StewardError InvalidRequest */
    async close(id: string): Promise<boolean> {
      await desk.show(id);
      const { rows } = await sql`with closed as (update provider_incidents set closed_at = now(), closed_by = ${by.id},
          watched_until = now() where id = ${id} and closed_at is null returning id, provider, used),
        afresh as (update provider_circuits c set failures = 0, successes = 0 from closed where c.provider = closed.provider),
        audit as (${insertAuditFrom(
          'incident.closed',
          sql`${by.kind}::text, ${by.id}::text, 'incident/' || id,
          'by hand', null::jsonb, jsonb_build_object('provider', provider, 'used', used) from closed`,
        )})
        select id from closed`.execute(db);
      return rows.length > 0;
    },
  };
  return desk;
}
export type IncidentDesk = ReturnType<typeof createIncidentDesk>;

const MOST = 10_000;
