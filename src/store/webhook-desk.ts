/** Webhooks as an operator sees them, and what an operator may say about them. */
import { sql } from 'kysely';
import type { AuditActor, AuditEntry } from '../domain/audit.ts';
import type { WhatOf } from '../domain/audit-actions.ts';
import { StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { TEST_EVENT, type WebhookStatus } from '../domain/webhook.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';

/** Times are ISO 8601. */
export interface EndpointLine {
  readonly name: string;
  /** `open`: only probes go out; `disabled`: the receiver said that it is gone; `removed`: it is no longer in the file. */
  readonly standing: 'closed' | 'open' | 'disabled' | 'removed';
  readonly since: string | null;
  readonly probeAt: string | null;
  readonly waiting: number;
  readonly oldestWaiting: string | null;
  readonly failed: number;
  readonly lastSuccess: string | null;
  readonly lastFailure: string | null;
  readonly reason: string | null;
}

export interface MessageLine {
  readonly messageId: string;
  readonly endpoint: string;
  readonly sequence: number;
  readonly type: string;
  readonly ticketId: string | null;
  readonly at: string;
  readonly status: WebhookStatus;
  readonly attempts: number;
  /** Of one that waits. */
  readonly nextAt: string | null;
  readonly reason: string | null;
}

/** Which messages: that one, or an endpoint's since then, all of them or only those that were given up. */
export type WebhookSelection =
  | { readonly messageId: string }
  | { readonly endpoint: string; readonly since: Date; readonly failedOnly: boolean };

export function createWebhookDesk(db: Database, by: AuditActor) {
  const entry = (what: WhatOf<'webhook'>, endpoint: string, after: JsonObject): AuditEntry => ({
    actor: by,
    action: `webhook.${what}`,
    object: `webhook/${endpoint}`,
    after,
  });

  async function assertEndpoint(name: string): Promise<void> {
    const known = await db.selectFrom('webhook_endpoints').select('name').orderBy('name').execute();
    if (known.some((one) => one.name === name)) return;
    const names = known.map((one) => one.name).join(', ') || 'none; policies/webhooks.yaml is read at a start';
    throw new StewardError('InvalidRequest', `there is no endpoint ${name}; there are ${names}`);
  }

  const desk = {
    async endpoints(): Promise<EndpointLine[]> {
      const { rows } =
        await sql<EndpointRow>`select e.name, e.opened_at, e.probe_at, e.disabled_at, e.disabled_why, e.active,
          e.last_success_at, e.last_failure_at, e.last_failure,
          (select count(*)::integer from webhook_messages m where m.endpoint = e.name and m.status = 'pending') as waiting,
          (select min(m.at) from webhook_messages m where m.endpoint = e.name and m.status = 'pending') as oldest,
          (select count(*)::integer from webhook_messages m where m.endpoint = e.name and m.status = 'failed') as failed
        from webhook_endpoints e order by e.name`.execute(db);
      return rows.map(endpointLine);
    },

    /** The newest first. @throws StewardError InvalidRequest: there is no such endpoint */
    async messages(endpoint: string, limit: number, status?: WebhookStatus): Promise<MessageLine[]> {
      await assertEndpoint(endpoint);
      let query = db.selectFrom('webhook_messages').selectAll().where('endpoint', '=', endpoint);
      if (status !== undefined) query = query.where('status', '=', status);
      return (await query.orderBy('id', 'desc').limit(limit).execute()).map(messageLine);
    },

    /** What `redeliver` would send again: settled ones, the oldest first. @throws StewardError InvalidRequest */
    async selected(selection: WebhookSelection): Promise<MessageLine[]> {
      if ('endpoint' in selection) await assertEndpoint(selection.endpoint);
      const rows = await db
        .selectFrom('webhook_messages')
        .selectAll()
        .where(whichOf(selection))
        .where('status', '<>', 'pending')
        .orderBy('id')
        .execute();
      if (rows.length === 0 && 'messageId' in selection) {
        const { messageId } = selection;
        throw new StewardError('InvalidRequest', `there is no message ${messageId}, or it waits to be sent already`);
      }
      return rows.map(messageLine);
    },

    /** They go out again, under the ids that they had; an audit entry for each endpoint. Answers how many. */
    async redeliver(selection: WebhookSelection): Promise<number> {
      const lines = await desk.selected(selection);
      let count = 0;
      for (const endpoint of new Set(lines.map((line) => line.endpoint))) {
        const ids = lines.filter((line) => line.endpoint === endpoint).map(({ messageId }) => messageId);
        const how: JsonObject =
          'messageId' in selection
            ? { message: selection.messageId }
            : { since: selection.since.toISOString(), failedOnly: selection.failedOnly };
        const logged = entry('redelivered', endpoint, { messages: ids.length, ...how });
        const { rows } = await sql`with changed as (update webhook_messages set status = 'pending', attempts = 0,
            next_at = now(), due_from = now(), reason = null, settled_at = null
            where message_id = any(${ids}::uuid[]) and status <> 'pending' returning message_id),
          audit as (${insertAudit([logged], CHANGED)})
          select message_id from changed`.execute(db);
        count += rows.length;
      }
      return count;
    },

    /** Writes a message that says only that it is a test; an open circuit is probed with it at once. Answers its id. */
    async test(endpoint: string): Promise<string> {
      await assertEndpoint(endpoint);
      const [line] = (await desk.endpoints()).filter(({ name }) => name === endpoint);
      if (line?.standing === 'disabled' || line?.standing === 'removed') {
        const mend =
          line.standing === 'disabled' ? `npx steward webhook enable ${endpoint}` : 'put it there and start anew';
        throw new StewardError('InvalidRequest', `${endpoint} is ${sayStanding(line.standing)}: ${mend}`);
      }
      const { rows } = await sql<{ message_id: string }>`with probed as (update webhook_endpoints set probe_at = now()
          where name = ${endpoint} and opened_at is not null),
        changed as (insert into webhook_messages (endpoint, type, facts) values (${endpoint}, ${TEST_EVENT}, '{}') returning message_id),
        audit as (${insertAudit([entry('tested', endpoint, {})])})
        select message_id from changed`.execute(db);
      return rows[0]?.message_id ?? '';
    },

    async message(messageId: string): Promise<MessageLine | null> {
      const row = await db
        .selectFrom('webhook_messages')
        .selectAll()
        .where('message_id', '=', messageId)
        .executeTakeFirst();
      return row === undefined ? null : messageLine(row);
    },

    /** Takes back that its receiver is gone, and closes its circuit. @throws StewardError InvalidRequest */
    async enable(endpoint: string): Promise<void> {
      await assertEndpoint(endpoint);
      await sql`with changed as (update webhook_endpoints set disabled_at = null, disabled_why = null, failures = 0,
          opened_at = null, probe_at = null, pause_ms = null
          where name = ${endpoint} and (disabled_at is not null or opened_at is not null) returning 1)
        ${insertAudit([entry('enabled', endpoint, {})], CHANGED)}`.execute(db);
    },
  };
  return desk;
}
export type WebhookDesk = ReturnType<typeof createWebhookDesk>;

function whichOf(selection: WebhookSelection) {
  if ('messageId' in selection) {
    const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(selection.messageId);
    return isId ? sql<boolean>`message_id = ${selection.messageId}::uuid` : sql<boolean>`false`;
  }
  const { endpoint, since, failedOnly } = selection;
  return sql<boolean>`endpoint = ${endpoint} and at >= ${since} and (status = 'failed' or not ${failedOnly})`;
}

export function sayStanding(standing: EndpointLine['standing']): string {
  return standing === 'removed' ? 'no longer in policies/webhooks.yaml' : standing;
}

interface EndpointRow {
  readonly name: string;
  readonly active: boolean;
  readonly opened_at: Date | null;
  readonly probe_at: Date | null;
  readonly disabled_at: Date | null;
  readonly disabled_why: string | null;
  readonly last_success_at: Date | null;
  readonly last_failure_at: Date | null;
  readonly last_failure: string | null;
  readonly waiting: number;
  readonly oldest: Date | null;
  readonly failed: number;
}
function endpointLine(row: EndpointRow): EndpointLine {
  const standing = !row.active ? 'removed' : row.disabled_at ? 'disabled' : row.opened_at ? 'open' : 'closed';
  return {
    name: row.name,
    standing,
    since: (row.disabled_at ?? row.opened_at)?.toISOString() ?? null,
    probeAt: row.probe_at?.toISOString() ?? null,
    waiting: row.waiting,
    oldestWaiting: row.oldest?.toISOString() ?? null,
    failed: row.failed,
    lastSuccess: row.last_success_at?.toISOString() ?? null,
    lastFailure: row.last_failure_at?.toISOString() ?? null,
    reason: row.disabled_why ?? row.last_failure,
  };
}

interface MessageRow {
  readonly id: string;
  readonly message_id: string;
  readonly endpoint: string;
  readonly type: string;
  readonly ticket_id: string | null;
  readonly at: Date;
  readonly status: WebhookStatus;
  readonly attempts: number;
  readonly next_at: Date;
  readonly reason: string | null;
}
function messageLine(row: MessageRow): MessageLine {
  return {
    messageId: row.message_id,
    endpoint: row.endpoint,
    sequence: Number(row.id),
    type: row.type,
    ticketId: row.ticket_id,
    at: row.at.toISOString(),
    status: row.status,
    attempts: row.attempts,
    nextAt: row.status === 'pending' ? row.next_at.toISOString() : null,
    reason: row.reason,
  };
}
