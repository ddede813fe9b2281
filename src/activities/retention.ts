import { Context } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import { retentionCutoff } from '../domain/retention.ts';
import { askToDelete, deleteHistories } from './histories.ts';

export interface RetentionStep {
  /** False: `policies/privacy.yaml` has only counted what is due, or keeps tickets for ever. */
  readonly applied: boolean;
  readonly tickets: number;
  readonly held: number;
  readonly more: boolean;
}

const BATCH = 200;
const COUNTED = 10_000;

export function retentionActivities({
  erasure,
  retention,
  dataKeys,
  audit,
}: Pick<Deps, 'erasure' | 'retention' | 'dataKeys' | 'audit'>) {
  const { policy } = erasure;
  return {
    /** A batch of tickets whose time is over: keys, files and histories first, then their words. `asked`: by hand, whatever `daily` says. */
    async retainTickets(asked = false): Promise<RetentionStep> {
      const { ticketsDaysAfterClose: days, daily } = policy.retention;
      if (days === null) return { applied: false, tickets: 0, held: 0, more: false };
      const applied = daily || asked;
      const now = new Date();
      const before = retentionCutoff(now, days, policy.controller.timeZone);
      const { workflowExecution } = Context.current().info;
      const by = { kind: 'workflow' as const, id: workflowExecution?.workflowId ?? 'retention' };
      const order = { now, before, limit: applied ? BATCH : COUNTED, dryRun: !applied };
      const { tickets, held, more, workflowIds } = await retention.batch(order, by, async (ids, outboxDeliveryIds) => {
        const { destroyed: keys } = await dataKeys.shred(ids, null);
        const files = await retention.removeFromOutbox(outboxDeliveryIds);
        await askToDelete(ids);
        return { keys, files, histories: ids.length };
      });
      // The rows are free by now: the server takes its time.
      if (applied && workflowIds.length > 0) {
        await deleteHistories(workflowIds);
        const after = { histories: workflowIds.length };
        await audit.append([{ actor: by, action: 'retention.historiesDeleted', object: 'retention', after }]);
      }
      return { applied, tickets, held, more };
    },
  };
}
