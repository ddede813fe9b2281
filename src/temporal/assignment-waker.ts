import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type AssignmentDue, assignmentDue, ticketWorkflowId } from '../contract.ts';
import type { AssignmentsDue, DueTicket } from '../deps-assignments.ts';

export interface AssignmentWakerOptions {
  readonly client: Client;
  readonly due: AssignmentsDue;
  /** Hears of the first of several failures in a row; all are tried again. */
  readonly onTrouble: (error: unknown) => void;
  readonly everyMs?: number;
  /** A ticket that has not done anything by then is told again. */
  readonly againMs?: number;
}

/** Tells tickets to look for an agent. Every worker process runs one; a ticket hears what it is told twice once. */
export function startAssignmentWaker(options: AssignmentWakerOptions): { stop(): Promise<void> } {
  const { client, due, onTrouble, everyMs = 1_000, againMs = 15_000 } = options;
  const stopping = new AbortController();
  const told = new Map<string, number>();

  async function tell({ ticketId, eventId, off }: DueTicket): Promise<void> {
    const said: AssignmentDue = { source: 'assignment', eventId, ...(off === null ? {} : { off }) };
    try {
      await client.workflow.getHandle(ticketWorkflowId(ticketId)).signal(assignmentDue, said);
      told.set(keyOf({ ticketId, eventId }), performance.now());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      // Somebody has ended it by other means than ours: it takes nobody's room, and is not told again.
      told.set(keyOf({ ticketId, eventId }), Number.POSITIVE_INFINITY);
      await due.forget(ticketId);
    }
  }

  async function turn(): Promise<void> {
    const found = await due.look();
    const now = performance.now();
    const keys = new Set(found.map(keyOf));
    for (const key of told.keys()) if (!keys.has(key)) told.delete(key);
    for (const one of found) {
      if (now - (told.get(keyOf(one)) ?? Number.NEGATIVE_INFINITY) >= againMs) await tell(one);
      if (stopping.signal.aborted) return;
    }
  }

  async function run(): Promise<void> {
    let wasWell = true;
    while (!stopping.signal.aborted) {
      try {
        await turn();
        wasWell = true;
      } catch (error) {
        if (wasWell) onTrouble(error);
        wasWell = false;
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function keyOf({ ticketId, eventId }: Pick<DueTicket, 'ticketId' | 'eventId'>): string {
  return `${ticketId} ${eventId}`;
}
