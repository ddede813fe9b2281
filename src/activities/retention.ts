import { Context } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import type { BeforeEmptying, RetainedCopy } from '../deps-retention.ts';
import type { AuditActor } from '../domain/audit.ts';
import { retentionCutoff } from '../domain/retention.ts';
import { beating } from './beat.ts';
import { each, isOverSince, pause } from './engine.ts';
import { askToDelete, deleteHistories } from './histories.ts';

export interface RetentionStep {
  /** False: `policies/privacy.yaml` has only counted what is due, or keeps tickets for ever. */
  readonly applied: boolean;
  readonly tickets: number;
  readonly held: number;
  readonly more: boolean;
  /** Messages in Slack that are due with them; missing in histories from before. */
  readonly slack?: number;
}

export interface RunsStep {
  readonly applied: boolean;
  /** Runs of flows that are over, and of which nothing was heard for so long. */
  readonly runs: number;
  readonly held: number;
  /** Where the next batch begins; null: this was the last one. */
  readonly next: string | null;
}

export interface SlackStep {
  readonly removed: number;
  /** What Slack did not take away: the next night tries again. */
  readonly left: number;
  /** What it said of the first of them. */
  readonly fault: string | null;
  /** Where the next batch begins; null: this was the last one, or it is enough for a night. */
  readonly next: string | null;
}

const BATCH = 200;
const COUNTED = 10_000;
const LOOKED_AT_ONCE = 20;
const FIRST_KEY = '00000000-0000-0000-0000-000000000000';
/** Workflows whose messages in Slack are taken away together. */
const IN_SLACK = 50;
/** How often a batch waits until Slack takes more. */
const WAITS = 20;
const PACE_MS = 30_000;

function actor() {
  const { workflowExecution } = Context.current().info;
  return { kind: 'workflow' as const, id: workflowExecution?.workflowId ?? 'retention' };
}

export function retentionActivities({
  erasure,
  retention,
  dataKeys,
  audit,
}: Pick<Deps, 'erasure' | 'retention' | 'dataKeys' | 'audit'>) {
  const { policy } = erasure;

  const goFirst: BeforeEmptying = async (ids, outboxDeliveryIds) => {
    const { destroyed: keys } = await dataKeys.shred(ids, null);
    const files = await retention.removeFromOutbox(outboxDeliveryIds);
    await askToDelete(ids);
    return { keys, files, histories: ids.length };
  };

  async function historiesGo(workflowIds: readonly string[], by: AuditActor): Promise<void> {
    if (workflowIds.length === 0) return;
    await deleteHistories(workflowIds);
    const after = { histories: workflowIds.length };
    await audit.append([{ actor: by, action: 'retention.historiesDeleted', object: 'retention', after }]);
  }

  return {
    /** A batch of tickets whose time is over: keys, files and histories first, then their words. `asked`: by hand, whatever `daily` says. */
    async retainTickets(asked = false): Promise<RetentionStep> {
      const { ticketsDaysAfterClose: days, daily } = policy.retention;
      if (days === null) return { applied: false, tickets: 0, held: 0, more: false, slack: 0 };
      const applied = daily || asked;
      const now = new Date();
      const before = retentionCutoff(now, days, policy.controller.timeZone);
      const by = actor();
      const order = { now, before, limit: applied ? BATCH : COUNTED, dryRun: !applied };
      const { tickets, held, more, slack, workflowIds } = await retention.batch(order, by, goFirst);
      // The rows are free by now: the server takes its time.
      if (applied) await historiesGo(workflowIds, by);
      return { applied, tickets, held, more, slack };
    },

    /**
     * A batch of runs of flows without a ticket, from behind this key on: as long after the last that was heard of them as a ticket after its
     * close. `after` null: from the beginning.
     */
    async retainRuns(asked: boolean, after: string | null): Promise<RunsStep> {
      const { ticketsDaysAfterClose: days, daily } = policy.retention;
      if (days === null) return { applied: false, runs: 0, held: 0, next: null };
      const applied = daily || asked;
      const now = new Date();
      const before = retentionCutoff(now, days, policy.controller.timeZone);
      const due = await retention.runs.due({ now, before, limit: BATCH, after: after ?? FIRST_KEY });
      const over: string[] = [];
      await each(due.workflowIds, LOOKED_AT_ONCE, async (workflowId) => {
        if (await isOverSince(workflowId, before)) over.push(workflowId);
      });
      if (applied && over.length > 0) {
        const by = actor();
        await retention.runs.empty(over, by, goFirst);
        await historiesGo(over, by);
      }
      return { applied, runs: over.length, held: due.held, next: due.next };
    },

    /**
     * Takes away in Slack what stands there of tickets and runs that have lost their words, from behind this workflow on. The id of a message
     * goes only once that does: whoever is killed in between finds it again.
     */
    async removeFromSlack(after: string): Promise<SlackStep> {
      const { cancellationSignal } = Context.current();
      const by = actor();
      const { copies, next } = await retention.slack.left({ now: new Date(), after, limit: IN_SLACK });
      if (copies.length === 0) return { removed: 0, left: 0, fault: null, next };
      await audit.append([
        { actor: by, action: 'retention.slackIntent', object: 'retention', after: { messages: copies.length } },
      ]);
      const left = new Set(copies);
      const gone = async (copy: RetainedCopy, stood: boolean) => {
        await retention.slack.gone(copy, stood);
        left.delete(copy);
      };
      const error = await beating(async () => {
        let error = await retention.slack.takeAway(copies, gone, cancellationSignal);
        // Slack takes so many a minute.
        for (let wait = 0; error?.fault === 'pace' && wait < WAITS; wait++) {
          await pause(error.retryAfterMs ?? PACE_MS);
          error = await retention.slack.takeAway([...left], gone, cancellationSignal);
        }
        return error;
      });
      const counts = { removed: copies.length - left.size, left: left.size };
      await audit.append([{ actor: by, action: 'retention.slackRemoved', object: 'retention', after: counts }]);
      // Where Slack is away, or wants no more, the other batches would fare no better.
      return { ...counts, fault: error?.reason ?? null, next: error?.retryable ? null : next };
    },
  };
}
