/** The concrete things of retention. */
import type { OutboxEraser } from './adapters/outbox.ts';
import type { SlackCopies } from './deps.ts';
import type { RetentionDeps } from './deps-retention.ts';
import type { Database } from './store/database.ts';
import { retentionBatch } from './store/retention.ts';
import { emptyRuns, runsDue } from './store/retention-runs.ts';
import { slackGone, slackLeft } from './store/retention-slack.ts';

export function composeRetention({
  db,
  outbox,
  slack,
}: {
  readonly db: Database;
  readonly outbox: OutboxEraser;
  readonly slack: SlackCopies;
}): RetentionDeps {
  return {
    batch: (order, by, before) => retentionBatch(db, order, by, before),
    removeFromOutbox: (ids) => outbox.remove(ids),
    runs: {
      due: (order) => runsDue(db, order),
      empty: (workflowIds, by, before) => emptyRuns(db, workflowIds, by, before),
    },
    slack: {
      takeAway: slack.takeAway,
      left: (from) => slackLeft(db, from),
      gone: (copy, stood) => slackGone(db, copy, stood),
    },
  };
}
