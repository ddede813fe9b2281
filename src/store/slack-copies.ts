/** Which messages of ours stand in Slack, or may stand there: of tickets, and of runs of flows. */
import { type RawBuilder, sql } from 'kysely';
import type { RetainedCopy } from '../deps-retention.ts';
import type { RecipientKind } from '../domain/delivery.ts';

export interface CopyColumns {
  readonly table: RetainedCopy['table'];
  readonly id: string;
  readonly owner: string;
  readonly messageId: string | null;
  readonly deliveryId: string;
  readonly ticketId: string;
  readonly kind: RecipientKind;
  readonly recipient: string;
  readonly from: Date;
  readonly to: Date;
}

/** Of a row `d` of either table. Of what is still being sent or whose answer was lost nobody knows whether it is there. */
export const IN_SLACK = sql`(d.transport = 'slack' and (d.provider_message_id is not null or d.status in ('sending', 'unknown')))`;

/** `CopyColumns` of rows `d` of `deliveries`. */
export const TICKET_COPY: RawBuilder<unknown> = sql`'deliveries' as "table", d.id::text as id, 'ticket-' || d.ticket_id as owner,
  d.provider_message_id as "messageId", d.id::text as "deliveryId", d.ticket_id as "ticketId",
  d.recipient_kind as kind, d.recipient_id as recipient, d.created_at as "from", d.updated_at as "to"`;
/** The same of `run_messages`. Their metadata name the message in both places. */
export const RUN_COPY: RawBuilder<unknown> = sql`'run_messages' as "table", d.id::text as id, d.workflow_id as owner,
  d.provider_message_id as "messageId", 'run-' || d.id as "deliveryId", 'run-' || d.id as "ticketId",
  d.recipient_kind as kind, d.recipient_id as recipient, d.created_at as "from", d.updated_at as "to"`;

/** Between clocks, and until the last try was over. */
const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 60 * 60_000;

/** Whole workflows: what one of their messages may stand below has to be among the rows. */
export function copiesOf(rows: readonly CopyColumns[]): RetainedCopy[] {
  const known = new Map<string, string[]>();
  for (const { owner, messageId } of rows)
    if (messageId !== null) known.set(owner, [...(known.get(owner) ?? []), messageId]);
  return rows.map(({ table, id, owner, messageId, deliveryId, ticketId, kind, recipient, from, to }) => {
    if (messageId !== null) return { table, id, owner, messageId };
    const times = { from: from.getTime() - BEFORE_MS, to: to.getTime() + AFTER_MS };
    const earlier = known.get(owner) ?? [];
    return {
      table,
      id,
      owner,
      messageId,
      lost: { deliveryId, ticketId, recipient: { kind, id: recipient }, earlier, ...times },
    };
  });
}
