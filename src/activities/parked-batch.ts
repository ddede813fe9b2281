import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { type TicketView, ticketWorkflowId } from '../contract.ts';
import type { Deps } from '../deps.ts';
import type { BegunItem, Settlement, TakenBatch } from '../deps-parked.ts';
import { type BatchCounts, type BatchEnding, type ItemOutcome, isSaidBy } from '../domain/parked-batch.ts';

interface Batch {
  readonly batchId: string;
}
interface Item extends Batch {
  readonly position: number;
}

/** Less than the attempt's own time: its worker hears of a ticket that does not answer, and says it again. */
const ANSWER_MS = 15_000;

export function parkedBatchActivities({ parkedBatches: store }: Pick<Deps, 'parkedBatches'>) {
  return {
    takeParked: ({ batchId }: Batch): Promise<TakenBatch> => store.take(batchId),

    /** Says it to one step; again: nothing more, for the ticket knows the update's id, and the timeline what it took. */
    async sayToParked({ batchId, position }: Item): Promise<ItemOutcome> {
      const item = await store.begin(batchId, position);
      if (item.outcome !== null) return item.outcome;
      const settlement = await say(item, `parked-${batchId}-${position}`, () => store.answeredBy(batchId, position));
      await store.settle(batchId, position, settlement);
      return settlement.outcome;
    },

    failParked: ({ batchId, position }: Item): Promise<void> =>
      store.settle(batchId, position, { outcome: 'failed', why: 'no answer; the step may still take it' }),

    endParked: ({ batchId, ending }: Batch & { readonly ending: BatchEnding }): Promise<BatchCounts> =>
      store.end(batchId, ending),
  };
}

const DONE: Settlement = { outcome: 'done', why: null };

async function say(item: BegunItem, updateId: string, answeredBy: () => Promise<string | null>): Promise<Settlement> {
  const { client } = Context.current();
  const ticket = client.workflow.getHandle(ticketWorkflowId(item.ticketId));
  /** Somebody was there before us: perhaps we ourselves, whose answer was lost. */
  const gone = (answer: string | null, why: string): Settlement =>
    answer !== null && item.again && isSaidBy(item.act, answer) ? DONE : { outcome: 'gone', why };
  if (item.answeredBy !== null) return gone(item.answeredBy, `not parked any more: ${item.answeredBy}`);
  try {
    await client.withDeadline(Date.now() + ANSWER_MS, () =>
      ticket.executeUpdate<TicketView, [object]>(item.act, { args: [argsOf(item)], updateId }),
    );
    return DONE;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'WorkflowNotFoundError') return gone(await answeredBy(), 'the ticket’s workflow has ended');
    const { cause } = error;
    if (error.name !== 'WorkflowUpdateFailedError' || !(cause instanceof ApplicationFailure)) throw error;
    if (cause.type === 'InvalidRequest') return { outcome: 'refused', why: cause.message };
    // It listens once its first step is done, and a worker that fails it is repeated.
    if (cause.type !== 'NotParked') throw error;
    const { parked } = await ticket.query<TicketView>('ticket');
    const isUnfixable = item.act === 'fix' && parked.some(({ step, fixable }) => step === item.step && !fixable);
    if (isUnfixable) return { outcome: 'refused', why: 'the step has no input to fix' };
    return gone(await answeredBy(), 'not parked any more');
  }
}

function argsOf({ act, step, given }: BegunItem): object {
  if (act === 'fix') return { step, input: given };
  if (act === 'skip') return { step, result: given };
  return { step };
}
