/** The ways of batches: the same word to parked steps. */
import { expect } from 'vitest';
import { parkedBatchWorkflowId } from '../../../src/contract.ts';
import { flowBySubject, smallTeam } from '../../support/flow.ts';
import { outcome } from '../../support/outcome.ts';
import { useProviders } from '../../support/providers.ts';
import { useSteward } from '../../support/steward.ts';
import { parking } from '../../workflows/parked-support.ts';
import { type Keep, way } from '../record.ts';

export function parkedWays(): void {
  const providers = useProviders();
  const files = { STEWARD_FLOW: flowBySubject(), STEWARD_TEAM: smallTeam() };
  const steward = useSteward({ settings: () => ({ ...providers.settings('slack'), ...files }) });
  const { begin, desk, isOver, many, workflowOf } = parking(steward, providers);

  async function inTwoRuns(keep: Keep, error: string, which: 'first' | 'last'): Promise<void> {
    const ids = await many(3, error);
    const store = steward.composed.deps.parkedBatches;
    const { take } = store;
    Object.assign(store, { take: async (batchId: string) => ({ ...(await take(batchId)), perRun: 2 }) });
    const batchId = await begin(ids[0] ?? '');
    const { runId } = await workflowOf(batchId).describe();
    await isOver(batchId);
    await workflowOf(batchId).result();
    Object.assign(store, { take });
    await keep(steward, parkedBatchWorkflowId(batchId), which === 'first' ? runId : undefined);
  }

  way('batch-continued', 'three steps are retried, two in the first run', (keep) =>
    inTwoRuns(keep, 'not_in_channel', 'first'),
  );
  way('batch-finished', 'three steps are retried, one in the last run', (keep) =>
    inTwoRuns(keep, 'is_archived', 'last'),
  );
  way('batch-cancelled', 'cancelled after the first of three', async (keep) => {
    const ids = await many(3, 'channel_not_found');
    const batchId = await begin(ids[0] ?? '', { perSecond: 1 });
    await outcome(async () => expect((await desk().report(batchId)).counts.done).toBe(1));
    await steward.steward.cancelParked(batchId);
    await outcome(async () => expect((await workflowOf(batchId).describe()).status.name).toBe('CANCELLED'));
    await keep(steward, parkedBatchWorkflowId(batchId));
  });
}
