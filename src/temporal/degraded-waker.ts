import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type LookAgain, lookAgain, ticketWorkflowId } from '../contract.ts';
import type { DegradedTicket, DegradedTickets } from '../deps-healing.ts';
import { startWaker, type Waker, type WakerOptions } from './waker.ts';

export interface DegradedWakerOptions extends Pick<WakerOptions<DegradedTicket>, 'onTrouble'> {
  readonly client: Client;
  readonly degraded: DegradedTickets;
  readonly everyMs?: number;
}

/**
 * Tells tickets that did without a provider outside of an incident to look again. Every worker process runs one. A ticket whose teller died is
 * told by the next look, for its facts still say that something is missing.
 */
export function startDegradedWaker({ client, degraded, everyMs = 10_000, onTrouble }: DegradedWakerOptions): Waker {
  return startWaker({
    onTrouble,
    everyMs,
    // While there are more than may be told in one second.
    busyMs: 1_000,
    wanting: degraded.take,
    async wake(one) {
      const { ticketId, provider, at } = one;
      const said: LookAgain = { source: 'healing', eventId: `alone/${provider}/${at}` };
      try {
        await client.workflow.getHandle(ticketWorkflowId(ticketId)).signal(lookAgain, said);
      } catch (error) {
        // A ticket whose workflow has ended needs no further fact.
        if (error instanceof WorkflowNotFoundError) return degraded.settle(one);
        await degraded.giveBack(one);
        throw error;
      }
    },
  });
}
