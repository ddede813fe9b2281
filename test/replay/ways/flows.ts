/** The ways of flows that belong to no ticket. */
import { flowWorkflowId } from '../../../src/contract-flow.ts';
import { useSteward } from '../../support/steward.ts';
import { EVERY_STATE, flowFiles, runId } from '../../workflows/flow-run-support.ts';
import { way } from '../record.ts';

export function flowWays(): void {
  const steward = useSteward({ settings: () => ({ STEWARD_FLOW: flowFiles({ way: EVERY_STATE }) }) });

  async function gone(flow: string, input: object): Promise<string> {
    const id = runId();
    await steward.steward.flows.start(id, { flow, input: input as never });
    await steward.steward.flows.end(id);
    return flowWorkflowId(id);
  }

  way('flow-ran', 'a flow without a ticket, to its output', async (keep) => {
    await keep(steward, await gone('way', { items: [1, 2, 3] }));
  });
  way('flow-failed', 'the same flow, to its Fail', async (keep) => {
    await keep(steward, await gone('way', { items: [1, 2, 4] }));
  });
}
