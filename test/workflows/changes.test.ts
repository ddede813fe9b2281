/** A mark of a change, set after a local activity, may be found too late by a replay: what a run knows, its first step has said. */
import { expect, test } from 'vitest';
import { ticketWorkflowId } from '../../src/contract.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, flowFiles, runId } from './flow-run-support.ts';
import { entry, handleOf } from './support.ts';

const welcome = { Type: 'Task', Resource: 'module:sendWelcomeEmail', End: true };
const both = { Type: 'Parallel', Branches: [alone('Nap', { Type: 'Wait', Seconds: 1 })], ResultPath: null };
const steward = useSteward({
  settings: () => ({
    STEWARD_FLOW: flowFiles({
      nulls: alone('Null', { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% null %}' }),
      tickets: { StartAt: 'Both', States: { Both: { ...both, Next: 'Welcome' }, Welcome: welcome } },
    }),
  }),
});

async function marksOf(workflowId: string): Promise<Set<unknown>> {
  const { events } = await steward.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  return new Set((events ?? []).flatMap(({ markerRecordedEventAttributes: mark }) => mark?.markerName ?? []));
}

test('a run of a flow sets no marks', async () => {
  const id = runId();
  await steward.steward.flows.start(id, { flow: 'nulls' });
  expect(await steward.steward.flows.end(id)).toEqual({ status: 'succeeded', output: null });
  expect(await marksOf(`flow-${id}`)).toEqual(new Set(['core_local_activity']));
});

test('neither does a ticket, whose flow has lines', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  await steward.post(event);
  await entry(steward, ticketId, 'welcomed');
  await steward.steward.resolve(ticketId, { agentId: 'ana' });
  await handleOf(steward, ticketId).terminate();
  expect(await marksOf(ticketWorkflowId(ticketId))).toEqual(new Set(['core_local_activity']));
});
