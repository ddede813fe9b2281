/** The ways of the rule of retention. */
import { expect } from 'vitest';
import { RETENTION_WORKFLOW } from '../../../src/contract.ts';
import { type TestSteward, useSteward } from '../../support/steward.ts';
import { closedLongAgo } from '../../workflows/support.ts';
import { type Keep, way } from '../record.ts';

export function retentionWays(): void {
  const rule = (daily: boolean) => ({ retention: { ticketsDaysAfterClose: 30, daily } });
  const counting = useSteward({ privacy: (policy) => ({ ...policy, ...rule(false) }) });
  const emptying = useSteward({ privacy: (policy) => ({ ...policy, ...rule(true) }) });

  async function keepRun(keep: Keep, steward: TestSteward, name: string, result: object): Promise<void> {
    const workflowId = `retention-${name}-${steward.taskQueue}`;
    const options = { workflowId, taskQueue: steward.taskQueue };
    expect(await steward.temporal.client.workflow.execute(RETENTION_WORKFLOW, options)).toEqual(result);
    await keep(steward, workflowId);
  }

  way('retention-counted', 'what is due is only counted', async (keep) => {
    await closedLongAgo(counting);
    await keepRun(keep, counting, 'counted', { applied: false, tickets: 1, held: 0 });
  });

  way('retention-emptied', 'three tickets lose their words, in batches of two', async (keep) => {
    for (let i = 0; i < 3; i++) await closedLongAgo(emptying);
    const { retention } = emptying.composed.deps;
    const { batch } = retention;
    const small: typeof batch = (order, ...more) => batch({ ...order, limit: 2 }, ...more);
    Object.assign(retention, { batch: small });
    await keepRun(keep, emptying, 'emptied', { applied: true, tickets: 3, held: 0 });
    Object.assign(retention, { batch });
  });
}
