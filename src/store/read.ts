import { sql } from 'kysely';
import type { JsonObject } from '../domain/json.ts';
import type { ClockRow } from '../domain/sla-row.ts';
import type { Database } from './database.ts';
import { type ParkedLine, parkedSteps } from './parked.ts';
import { clocksOf } from './sla.ts';

/** What `steward list` and the demo show of a ticket. */
export interface TicketSummary {
  readonly ticketId: string;
  readonly state: string;
  readonly route: string;
  readonly priority: string | null;
  readonly tier: string | null;
  readonly assigneeId: string | null;
  readonly needsAttention: boolean;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly facts: JsonObject;
}
export interface TimelineLine {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly facts: JsonObject;
}
/** What `steward show` needs of a ticket beside the summary. */
export interface TicketLine extends TicketSummary {
  readonly source: string;
  readonly flow: string;
  readonly customerId: string;
}
export interface DeliveryLine {
  readonly id: string;
  readonly occasion: string;
  readonly recipient: { readonly kind: string; readonly id: string };
  readonly channel: string;
  readonly transport: string;
  readonly template: string;
  readonly status: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly at: string;
}

export function createReader(db: Database) {
  return {
    async list(options: {
      limit: number;
      needsAttention?: boolean;
      state?: string;
      summary?: string;
    }): Promise<TicketSummary[]> {
      let query = db.selectFrom('tickets').selectAll().orderBy('opened_at', 'desc').orderBy('id').limit(options.limit);
      if (options.needsAttention) query = query.where('needs_attention', '=', true);
      if (options.state) query = query.where('state', '=', options.state);
      if (options.summary) {
        const told = db.selectFrom('deliveries').select('ticket_id').where('window_id', '=', options.summary);
        query = query.where('id', 'in', told.where('status', 'in', ['summarised', 'unknown']));
      }
      return (await query.execute()).map(summary);
    },
    async ticket(ticketId: string): Promise<TicketLine | null> {
      const row = await db.selectFrom('tickets').selectAll().where('id', '=', ticketId).executeTakeFirst();
      return row ? { ...summary(row), source: row.source, flow: row.flow, customerId: row.customer_id } : null;
    },
    /** Steps whose last word is `parked`; the one that waits longest first. Of one ticket, or of all. */
    parked: async (ticketId?: string): Promise<ParkedLine[]> =>
      (await parkedSteps(db, ticketId)).map(({ line }) => line),
    async timeline(ticketId: string): Promise<TimelineLine[]> {
      const rows = await db
        .selectFrom('timeline')
        .selectAll()
        .where('ticket_id', '=', ticketId)
        .orderBy('seq')
        .execute();
      return rows.map((r) => ({ seq: r.seq, at: r.at.toISOString(), kind: r.kind, actor: r.actor, facts: r.facts }));
    },
    async deliveries(ticketId: string): Promise<DeliveryLine[]> {
      const rows = await db
        .selectFrom('deliveries')
        .selectAll()
        .where('ticket_id', '=', ticketId)
        .orderBy('id')
        .execute();
      return rows.map((r) => ({
        id: r.id,
        occasion: r.occasion,
        recipient: { kind: r.recipient_kind, id: r.recipient_id },
        channel: r.channel,
        transport: r.transport,
        template: r.template,
        status: r.status,
        reason: r.reason,
        attempts: r.attempts,
        at: r.updated_at.toISOString(),
      }));
    },
    clocks: (ticketId: string): Promise<ClockRow[]> => clocksOf(db, ticketId),
    /** Seconds from arrival to the last delivery that was settled. */
    async seconds(ticketId: string): Promise<number | null> {
      const { rows } = await sql<{ seconds: number | null }>`
        select extract(epoch from max(d.updated_at) - min(t.opened_at))::float8 as seconds
        from tickets t join deliveries d on d.ticket_id = t.id where t.id = ${ticketId}`.execute(db);
      return rows[0]?.seconds ?? null;
    },
  };
}
export type Reader = ReturnType<typeof createReader>;

function summary(row: {
  id: string;
  state: string;
  route: string;
  priority: string | null;
  tier: string | null;
  assignee_id: string | null;
  needs_attention: boolean;
  opened_at: Date;
  updated_at: Date;
  facts: JsonObject;
}): TicketSummary {
  return {
    ticketId: row.id,
    state: row.state,
    route: row.route,
    priority: row.priority,
    tier: row.tier,
    assigneeId: row.assignee_id,
    needsAttention: row.needs_attention,
    openedAt: row.opened_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    facts: row.facts,
  };
}
