/** Programs have flows run without a ticket: `POST /v1/flows/{name}/runs`. */
import { describe, expect, it, test } from 'vitest';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { useSteward } from '../support/steward.ts';
import { alone, flowFiles, runHandle, runId } from './flow-run-support.ts';

const FLOWS = flowFiles({
  passes: alone('Pass', { Type: 'Pass' }),
  fails: alone('Fail', { Type: 'Fail', Error: 'Broken', End: undefined }),
  wrong: { StartAt: 'Gone', States: {} },
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: FLOWS }) });

function start(flow: string, body: unknown, headers: Record<string, string> = {}) {
  return steward.app.request(`/v1/flows/${flow}/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
interface Started {
  readonly id: string;
  readonly workflowId: string;
  readonly known: boolean;
}
async function started(response: Response | Promise<Response>): Promise<Started & { status: number }> {
  const answer = await response;
  return { status: answer.status, ...((await answer.json()) as Started) };
}
const refused = async (response: Response | Promise<Response>) => {
  const answer = await response;
  const { code, problems = [] } = (await answer.json()) as { code: string; problems?: { field: string }[] };
  return [answer.status, code, ...problems.map(({ field }) => field)];
};

test('a flow runs with its input, and is found by its id', async () => {
  const run = await started(start('passes', { input: { order: 7 } }));
  expect(run).toMatchObject({ status: 202, workflowId: `flow-${run.id}`, known: false });
  expect(await steward.steward.flows.end(run.id)).toEqual({ status: 'succeeded', output: { order: 7 } });
  const named = await started(start('passes', { id: runId() }));
  expect(named.status).toBe(202);
});

describe('the same again', () => {
  const event = () => ({ 'idempotency-key': `event ${runId()}`.replace(' ', '-') });

  it('is started once, by its Idempotency-Key or its id, and something else under it is refused', async () => {
    const key = event();
    const first = await started(start('passes', { input: { order: 7 } }, key));
    const again = await started(start('passes', { input: { order: 7 } }, key));
    expect([first.status, again.status, again.id, again.known]).toEqual([202, 200, first.id, true]);
    expect(await refused(start('passes', { input: { order: 8 } }, key))).toEqual([409, 'RequestConflict']);
    // Of another flow, or of another API key, it is another key.
    expect((await started(start('fails', { input: { order: 7 } }, key))).status).toBe(202);
    const other = newKey();
    await steward.composed.keys.add('carrier', hashKey(other), 'agent');
    const theirs = await started(
      start('passes', { input: { order: 8 } }, { ...key, authorization: `Bearer ${other}` }),
    );
    expect(theirs.status).toBe(202);
    const id = runId();
    expect((await started(start('passes', { id, input: 1 }))).status).toBe(202);
    expect((await started(start('passes', { id, input: 1 }))).status).toBe(200);
    expect(await refused(start('passes', { id, input: 2 }))).toEqual([409, 'RequestConflict']);
  });

  it('is started anew where it failed', async () => {
    const key = event();
    const first = await started(start('fails', {}, key));
    expect(await steward.steward.flows.end(first.id)).toMatchObject({ error: 'Broken' });
    expect(await started(start('fails', {}, key))).toMatchObject({ status: 202, id: first.id, known: false });
  });

  it('shows nothing of what it was started with in clear', async () => {
    const run = await started(start('passes', { input: { name: 'Mira' } }, event()));
    await steward.steward.flows.end(run.id);
    const { raw } = await runHandle(steward, run.id).describe();
    const { memo } = raw.workflowExecutionInfo ?? {};
    expect(memo?.fields?.asked?.metadata?.encoding).toBeDefined();
    expect(Buffer.from(memo?.fields?.asked?.metadata?.encoding ?? []).toString()).toBe('binary/encrypted');
  });
});

describe('what is wrong is refused before anything starts', () => {
  it.each([
    ['gone', {}, {}, [404, 'NotFound']],
    ['wrong', {}, {}, [422, 'InvalidFlow']],
    // It needs a ticket.
    ['tickets', {}, {}, [422, 'InvalidFlow']],
    ['passes', [], {}, [422, 'InvalidRequest', 'argument']],
    ['passes', { inptu: 1 }, {}, [422, 'InvalidRequest', 'inptu']],
    ['passes', { flow: 'fails' }, {}, [422, 'InvalidRequest', 'flow']],
    ['passes', { id: 'mira@customer.example' }, {}, [422, 'InvalidRequest', 'id']],
    ['passes', { id: 'canary-1' }, {}, [422, 'InvalidRequest', 'id']],
    ['passes', { id: 'a' }, { 'idempotency-key': 'b' }, [422, 'InvalidRequest', 'id']],
    ['passes', {}, { 'idempotency-key': 'two words' }, [422, 'InvalidRequest', 'Idempotency-Key']],
    ['passes', { input: 'x'.repeat(300_000) }, {}, [422, 'InvalidRequest', 'input']],
    ['passes', {}, { authorization: 'Bearer stw_nobody' }, [401, 'KeyMissing']],
  ] as const)('%#: %s', async (flow, body, headers, expected) => {
    const [status, code, ...fields] = await refused(start(flow, body, headers));
    expect([status, code, ...(expected.length > 2 ? fields : [])]).toEqual(expected);
  });

  it('nobody whose key is for something else starts one, and nothing but POST is heard', async () => {
    const auditor = newKey();
    await steward.composed.keys.add('ann', hashKey(auditor), 'auditor');
    expect(await refused(start('passes', {}, { authorization: `Bearer ${auditor}` }))).toEqual([403, 'RoleMissing']);
    expect((await steward.app.request('/v1/flows/passes/runs')).status).toBe(405);
  });
});
