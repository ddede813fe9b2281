import { expect, test } from 'vitest';
import { SYSTEM_WORKFLOWS } from '../../src/contract.ts';
import { flowRunId } from '../../src/contract-flow.ts';
import { labelProblem, runIdProblem } from '../../src/domain/flow-run.ts';

test('no run of a flow has the id of a workflow of our own, whose key no erasure destroys', () => {
  const ours = SYSTEM_WORKFLOWS.map((begin) => flowRunId(`${begin}1`)).filter((id) => id !== undefined);
  expect(ours).toEqual(['canary-1']);
  for (const id of ours) expect(runIdProblem(id)).toMatch(/^expected an id that does not begin with/);
  expect(runIdProblem('canaries')).toBeUndefined();
  // Of a ticket it is as good as any.
  expect(labelProblem('canary-1')).toBeUndefined();
});
