/** The ways of flows that belong to no ticket. */
import { flowWorkflowId } from '../../../src/contract-flow.ts';
import { useSteward } from '../../support/steward.ts';
import { alone, EVERY_STATE, flowFiles, runId } from '../../workflows/flow-run-support.ts';
import { way } from '../record.ts';

const SLEEPING = alone('Sleep', { Type: 'Wait', Seconds: 3600 });
const call = (mode: string, StateMachineArn: string, Input: object = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::states:startExecution${mode}`,
  Parameters: { StateMachineArn, Input },
});
const CALLING = {
  StartAt: 'Start',
  States: {
    Start: { ...call('.sync:2', 'way', { items: [1, 2, 3] }), Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        alone('Long', call('.sync', 'sleeping')),
        {
          StartAt: 'Short',
          States: { Short: { Type: 'Wait', Seconds: 1, Next: 'No' }, No: { Type: 'Fail', Error: 'Doomed' } },
        },
      ],
      Catch: [{ ErrorEquals: ['Doomed'], Next: 'Nap' }],
      End: true,
    },
    Nap: { Type: 'Wait', Seconds: 1, End: true },
  },
};

export function flowWays(): void {
  const steward = useSteward({
    settings: () => ({ STEWARD_FLOW: flowFiles({ way: EVERY_STATE, calling: CALLING, sleeping: SLEEPING }) }),
  });

  async function gone(flow: string, input: object): Promise<string> {
    const id = runId();
    await steward.steward.flows.start(id, { flow, input: input as never });
    await steward.steward.flows.end(id);
    return flowWorkflowId(id);
  }

  way('flow-ran', 'a flow without a ticket, to its output', async (keep) => {
    await keep(steward, await gone('way', { items: [1, 2, 3] }));
  });
  way('flow-called', 'a flow that starts others', async (keep) => {
    await keep(steward, await gone('calling', {}));
  });
  way('flow-failed', 'the same flow, to its Fail', async (keep) => {
    await keep(steward, await gone('way', { items: [1, 2, 4] }));
  });
}
