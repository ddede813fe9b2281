import type { MessageContext } from '../deps.ts';
import type { AuditActor, AuditEntry } from '../domain/audit.ts';
import type { Delivery, TemplateName } from '../domain/delivery.ts';
import { StewardError } from '../domain/errors.ts';
import { createAuditLog } from './audit.ts';
import { messageContexts, ticketContext } from './contexts.ts';
import type { Database } from './database.ts';
import { type DeliveryRow, toDelivery } from './deliveries.ts';

export interface PreviewGround {
  readonly context: MessageContext;
  /** Who has the ticket. */
  readonly assigneeId: string | null;
  /** The last message of this template about the ticket; null: there is none yet. */
  readonly delivery: Delivery | null;
}

/** What a message about a ticket would say: that somebody looked is logged first. @throws StewardError TicketUnknown */
export async function previewGround(
  db: Database,
  by: AuditActor,
  { ticketId, template }: { readonly ticketId: string; readonly template: TemplateName },
): Promise<PreviewGround> {
  const ticket = await db.selectFrom('tickets').select('assignee_id').where('id', '=', ticketId).executeTakeFirst();
  if (!ticket) throw new StewardError('TicketUnknown', `there is no ticket ${ticketId}; see \`npx steward list\``);
  const entry: AuditEntry = {
    actor: by,
    action: 'message.previewed',
    object: `ticket/${ticketId}`,
    after: { template },
  };
  await createAuditLog(db).append([entry]);
  const row = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('template', '=', template)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const delivery = row ? toDelivery(row as DeliveryRow) : null;
  const context = delivery
    ? (await messageContexts(db, ticketId, [delivery.id]))[0]
    : await ticketContext(db, ticketId);
  if (!context) throw new StewardError('TicketUnknown', `nothing is known of ticket ${ticketId} any more`);
  return { context, assigneeId: ticket.assignee_id, delivery };
}
