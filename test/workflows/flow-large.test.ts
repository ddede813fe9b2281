import { expect, test, vi } from 'vitest';
import { useSteward } from '../support/steward.ts';
import { alone, flowFiles, runId } from './flow-run-support.ts';

vi.setConfig({ testTimeout: 240_000 });

const items = { QueryLanguage: 'JSONata', Type: 'Map', Items: '{% [1..1000] %}' };
const FLOWS = flowFiles({
  words: alone('Each', {
    ...items,
    ItemProcessor: alone('Double', { QueryLanguage: 'JSONata', Type: 'Pass', Output: '{% $states.input * 2 %}' }),
    Output: '{% {"count": $count($states.result), "sum": $sum($states.result)} %}',
  }),
  double: alone('Double', { Type: 'Pass', Parameters: { 'twice.$': 'States.MathAdd($.n, $.n)' } }),
  flows: alone('Each', {
    ...items,
    ItemSelector: { n: '{% $states.context.Map.Item.Value %}' },
    ItemProcessor: alone('Start', {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: 'double', 'Input.$': '$' },
      OutputPath: '$.Output.twice',
    }),
    Output: '{% {"count": $count($states.result), "sum": $sum($states.result)} %}',
  }),
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: FLOWS }) });

test.each(['words', 'flows'])('a Map of 1,000 items is gone through (%s)', async (flow) => {
  const id = runId();
  await steward.steward.flows.start(id, { flow });
  const end = await steward.steward.flows.end(id);
  expect(end).toEqual({ status: 'succeeded', output: { count: 1_000, sum: 1_001_000 } });
});
