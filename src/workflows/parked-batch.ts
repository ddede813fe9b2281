import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  sleep,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ParkedBatchArgs } from '../contract.ts';
import { type BatchCounts, type BatchEnding, sayCounts } from '../domain/parked-batch.ts';

/** PostgreSQL's work alone: it may be away for long, and the batch goes on when it is back. */
const keeping = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});
/** A ticket whose workflow can't be reached for that long must not hold up those behind it. */
const saying = proxyActivities<Activities>({
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});
/** Tickets that are slow to answer hold up others once there are so many. */
const MOST_AT_ONCE = 20;

/** Says the same to every step of a group of parked ones, so many a second. What is said, and to which steps, lies in `parked_batches`. */
export async function operateParked(args: ParkedBatchArgs): Promise<BatchCounts> {
  const { batchId } = args;
  const running = new Set<Promise<void>>();
  try {
    await sayToAll(args, running);
    await Promise.all(running);
    return await end(batchId, 'finished');
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await Promise.all(running);
    await end(batchId, 'cancelled');
    throw error;
  }
}

async function sayToAll({ batchId, next = 0 }: ParkedBatchArgs, running: Set<Promise<void>>): Promise<void> {
  const { count, perSecond, perRun } = await keeping.takeParked({ batchId });
  const until = Math.min(count, next + perRun);
  for (let position = next; position < until; position++) {
    setCurrentDetails(`${position} of ${count} parked steps`);
    await condition(() => running.size < MOST_AT_ONCE);
    // What was begun is done to its end: half of it would leave nobody knowing.
    const item = CancellationScope.nonCancellable(() => sayToOne(batchId, position)).finally(() =>
      running.delete(item),
    );
    running.add(item);
    if (position + 1 < count) await sleep(1000 / perSecond, { summary: `${perSecond} a second` });
  }
  if (until === count) return;
  await Promise.all(running);
  // Asked for meanwhile, it would be lost with this run.
  if (CancellationScope.current().consideredCancelled) await CancellationScope.current().cancelRequested;
  await continueAsNew<typeof operateParked>({ batchId, next: until });
}

async function sayToOne(batchId: string, position: number): Promise<void> {
  try {
    await saying.sayToParked({ batchId, position });
  } catch {
    await keeping.failParked({ batchId, position });
  }
}

async function end(batchId: string, ending: BatchEnding): Promise<BatchCounts> {
  const counts = await CancellationScope.nonCancellable(() => keeping.endParked({ batchId, ending }));
  setCurrentDetails(`${ending === 'cancelled' ? 'Cancelled: ' : ''}${sayCounts(counts)}`);
  return counts;
}
