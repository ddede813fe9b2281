/** The ways of the rule of retention. */
import { expect } from 'vitest';
import { RETENTION_WORKFLOW } from '../../../src/contract.ts';
import { useProviders } from '../../support/providers.ts';
import { type TestSteward, useSteward } from '../../support/steward.ts';
import { closedLongAgo } from '../../workflows/support.ts';
import { type Keep, way } from '../record.ts';

export function retentionWays(): void {
  const rule = (daily: boolean) => ({ retention: { ticketsDaysAfterClose: 30, daily } });
  const counting = useSteward({ privacy: (policy) => ({ ...policy, ...rule(false) }) });
  const emptying = useSteward({ privacy: (policy) => ({ ...policy, ...rule(true) }) });

  const providers = useProviders();
  const slack = useSteward({
    settings: () => providers.settings('slack'),
    privacy: (policy) => ({ ...policy, ...rule(true) }),
  });

  async function keepRun(keep: Keep, steward: TestSteward, name: string, result: object): Promise<void> {
    const workflowId = `retention-${name}-${steward.taskQueue}`;
    const options = { workflowId, taskQueue: steward.taskQueue };
    expect(await steward.temporal.client.workflow.execute(RETENTION_WORKFLOW, options)).toMatchObject(result);
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

  way('retention-slack', 'what stands in Slack of a ticket that has lost its words goes', async (keep) => {
    const ticketId = await closedLongAgo(slack);
    await slack.owner
      .updateTable('deliveries')
      .set({ transport: 'slack', provider_message_id: 'C0OPERATE1:1.000000' })
      .where('ticket_id', '=', ticketId)
      .where('recipient_kind', '<>', 'customer')
      .execute();
    await keepRun(keep, slack, 'slack', { applied: true, tickets: 1, slack: { due: 0, removed: 1, left: 0 } });
  });

  way('retention-runs', 'a run of a flow that is long over loses its key', async (keep) => {
    const at = new Date(Date.now() - 40 * 86_400_000);
    await emptying.composed.deps.dataKeys.seal('flow-long-ago', 'once');
    await emptying.owner.updateTable('data_keys').set({ created_at: at }).where('name', '=', 'flow-long-ago').execute();
    await keepRun(keep, emptying, 'runs', { applied: true, runs: { over: 1, held: 0 } });
  });

  way('retention-kept', 'what an erasure kept and nobody has any more ends', async (keep) => {
    const at = new Date();
    const ended = { state: 'ended', outcome: 'partlyErased', ended_at: at, erased_at: at } as const;
    await counting.owner
      .insertInto('erasures')
      .values({
        id: 'ERA-00000000000000ae',
        via: 'cli',
        ...ended,
        sealed: Buffer.of(),
        due_at: at,
        still_kept: ['contact'],
      })
      .execute();
    await keepRun(keep, counting, 'kept', { applied: false, kept: { ended: 1, kept: 0, unclear: 0 } });
  });
}
