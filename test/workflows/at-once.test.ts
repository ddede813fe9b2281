import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { bundleWorkflows } from '../../src/temporal/workers.ts';
import { smallTeam } from '../support/flow.ts';
import { useSteward } from '../support/steward.ts';
import { about, answered, entry, expectNoFailedTask, handleOf } from './support.ts';

const steward = useSteward({ settings: () => ({ STEWARD_TEAM: smallTeam() }) });

test('much that is said at once is followed the same way when its history is replayed', async () => {
  const ids = await Promise.all(Array.from({ length: 4 }, () => answered(steward)));
  const events = ids.flatMap((id) => Array.from({ length: 8 }, (_, i) => ({ id, name: `e${i}` })));
  await Promise.all(
    events.map(({ id, name }) =>
      steward.post(about(id, 'ticket.replied', `${id}-${name}`, { message: `I hate ${name}` })),
    ),
  );
  const bundle = await bundleWorkflows();
  for (const id of ids) {
    await entry(steward, id, 'reread', 8);
    await entry(steward, id, 'escalated', 8);
    await expectNoFailedTask(steward, id);
    const history = await handleOf(steward, id).fetchHistory();
    const options = { workflowBundle: bundle, dataConverter: steward.composed.workerDataConverter };
    await expect(Worker.runReplayHistory(options, history, `ticket-${id}`)).resolves.toBeUndefined();
  }
});
