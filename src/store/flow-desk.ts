/** Versions of flows as who of us deploys them sees them, and what they are tried on. */
import { sql } from 'kysely';
import type { FlowName } from '../deps-flows.ts';
import type { AuditActor } from '../domain/audit.ts';
import type { CanaryCounts } from '../domain/canary.ts';
import { type CanaryOrder, type Deployment, type DeploymentKind, ruling } from '../domain/deployment.ts';
import { StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { PinnedFlow } from '../domain/plan.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { countsOf } from './flow-canary.ts';
import { DEPLOYMENT_ACTIONS, flowOfKey, isNumberTaken, readVersion } from './flows.ts';

export interface DeploymentOrder {
  readonly kind: DeploymentKind;
  readonly flow: PinnedFlow;
  readonly baseVersion: string | null;
  readonly canary?: CanaryOrder;
  readonly why?: string;
  /** The newest change that whoever orders it has seen; 0: there was none. */
  readonly seen: number;
}

/** A ticket that came, in ids, labels and numbers. */
export interface PastTicket {
  readonly ticketId: string;
  readonly flow: FlowName;
  readonly source: string;
  readonly customerId: string;
  readonly channel: string | null;
  readonly platformScore: number | null;
  readonly envelopeTier: string | null;
  readonly openedAt: string;
  readonly facts: JsonObject;
  /** Of its timeline: what it found out and decided, the oldest first. */
  readonly entries: readonly PastEntry[];
}
export interface PastEntry {
  readonly kind: string;
  readonly facts: JsonObject;
}

/** What of a timeline says which way a flow went, and what its modules found. */
const TOLD = ['enriched', 'decided', 'answered', 'handedOver', 'taskEnded'];

export function createFlowDesk(db: Database, by: AuditActor) {
  const desk = {
    /** Every change of what new tickets take, the oldest first. */
    history: (name: string): Promise<Deployment[]> => historyOf(db, name),

    /** How the tickets of a canary fare so far, beside those of the same time that it does not get. */
    fares(canary: Deployment): Promise<CanaryCounts> {
      const { name, version, at } = canary;
      return countsOf(db, { name, version, baseVersion: ruling(canary), since: new Date(at) });
    },

    /** Names of flows that were deployed, or that a worker has in its file. */
    async names(): Promise<string[]> {
      const rows = await db.selectFrom('flow_versions').select('name').distinct().orderBy('name').execute();
      return rows.map(({ name }) => name);
    },

    /** By which new tickets go where none is deployed: what a worker had last in its file; undefined: none had one. */
    async fromFile(name: string): Promise<string | undefined> {
      const row = await db
        .selectFrom('flow_versions')
        .select('version')
        .where('name', '=', name)
        .where('read_at', 'is not', null)
        .orderBy('read_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.version;
    },

    find: (flow: FlowName): Promise<PinnedFlow | undefined> => readVersion(db, flow),

    /** Those that begin with these digits. */
    async versions(name: string, begin: string): Promise<string[]> {
      const rows = await db
        .selectFrom('flow_versions')
        .select('version')
        .where('name', '=', name)
        .where(sql<boolean>`starts_with(version, ${begin})`)
        .execute();
      return rows.map(({ version }) => version);
    },

    /** The last that came of those that went by a flow of this name, the newest first. */
    async lastTickets(name: string, count: number): Promise<PastTicket[]> {
      const tickets = await db
        .selectFrom('tickets')
        .select(['id', 'flow', 'source', 'customer_id', 'channel', 'platform_score', 'envelope_tier', 'opened_at'])
        .select('facts')
        .where(sql<boolean>`starts_with(flow, ${`${name}@`})`)
        .orderBy('opened_at', 'desc')
        .orderBy('id')
        .limit(count)
        .execute();
      const entries = await db
        .selectFrom('timeline')
        .select(['ticket_id', 'kind', 'facts'])
        .where('ticket_id', '=', sql<string>`any(${tickets.map(({ id }) => id)}::text[])`)
        .where('kind', 'in', TOLD)
        .orderBy('seq')
        .execute();
      const told = new Map<string, PastEntry[]>(tickets.map(({ id }) => [id, []]));
      for (const { ticket_id, ...entry } of entries) told.get(ticket_id)?.push(entry);
      return tickets.map((row) => ({
        ticketId: row.id,
        flow: flowOfKey(row.flow),
        source: row.source,
        customerId: row.customer_id,
        channel: row.channel,
        platformScore: row.platform_score,
        envelopeTier: row.envelope_tier,
        openedAt: row.opened_at.toISOString(),
        facts: row.facts,
        entries: told.get(row.id) ?? [],
      }));
    },

    /**
     * Changes what new tickets take. Answers the change's number.
     * @throws StewardError RequestConflict: somebody else has changed it since
     */
    async deploy({ kind, flow, baseVersion, canary, why, seen }: DeploymentOrder): Promise<number> {
      const { name, version, definition } = flow;
      const { percent = null, watchMs = null, minTickets = null } = canary ?? {};
      const number = seen + 1;
      try {
        const { rows } = await sql`with kept as (
            insert into flow_versions (name, version, definition)
            values (${name}, ${version}, ${JSON.stringify(definition)}::json) on conflict (name, version) do nothing),
          made as (
            insert into flow_deployments (name, number, kind, version, base_version, percent, watch_ms, min_tickets, made_by, why)
            select ${name}::text, ${number}::integer, ${kind}::text, ${version}::text, ${baseVersion}::text, ${percent}::integer,
              ${watchMs}::bigint, ${minTickets}::integer, ${by.id}::text, ${why ?? null}::text
            where ${seen}::integer = coalesce((select max(number) from flow_deployments where name = ${name}::text), 0)
            returning *),
          audit as (${insertAuditFrom(
            DEPLOYMENT_ACTIONS[kind],
            sql`${by.kind}::text, ${by.id}::text, 'flow/' || name, why,
              jsonb_build_object('version', base_version), jsonb_build_object('version', version, 'number', number, 'percent', percent) from made`,
          )})
          select number from made`.execute(db);
        if (rows.length > 0) return number;
      } catch (error) {
        if (!isNumberTaken(error)) throw error;
      }
      throw overtaken(name, (await desk.history(name)).at(-1));
    },
  };
  return desk;
}
export type FlowDesk = ReturnType<typeof createFlowDesk>;

function overtaken(name: string, newest: Deployment | undefined): StewardError {
  const what = newest
    ? `${newest.by} made version ${newest.version} its ${newest.kind} at ${newest.at}`
    : 'somebody else';
  return new StewardError(
    'RequestConflict',
    `flow ${name} was changed meanwhile, and nothing was done: ${what}. Look at npx steward flow history ${name}, and say it again.`,
  );
}

export async function historyOf(db: Database, name: string): Promise<Deployment[]> {
  const rows = await db.selectFrom('flow_deployments').selectAll().where('name', '=', name).orderBy('number').execute();
  return rows.map((row) => ({
    name: row.name,
    number: row.number,
    kind: row.kind,
    version: row.version,
    baseVersion: row.base_version,
    canary:
      row.percent === null
        ? null
        : { percent: row.percent, watchMs: Number(row.watch_ms), minTickets: row.min_tickets ?? 1 },
    by: row.made_by,
    why: row.why,
    at: row.made_at.toISOString(),
  }));
}
