/** The way of a new version that a share of tickets is given first. */
import { expect } from 'vitest';
import { canaryWorkflowId } from '../../../src/contract.ts';
import { smallTeam } from '../../support/flow.ts';
import { useProviders } from '../../support/providers.ts';
import { flowTo, useCanaries } from '../../workflows/canary-support.ts';
import { way } from '../record.ts';

export function canaryWays(): void {
  const providers = useProviders();
  const scene = useCanaries(() => ({ ...providers.settings('slack'), STEWARD_TEAM: smallTeam() }));

  way('canary-promoted', 'a new version of a flow is watched, and goes on to all', async (keep) => {
    const file = scene.file(flowTo(undefined, 'as good'));
    await scene.run('deploy', file, '--canary', '50%', '--watch', '5s', '--min', '3', '--yes');
    await scene.tickets(12);
    expect(await scene.ended()).toMatchObject({ kind: 'promote' });
    const workflowId = canaryWorkflowId({ name: 'main', number: 1 });
    await scene.steward.temporal.client.workflow.getHandle(workflowId).result();
    await keep(scene.steward, workflowId);
  });
}
