/** The ways of tickets whose customer says something before anybody has answered, or whom our answer does not reach. */
import { ticketWorkflowId } from '../../../src/contract.ts';
import { useSteward } from '../../support/steward.ts';
import { about, answered, entry, question, until } from '../../workflows/support.ts';
import { way } from '../record.ts';

export function earlyWays(): void {
  const usual = useSteward();
  const asks = async (message: string) => {
    const event = question({ ticketId: `TKT-early-${crypto.randomUUID()}` });
    const { ticketId } = event.detail;
    await usual.post(about(ticketId, 'ticket.replied', 'e1', { message }));
    await usual.post(event);
    await until(usual, ticketId, { state: 'waitingForAgent' });
    await entry(usual, ticketId, 'reread');
    return ticketId;
  };

  way('early-words', 'the customer adds something before the bot has answered', async (keep) => {
    await keep(usual, ticketWorkflowId(await asks('The button to download it is grey since Monday.')));
  });

  way('unreached', 'the bot’s answer came back, and a person gets the ticket', async (keep) => {
    const id = await answered(usual);
    const { owner } = usual;
    const { id: deliveryId, recipient_id } = await owner
      .selectFrom('deliveries')
      .select(['id', 'recipient_id'])
      .where('ticket_id', '=', id)
      .where('template', '=', 'bot-answer')
      .executeTakeFirstOrThrow();
    await owner.insertInto('suppressions').values({ customer_id: recipient_id, reason: 'bounced' }).execute();
    await usual.steward.tell(id, 'deliveryFailed', { deliveryId, outcome: 'bounced' });
    await until(usual, id, { state: 'waitingForAgent' });
    await keep(usual, ticketWorkflowId(id));
  });

  way('unsent', 'the bot’s answer never goes out, and a person gets the ticket', async (keep) => {
    const event = question({ ticketId: `TKT-early-${crypto.randomUUID()}`, customerId: 'CUST-UNSENT' });
    const { ticketId } = event.detail;
    await answered(usual, { customerId: 'CUST-UNSENT' });
    await usual.owner.insertInto('suppressions').values({ customer_id: 'CUST-UNSENT', reason: 'bounced' }).execute();
    await usual.steward.submit(event);
    await until(usual, ticketId, { state: 'waitingForAgent' });
    await keep(usual, ticketWorkflowId(ticketId));
  });

  way('early-wish', 'the customer asks for a person before the bot has answered', async (keep) => {
    await keep(usual, ticketWorkflowId(await asks('This is terrible! I want to talk to a human.')));
  });
}
