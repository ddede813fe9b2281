import { ticketWorkflowId } from '../contract.ts';
import { StewardError } from '../domain/errors.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { readEnvelope } from './envelope.ts';
import { sayTable } from './say.ts';

/** Judges the file first: a wrong one is told apart from a Steward that is away, and needs none. */
export async function submit(context: Context, file: string, options: JsonOption): Promise<void> {
  const envelope = readEnvelope(await context.readText(file), file);
  const { ticketId } = envelope.detail;
  const { read, links } = await context.operator();
  const known = await read.ticket(ticketId);
  if (known !== null && known.source !== envelope.source) {
    throw new StewardError(
      'TicketConflict',
      `ticket ${ticketId} belongs to source "${known.source}"; give the ticket of "${envelope.source}" another id`,
    );
  }
  const steward = await context.steward();
  // Retention may have forgotten the workflow of a ticket that the database still knows.
  const submitted = known === null ? await steward.submit(envelope) : undefined;
  const workflowId = submitted?.workflowId ?? ticketWorkflowId(ticketId);
  const answer = { ticketId, workflowId, known: submitted?.known ?? true, webUi: links.webUi(ticketId) };
  if (options.json) return sayJson(context, answer);
  const rows = [
    ['Ticket', answer.known ? `${ticketId} (known already: nothing was started)` : ticketId],
    ['Workflow', workflowId],
    ['Web UI', answer.webUi],
    ['Its way', `npx steward show ${ticketId}`],
  ];
  context.out(`${sayTable(rows)}\n`);
}
