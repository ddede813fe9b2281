import { expect, test } from 'vitest';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, flowFiles, runHandle, runId } from '../workflows/flow-run-support.ts';
import { ended, hurried, provedByCode, routed } from './support.ts';

const FLOWS = flowFiles({
  sleeps: alone('Sleep', { Type: 'Wait', Seconds: 3600 }),
  passes: alone('Pass', { Type: 'Pass' }),
  // Of the ticket: it starts one that outlives it.
  tickets: {
    StartAt: 'Start',
    States: {
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: 'sleeps', 'Name.$': '$.detail.ticketId', 'Input.$': '$.detail.message' },
        ResultPath: null,
        Next: 'Escalate',
      },
      Escalate: { Type: 'Task', Resource: 'module:escalateToAgent', End: true },
    },
  },
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({ ...providers.settings('ses', 'slack'), STEWARD_FLOW: FLOWS }),
  privacy: hurried,
});

test('the erasure of a person reaches the flows that ran for them', { timeout: 120_000 }, async () => {
  const email = `ada.${Date.now().toString(36)}@customer.example`;
  const event = envelope({ customerEmail: email, customerName: 'Ada Lovelace' });
  const { ticketId } = event.detail;
  await steward.post(event);
  await routed(steward, ticketId);
  const { flows } = steward.steward;
  const [running, over, others] = [runId(), runId(), runId()];
  await flows.start(running, { flow: 'sleeps', input: { detail: { customerEmail: email, message: 'My card' } } });
  await flows.start(over, { flow: 'passes', input: { customerId: event.detail.customerId } });
  await flows.start(others, { flow: 'sleeps', input: { customerEmail: 'ben@customer.example' } });
  await flows.end(over);
  await flows.describe(running);

  const { requestId } = await provedByCode(steward, providers, email);
  await ended(steward, requestId);

  const gone = [ticketId, running, over];
  for (const id of gone)
    await expect(runHandle(steward, id).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  const shredded = await steward.owner
    .selectFrom('data_keys')
    .select('name')
    .where('name', 'like', 'flow-%')
    .where('shredded_at', 'is not', null)
    .execute();
  expect(shredded.map(({ name }) => name).sort()).toEqual(gone.map((id) => `flow-${id}`).sort());
  expect(await flows.describe(others)).toMatchObject({ at: 'Sleep#1' });
  await runHandle(steward, others).terminate();
});
