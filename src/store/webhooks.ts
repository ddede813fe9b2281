/** What endpoints are told, as the worker sends it. Triggers write it: migrations/0019_webhooks.sql. */
import { sql } from 'kysely';
import { webhookWorkflowId } from '../contract.ts';
import type { WebhookStore } from '../deps-webhooks.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { Circuit, WebhookMessage, WebhookPass } from '../domain/webhook.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';

/** What was told long ago leads nowhere: the ticket's timeline and the audit log have it. */
const KEPT_DAYS = 30;
/** So many rows at once, so that no pass waits for a great tidying. */
const TIDIED = 1_000;
/** Failures of an earlier message of the same ticket after which later ones overtake it; the receiver tells by the sequence. */
const HOLDS_BACK = 3;
/** Somebody who was to begin a pass and did not: another one is. */
const BEGIN_WITHIN = '10 seconds';

/** Of more that wait nobody need know when each is next. */
const LOOKED_AT = 1_000;

/**
 * Message `m` waits for an earlier one of its ticket. With a limit, so that it is looked up in the index for each row: as a join, planned when
 * the table was small, it compared every message that waits with every other one.
 */
const HELD_BACK = sql`(select e.id from webhook_messages e where e.endpoint = m.endpoint and e.ticket_id = m.ticket_id
  and e.status = 'pending' and e.id < m.id and e.attempts < ${sql.lit(HOLDS_BACK)} limit 1) is not null`;

export function createWebhookStore(db: Database): WebhookStore {
  return {
    async hold(endpoint, ms) {
      const { rows } = await sql<CircuitRow>`update webhook_endpoints
        set held_until = now() + make_interval(secs => ${ms / 1000})
        where name = ${endpoint} and active and disabled_at is null
        returning failures, opened_at, probe_at, pause_ms`.execute(db);
      return rows[0] === undefined ? null : circuitOf(rows[0]);
    },

    async due(endpoint, { limit, probe }) {
      const order = probe ? sql`(m.type = 'webhook.test') desc, m.id` : sql`m.id`;
      const { rows } = await sql<MessageRow>`select id, message_id, type, ticket_id, at, facts, attempts, due_from
        from webhook_messages m where endpoint = ${endpoint} and status = 'pending' and (next_at <= now() or ${probe})
          and not ${HELD_BACK}
        order by ${order} limit ${limit}`.execute(db);
      return rows.map(messageOf);
    },

    async settle(endpoint, messageId, status) {
      await sql`with settled as (update webhook_messages set status = ${status}, settled_at = now(), reason = null
          where message_id = ${messageId} and status = 'pending' returning status)
        update webhook_endpoints set last_success_at = now()
        where name = ${endpoint} and exists (select 1 from settled where status = 'sent')`.execute(db);
    },

    async fail(endpoint, messageId, { reason, nextAt, counted }) {
      await sql`with failed as (update webhook_messages set reason = ${reason}, attempts = attempts + ${counted ? 1 : 0},
          next_at = coalesce(${nextAt}::timestamptz, next_at),
          status = case when ${nextAt}::timestamptz is null then 'failed' else status end,
          settled_at = case when ${nextAt}::timestamptz is null then now() end
          where message_id = ${messageId} and status = 'pending')
        update webhook_endpoints set last_failure_at = now(), last_failure = ${reason} where name = ${endpoint}`.execute(
        db,
      );
    },

    async saveCircuit(endpoint, { failures, open }, refused = []) {
      await sql`with o as (select name, opened_at from webhook_endpoints where name = ${endpoint} for update),
        changed as (update webhook_endpoints e set failures = ${failures},
          opened_at = ${open ? new Date(open.since) : null}::timestamptz, probe_at = ${open ? new Date(open.probeAt) : null}::timestamptz,
          pause_ms = ${open?.pauseMs ?? null}::bigint
          from o where e.name = o.name returning o.opened_at is not null and e.opened_at is null as closes)
        update webhook_messages set next_at = now()
        where endpoint = ${endpoint} and status = 'pending' and message_id::text <> all(${[...refused]}::text[])
          and exists (select 1 from changed where closes)`.execute(db);
    },

    async disable(endpoint, why) {
      const entry: AuditEntry = {
        actor: { kind: 'workflow', id: webhookWorkflowId(endpoint) },
        action: 'webhook.disabled',
        object: `webhook/${endpoint}`,
        why,
      };
      await sql`with changed as (update webhook_endpoints set disabled_at = now(), disabled_why = ${why}
          where name = ${endpoint} and disabled_at is null returning 1)
        ${insertAudit([entry], CHANGED)}`.execute(db);
    },

    async tidy(endpoint, horizonMs) {
      await sql`update webhook_messages set status = 'failed', settled_at = now(),
          reason = coalesce('its time was over; last: ' || reason, 'its time was over')
        where endpoint = ${endpoint} and status = 'pending'
          and due_from < now() - make_interval(secs => ${horizonMs / 1000})`.execute(db);
      await sql`delete from webhook_messages where id in (select id from webhook_messages
        where endpoint = ${endpoint} and at < now() - make_interval(days => ${KEPT_DAYS}) and status <> 'pending'
        limit ${TIDIED})`.execute(db);
    },

    async release(endpoint) {
      const { rows } = await sql<{
        standing: WebhookPass['standing'];
        waiting: number;
        next_ms: number | null;
      }>`with released as (update webhook_endpoints set held_until = null where name = ${endpoint}
          returning active, disabled_at, probe_at),
        waiting as (select count(*)::integer as count from webhook_messages where endpoint = ${endpoint} and status = 'pending'),
        first as (select * from webhook_messages where endpoint = ${endpoint} and status = 'pending' order by id limit ${LOOKED_AT}),
        next as (select min(next_at) as next_at from first m where not ${HELD_BACK})
        select case when not active then 'removed' when disabled_at is not null then 'disabled'
            when probe_at is not null then 'open' else 'closed' end as standing,
          count as waiting,
          greatest(0, extract(epoch from coalesce(probe_at, next_at) - now()) * 1000)::float8 as next_ms
        from released, waiting, next`.execute(db);
      const row = rows[0];
      if (row === undefined || row.standing === 'removed' || row.standing === 'disabled') {
        return { nextMs: null, waiting: row?.waiting ?? 0, standing: row?.standing ?? 'removed' };
      }
      const { standing, waiting } = row;
      return { nextMs: waiting === 0 ? null : Math.ceil(row.next_ms ?? 0), waiting, standing };
    },

    async wanting() {
      const { rows } = await sql<{ name: string }>`update webhook_endpoints e
        set held_until = now() + interval '${sql.raw(BEGIN_WITHIN)}'
        where active and disabled_at is null and (held_until is null or held_until < now())
          and (opened_at is null or probe_at <= now())
          and (select m.id from webhook_messages m where m.endpoint = e.name and m.status = 'pending'
            and (m.next_at <= now() or e.opened_at is not null) and not ${HELD_BACK} order by m.id limit 1) is not null
        returning name`.execute(db);
      return rows.map(({ name }) => name);
    },
  };
}

export interface NamedEndpoint {
  readonly name: string;
  readonly events: readonly string[];
  readonly sources: readonly string[] | null;
}

/** Writes down which endpoints there are, for the triggers. One that is no longer among them gets nothing any more, and keeps what it has. */
export async function saveWebhookEndpoints(db: Database, endpoints: readonly NamedEndpoint[]): Promise<void> {
  const names = endpoints.map(({ name }) => name);
  await db.transaction().execute(async (tx) => {
    for (const { name, events, sources } of endpoints) {
      await sql`insert into webhook_endpoints (name, events, sources, active)
        values (${name}, ${[...events]}::text[], ${sources === null ? null : [...sources]}::text[], true)
        on conflict (name) do update set events = excluded.events, sources = excluded.sources, active = true`.execute(
        tx,
      );
    }
    await sql`update webhook_endpoints set active = false where active and name <> all(${names}::text[])`.execute(tx);
  });
}

interface CircuitRow {
  readonly failures: number;
  readonly opened_at: Date | null;
  readonly probe_at: Date | null;
  readonly pause_ms: string | null;
}
function circuitOf({ failures, opened_at, probe_at, pause_ms }: CircuitRow): Circuit {
  if (opened_at === null || probe_at === null) return { failures, open: null };
  return {
    failures,
    open: { since: opened_at.getTime(), probeAt: probe_at.getTime(), pauseMs: Number(pause_ms ?? 0) },
  };
}

interface MessageRow {
  readonly id: string;
  readonly message_id: string;
  readonly type: WebhookMessage['type'];
  readonly ticket_id: string | null;
  readonly at: Date;
  readonly facts: WebhookMessage['facts'];
  readonly attempts: number;
  readonly due_from: Date;
}
function messageOf(row: MessageRow): WebhookMessage {
  return {
    messageId: row.message_id,
    sequence: Number(row.id),
    type: row.type,
    ticketId: row.ticket_id,
    at: row.at.toISOString(),
    facts: row.facts,
    attempts: row.attempts,
    dueFrom: row.due_from.toISOString(),
  };
}
