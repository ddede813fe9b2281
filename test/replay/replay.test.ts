import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { CONVERTER_PATHS, createDataConverter } from '../../src/temporal/data-converter.ts';
import { bundleWorkflows } from '../../src/temporal/workers.ts';
import * as workflows from '../../src/workflows/index.ts';
import { storedHistories } from './histories.ts';
import { replayKeys } from './keys.ts';

const histories = storedHistories();
const dataConverter = createDataConverter({ keys: replayKeys(), clearText: 'accept', shredded: 'throw' });

/** The names of the histories that the bundle does not follow, with what it did instead. */
async function strayed(bundle: WorkflowBundleWithSourceMap): Promise<Record<string, string>> {
  const names = new Map(histories.map(({ name, workflowId }) => [workflowId, name]));
  const found: Record<string, string> = {};
  const options = { workflowBundle: bundle, dataConverter };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    if (error) found[names.get(workflowId) ?? workflowId] = error.message;
  }
  return found;
}

beforeAll(() => {
  // Replay says in its results what it has to say.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { forward: { level: 'ERROR' } } },
  });
});

describe('every stored history', () => {
  it('is there for each kind of way', () => {
    expect(histories.map(({ name }) => name)).toEqual([
      'asked-in-vain',
      'asked-people',
      'audit-backfilled',
      'audit-mail-failed',
      'audit-measured',
      'batch-cancelled',
      'batch-continued',
      'batch-finished',
      'bot-answer-closed',
      'canary-promoted',
      'clicked',
      'continued',
      'database-away',
      'decided',
      'early-wish',
      'early-words',
      'encrypted',
      'erasure-abandoned',
      'erasure-approved',
      'erasure-behind',
      'erasure-cancelled',
      'erasure-extended',
      'erasure-extended-before-step',
      'erasure-found',
      'erasure-late',
      'erasure-letter-first',
      'erasure-not-proved',
      'erasure-parked',
      'erasure-parked-before-log',
      'erasure-proved',
      'erasure-refused',
      'erasure-refused-late',
      'erasure-silent',
      'erasure-superseded',
      'erasure-untold',
      'erasure-vouched',
      'flow-asked',
      'flow-called',
      'flow-failed',
      'flow-held',
      'flow-ran',
      'flow-requested',
      'flow-told',
      'flow-waited',
      'flow-waited-counted',
      'given-back',
      'given-on',
      'healed',
      'held-events',
      'invalid',
      'items-batched',
      'items-ran',
      'late-fact',
      'lines',
      'lines-before-leaving',
      'looked-again',
      'looked-again-twice',
      'new-customer',
      'notice-told',
      'parked-retry',
      'path-acknowledged',
      'path-anew',
      'path-noted',
      'path-page-lost',
      'path-paged',
      'path-paged-again',
      'path-raised',
      'path-unresolved',
      'providers',
      'reference',
      'reopened-closed',
      'replied',
      'retention-counted',
      'retention-emptied',
      'retention-kept',
      'retention-runs',
      'retention-slack',
      'sla-kept',
      'sla-missed',
      'stranger-replied',
      'task-decided',
      'task-timed-out',
      'ticket-lines-paused',
      'ticket-lines-went-on',
      'ticket-told',
      'ticket-waited',
      'told-twice',
      'undelivered',
      'unreached',
      'unsent',
      'waited-out',
      'webhooks-away',
      'webhooks-told',
    ]);
  });

  it('is of one of our workflows, and each of these has one', () => {
    const types = new Set(histories.map(({ workflowType }) => workflowType));
    expect([...types].sort()).toEqual(Object.keys(workflows).sort());
  });

  it('is followed by the workflow as it is now', { timeout: 120_000 }, async () => {
    expect(await strayed(await bundleWorkflows())).toEqual({});
  });

  it('is not followed by a workflow that commands something else: this test can fail', async () => {
    const changed = await bundleWorkflowCode({
      ...CONVERTER_PATHS,
      workflowsPath: fileURLToPath(new URL('changed.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    const found = await strayed(changed);
    expect(Object.keys(found).sort()).toEqual(histories.map(({ name }) => name));
    for (const message of Object.values(found)) expect(message).toMatch(/nondeterminism|deterministic/i);
  });
});
