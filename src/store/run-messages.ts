/** What flows without a ticket tell somebody. Each change is one statement with its entry in the audit log. */
import { type RawBuilder, sql } from 'kysely';
import type {
  BegunRunMessage,
  RunMessage,
  RunMessageRequest,
  RunMessageStatus,
  RunMessageStore,
} from '../deps-run-messages.ts';
import { type Channel, NOT_TO_SEND, type RecipientKind, type Transport } from '../domain/delivery.ts';
import { StewardError } from '../domain/errors.ts';
import { MASK } from '../domain/personal-data.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { AUTOMATIC, type DeliverySettings } from './deliveries.ts';
import { toJson } from './json.ts';

interface Row {
  readonly id: string;
  readonly workflow_id: string;
  readonly recipient_kind: RecipientKind;
  readonly recipient_id: string;
  readonly channel: Channel;
  readonly transport: Transport;
  readonly status: RunMessageStatus;
  readonly not_before: Date | null;
  readonly repeats: number;
}

/** Before its id, in the name of its file in the outbox. */
export const RUN_FILES = 'run-';

export function createRunMessageStore(
  db: Database,
  { transports, automaticPerDay }: DeliverySettings,
): RunMessageStore {
  return {
    async queue({ workflowId, firstRunId, occasion }, requests) {
      const wanted = requests.map((request, index) => wantedOf(request, index, transports[request.channel]));
      return db.transaction().execute(async (transaction) => {
        await takeTurns(transaction, wanted);
        const key = await transaction
          .selectFrom('data_keys')
          .select('subject_id')
          .where('name', '=', workflowId)
          .executeTakeFirst();
        const customerId = key?.subject_id ?? null;
        if (customerId === null && wanted.some((one) => one.recipient_kind === 'customer')) throw NOBODYS;
        const theirs = wanted.map((one) =>
          one.recipient_kind === 'customer' ? { ...one, recipient_id: customerId } : one,
        );
        const { rows } = await sql<Row>`
          with rows as (insert into run_messages (workflow_id, first_run_id, occasion, recipient_kind, recipient_id, channel, transport,
              status, reason, not_before)
            select ${workflowId}::text, ${firstRunId}::text, ${occasion}::text, w.recipient_kind, w.recipient_id, w.channel, w.transport,
              case when why is null then 'queued' else 'suppressed' end,
              coalesce(why, case when waits > now() then 'waits until ' || to_char(waits at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') end),
              case when waits > now() then waits end
            from jsonb_to_recordset(${toJson(theirs)}::jsonb) as w(index integer, recipient_kind text, recipient_id text, channel text,
              transport text, not_before timestamptz, most integer, within double precision)
            left join customers c on w.recipient_kind = 'customer' and c.id = w.recipient_id
            left join suppressions b on b.customer_id = c.id
            cross join lateral (select case when w.recipient_kind <> 'customer' then null
              when c.frozen_at is not null or c.erased_at is not null then 'the customer is being erased'
              when nullif(c.email, ${MASK}) is null then 'no address known'
              when b.reason = 'bounced' then 'mail to the customer came back'
              when b.reason = 'complained' then 'the customer complained of our mail'
              when ${automaticPerDay} <= (${AUTOMATIC_TODAY}) then 'too many automatic messages in a day' end as why) s
            cross join lateral (select greatest(w.not_before, (${ROOM})) as waits) q
            order by w.index
            on conflict (workflow_id, first_run_id, occasion, recipient_kind, recipient_id, channel)
              do update set updated_at = run_messages.updated_at
            returning *, xmax = 0 as fresh),
          noted as (${insertAuditFrom(
            'runMessage.queued',
            sql`'workflow', workflow_id, 'runMessage/' || id, reason, null::jsonb,
            ${WHAT} || jsonb_build_object('step', occasion, 'status', status) from rows where fresh order by id`,
          )})
          select * from rows`.execute(transaction);
        return rows.map(toMessage);
      });
    },

    async get(messageId) {
      const { rows } = await sql<Row>`select * from run_messages where id = ${messageId}`.execute(db);
      return toMessage(known(rows[0], messageId));
    },

    async begin(messageId) {
      await settle(
        sql`id = ${messageId} and status = 'queued' and recipient_kind = 'customer' and exists (select 1 from customers c
          where c.id = m.recipient_id and (c.frozen_at is not null or c.erased_at is not null))`,
        sql`status = 'suppressed', reason = 'the customer is being erased'`,
      ).execute(db);
      const { rows } = await sql<Row & Pick<BegunRunMessage, 'customer'>>`
        with before as (select * from run_messages where id = ${messageId} for update),
        rows as (update run_messages m set status = 'sending', attempts = m.attempts + 1,
          repeats = m.repeats + (before.status in ('sending', 'unknown'))::integer, updated_at = now()
          from before where m.id = before.id and before.status <> all(${NOT_TO_SEND}::text[]) returning m.*, before.status as was),
        intent as (${insertAuditFrom(
          'runMessage.intent',
          sql`'workflow', workflow_id, 'runMessage/' || id, null::text, jsonb_build_object('status', was),
          ${WHAT} || jsonb_build_object('attempt', attempts, 'repeats', repeats) from rows`,
        )})
        select m.*, case when m.recipient_kind = 'customer' then (select jsonb_build_object('id', c.id, 'name', c.name,
          'email', nullif(c.email, ${MASK})) from customers c where c.id = m.recipient_id) end as customer from before m`.execute(
        db,
      );
      const row = known(rows[0], messageId);
      return { ...toMessage(row), customer: row.customer };
    },

    async finish(messageId, outcome) {
      const isSent = outcome.status === 'sent';
      await settle(
        sql`id = ${messageId} and status <> all(${NOT_TO_SEND}::text[])`,
        sql`status = ${outcome.status}, reason = ${isSent ? null : outcome.reason},
          provider_message_id = coalesce(${isSent ? outcome.providerMessageId : null}, m.provider_message_id)`,
      ).execute(db);
    },
  };
}

function wantedOf({ recipient, channel, notBefore, storm }: RunMessageRequest, index: number, transport: Transport) {
  // Files in the outbox wake nobody.
  const isQuiet = transport === 'outbox';
  return {
    index,
    recipient_kind: recipient.kind,
    recipient_id: recipient.id,
    channel,
    transport,
    not_before: isQuiet ? null : (notBefore ?? null),
    most: isQuiet ? null : (storm?.messages ?? null),
    within: storm ? storm.withinMs / 1_000 : null,
  };
}

/** Of two at once that tell the same person one counts after the other; in one order, so that neither waits for the other for ever. */
async function takeTurns(transaction: Database, wanted: readonly ReturnType<typeof wantedOf>[]): Promise<void> {
  const names = wanted.flatMap(({ most, recipient_id, channel }) => (most ? [`${recipient_id} ${channel}`] : []));
  for (const name of [...new Set(names)].sort()) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`run-message ${name}`}, 0))`.execute(transaction);
  }
}

/** When there is room for one more: so long after the one before so many. */
const ROOM = sql`select coalesce(p.not_before, p.created_at) + make_interval(secs => w.within) from run_messages p
  where w.most is not null and p.recipient_kind = 'agent' and p.recipient_id = w.recipient_id and p.channel = w.channel
    and p.status <> 'suppressed' and coalesce(p.not_before, p.created_at) > now() - make_interval(secs => w.within)
  order by coalesce(p.not_before, p.created_at) desc offset coalesce(w.most, 1) - 1 limit 1`;

/** What they were told without a person's doing, of tickets and of runs. */
const AUTOMATIC_TODAY = sql`select (select count(*) from deliveries d where d.recipient_kind = 'customer' and d.recipient_id = c.id
    and d.template = any(${AUTOMATIC}::text[]) and d.status <> 'suppressed' and d.created_at > now() - interval '1 day')
  + (select count(*) from run_messages p where p.recipient_kind = 'customer' and p.recipient_id = c.id and p.status <> 'suppressed' and p.created_at > now() - interval '1 day')`;

const WHAT = sql`jsonb_build_object('channel', channel, 'transport', transport, 'recipient', recipient_kind)`;

/** Sets messages to what became of them, and logs that; only where they were not settled before. */
function settle(which: RawBuilder<unknown>, set: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`with o as (select m.id, m.status from run_messages m where ${which} for update),
    rows as (update run_messages m set ${set}, updated_at = now() from o where m.id = o.id returning m.*, o.status as was)
    ${insertAuditFrom(
      'runMessage.outcome',
      sql`'workflow', workflow_id, 'runMessage/' || id, reason, jsonb_build_object('status', was),
      jsonb_build_object('status', status, 'attempt', attempts) from rows order by id`,
    )}`;
}

const NOBODYS = new StewardError('InvalidRequest', 'to: the run is about no customer whom we know', {
  problems: [
    { field: 'to', message: 'the run is about no customer whom we know: its input names them, or who starts it' },
  ],
});

function known<R>(row: R | undefined, messageId: string): R {
  if (row) return row;
  throw new StewardError('InvalidRequest', `there is no message ${messageId}`);
}

function toMessage(row: Row): RunMessage {
  const { id, workflow_id, recipient_kind, recipient_id, channel, transport, status, not_before, repeats } = row;
  const recipient = { kind: recipient_kind, id: recipient_id };
  const notBefore = not_before?.getTime() ?? null;
  return { id, workflowId: workflow_id, recipient, channel, transport, status, notBefore, repeats };
}
