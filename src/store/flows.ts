import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { FlowName, FlowRule, FlowStore } from '../deps-flows.ts';
import type { AuditAction } from '../domain/audit-actions.ts';
import { type DeploymentKind, PARTS, partsOf, ruling } from '../domain/deployment.ts';
import type { PinnedFlow } from '../domain/plan.ts';
import type { Database } from './database.ts';

/** Versions never change: those that tickets began with lately need not be asked for again. */
const MOST_REMEMBERED = 20;

export function createFlowStore(db: Database): FlowStore {
  const known = new Map<string, PinnedFlow>();
  return {
    async keep({ name, version, definition }) {
      await sql`insert into flow_versions (name, version, definition, read_at)
        values (${name}, ${version}, ${JSON.stringify(definition)}::json, now())
        on conflict (name, version) do update set read_at = excluded.read_at`.execute(db);
    },

    async find({ name, version }) {
      const key = flowKey({ name, version });
      const found = known.get(key) ?? (await readVersion(db, { name, version }));
      if (!found) return undefined;
      known.delete(key);
      known.set(key, found);
      for (const oldest of known.keys()) if (known.size > MOST_REMEMBERED) known.delete(oldest);
      return found;
    },

    standing: (file) => standingOf(db, file),
  };
}

export async function readVersion(db: Database, { name, version }: FlowName): Promise<PinnedFlow | undefined> {
  return db
    .selectFrom('flow_versions')
    .select(['name', 'version', 'definition'])
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst();
}

export async function standingOf(db: Database, file: FlowName): Promise<FlowRule> {
  const newest = await db
    .selectFrom('flow_deployments')
    .select(['kind', 'version', 'base_version as baseVersion'])
    .where('name', '=', file.name)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!newest) return { standing: 'file', ruling: file.version };
  const version = ruling(newest);
  return { standing: version === file.version ? 'deployed' : 'edited', ruling: version };
}

export const DEPLOYMENT_ACTIONS: Readonly<Record<DeploymentKind, AuditAction>> = {
  deploy: 'flow.deployed',
  canary: 'flow.canaryBegan',
  promote: 'flow.canaryPromoted',
  rollback: 'flow.rolledBack',
};

/** `unique_violation`: both were made of the same state, and the other was first. */
export function isNumberTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}

/** How a ticket's row names its flow. */
export function flowKey({ name, version }: FlowName): string {
  return `${name}@${version}`;
}

export function flowOfKey(key: string): FlowName {
  const at = key.lastIndexOf('@');
  return { name: key.slice(0, at), version: key.slice(at + 1) };
}

/**
 * The flow by which a new ticket goes, as SQL: the one place where that is chosen. Within the statement that takes the ticket's id, so that
 * it is chosen once. `file`: what rules where none is deployed.
 */
export function chosenFlow(file: FlowName, ticketId: string): RawBuilder<string> {
  return sql<string>`${file.name}::text || '@' || coalesce((
    select case when kind = 'canary' and ${partOf(ticketId)}::integer >= percent * ${partsOf(1)}::integer
      then base_version else version end
    from flow_deployments where name = ${file.name}::text order by number desc limit 1), ${file.version}::text)`;
}

/** From 0 to `PARTS` - 1: the same for the same ticket, and as good as chance over many. */
export function partOf(ticketId: string): number {
  return createHash('sha256').update(ticketId).digest().readUInt32BE() % PARTS;
}
