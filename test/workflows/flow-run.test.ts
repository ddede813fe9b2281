import { Client } from '@temporalio/client';
import { describe, expect, it, test, vi } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { createFlowDesk } from '../../src/store/flow-desk.ts';
import { runOn } from '../cli/support.ts';
import { useSteward } from '../support/steward.ts';
import { alone, EVERY_STATE, fixed, flowFiles, ran, runHandle, runId, subjectsOf } from './flow-run-support.ts';
import { PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const LARGE = 'x'.repeat(262_143);
const FLOWS = flowFiles({
  way: EVERY_STATE,
  long: alone('Sleep', { Type: 'Wait', Seconds: 3600 }),
  hurried: alone('Sleep', { Type: 'Wait', Seconds: 3600 }, { TimeoutSeconds: 1 }),
  inLines: alone('Lines', { Type: 'Parallel', Branches: [alone('Sleep', { Type: 'Wait', Seconds: 3600 })] }),
  ticketOnly: alone('Analyze', { Type: 'Task', Resource: 'module:analyzeTicket' }),
  echo: alone('Echo', fixed(undefined)),
  deployed: alone('S', { Type: 'Pass', Result: 'file' }),
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: FLOWS }) });

describe('a flow that belongs to no ticket', () => {
  it('ends with its output', async () => {
    const id = runId();
    const input = { items: [1, 2, 3] };
    expect(await steward.steward.flows.start(id, { flow: 'way', input })).toEqual({
      workflowId: `flow-${id}`,
      known: false,
    });
    expect(await steward.steward.flows.end(id)).toEqual({ status: 'succeeded', output: { sum: [2, 4, 6], name: id } });
    expect(await steward.steward.flows.start(id, { flow: 'way', input })).toMatchObject({ known: true });
    expect(await steward.steward.flows.describe(id)).toMatchObject({ flow: 'way', at: null });
  });

  it('fails with its error and cause', async () => {
    const failed = { status: 'failed', error: 'NotDoubled', cause: 'it went wrong' };
    expect(await ran(steward, 'way', { items: [1, 2, 4] })).toEqual(failed);
  });

  it('fails when its time is over', async () => {
    expect(await ran(steward, 'hurried')).toMatchObject({ status: 'failed', error: 'States.Timeout' });
  });

  it.each(['long', 'inLines'])('is cancelled where it is asked to (%s)', async (flow) => {
    const id = runId();
    await steward.steward.flows.start(id, { flow });
    await vi.waitFor(async () => {
      expect(await steward.steward.flows.describe(id)).toMatchObject({ at: expect.stringMatching(/#1$/) });
    }, PATIENCE);
    await runHandle(steward, id).cancel();
    expect(await steward.steward.flows.end(id)).toMatchObject({ status: 'failed', error: 'Cancelled' });
    expect((await runHandle(steward, id).describe()).status.name).toBe('CANCELLED');
  });
});

test('what is deployed goes before what the file says, and has to work without a ticket too', async () => {
  const desk = createFlowDesk(steward.owner, { kind: 'system', id: 'test' });
  const deploy = (version: string, definition: JsonObject, seen: number, baseVersion: string | null) =>
    desk.deploy({ kind: 'deploy', flow: { name: 'deployed', version, definition }, baseVersion, seen } as never);
  expect(await ran(steward, 'deployed')).toEqual({ status: 'succeeded', output: 'file' });
  await deploy('1', { StartAt: 'S', States: { S: { Type: 'Pass', Result: 'deployed', End: true } } }, 0, null);
  expect(await ran(steward, 'deployed')).toEqual({ status: 'succeeded', output: 'deployed' });
  await deploy(
    '2',
    { StartAt: 'S', States: { S: { Type: 'Task', Resource: 'module:analyzeTicket', End: true } } },
    1,
    '1',
  );
  expect(await ran(steward, 'deployed')).toMatchObject({ status: 'failed', error: 'InvalidFlow' });
});

describe('what a run is started with', () => {
  it.each([
    [{ flow: 'nowhere' }, 'flow: no flow has this name; there are deployed, echo, hurried,'],
    [{ flow: '../secrets' }, 'flow: expected the name of a flow'],
    [{ flow: 'ticketOnly' }, '$.States.Analyze.Resource: analyzeTicket works for a ticket'],
    [{ flow: 'echo', inputs: {} }, 'inputs: unknown field; did you mean "input"?'],
    [{ input: {} }, 'flow: expected the name of a flow, got nothing'],
    ['echo', 'argument: expected an object like {"flow": "shipment-delay", "input": {}}, got text of 4 characters'],
    [{ flow: 'echo', input: LARGE }, 'input: expected 262144 bytes of JSON at most, got 262145'],
  ])('is judged by its first step, case %#', async (args, said) => {
    const id = runId();
    await steward.steward.flows.start(id, args as never);
    const { cause, ...end } = (await steward.steward.flows.end(id)) as { cause: string };
    expect(end).toMatchObject({ status: 'failed', error: expect.stringMatching(/^Invalid(Request|Flow)$/) });
    expect(cause).toContain(said);
  });

  it.each(['erasure-1', 'ticket-1', 'flow-mira@customer.example', 'flow-canary-echo-1'])(
    'has an id of its own: %s',
    async (workflowId) => {
      const { taskQueue, temporal } = steward;
      const options = { workflowId: `${workflowId}`, taskQueue, args: [{ flow: 'echo' }] };
      const started = await temporal.client.workflow.start('runFlow', options);
      await expect(started.result()).rejects.toMatchObject({
        cause: { type: 'InvalidRequest', message: expect.stringMatching(/^workflow id: expected/) },
      });
    },
  );

  test.each(['mira@customer.example', 'canary-echo-1'])(
    'an id that names somebody, or is of our own, is refused before anything is started: %s',
    async (id) => {
      const started = steward.steward.flows.start(id, { flow: 'echo' });
      await expect(started).rejects.toMatchObject({ code: 'InvalidRequest', problems: [{ field: 'id' }] });
    },
  );
});

test('the bare `temporal` program starts one, where clear text is taken', async () => {
  const { connection } = steward.temporal;
  const id = runId();
  const options = { workflowId: `flow-${id}`, taskQueue: steward.taskQueue };
  const args = [{ flow: 'echo', input: { from: 'outside' } }];
  await new Client({ connection }).workflow.start('runFlow', { ...options, args });
  expect(await steward.steward.flows.end(id)).toEqual({ status: 'succeeded', output: { from: 'outside' } });
});

/** For whoever comes first: where there are customers, nothing is seeded. */
const CUSTOMERS = ['Flow', 'Ada', 'Ben'].map(
  (name) => ({ id: `CUST-${name}`, email: `${name}@customer.example`, name, tier: 'premium' }) as never,
);

test('the key of a run is its customer’s, whom its input or whoever starts it names', async () => {
  await steward.composed.seedCustomers(CUSTOMERS);
  const ids = [runId(), runId(), runId(), runId(), runId(), runId()];
  const starts = [
    { flow: 'echo', input: { detail: { customerEmail: 'flow@customer.example' } } },
    { flow: 'echo', input: { customerId: 'CUST-Flow' } },
    { flow: 'echo', customerId: 'CUST-Flow' },
    { flow: 'echo', customerId: 'CUST-NOBODY', input: { customerEmail: 'FLOW@customer.example' } },
    // Refused: its history has the words all the same.
    { flow: 'no such name', input: { customerId: 'CUST-Flow' }, beside: 1 },
    { flow: 'echo', input: { customerId: 'CUST-NOBODY' } },
  ];
  for (const [i, args] of starts.entries()) await steward.steward.flows.start(ids[i] ?? '', args);
  for (const id of ids) await steward.steward.flows.end(id);
  expect(await subjectsOf(steward, ids)).toEqual([...Array(5).fill('CUST-Flow'), null]);
});

test('an id under which there was a run for somebody else is refused: an erasure would take both, or leave one', async () => {
  await steward.composed.seedCustomers(CUSTOMERS);
  const { flows } = steward.steward;
  const id = runId();
  const failing = { flow: 'way', input: { items: [1, 2, 4], customerId: 'CUST-Ada' } };
  await flows.start(id, failing);
  expect(await flows.end(id)).toMatchObject({ status: 'failed', error: 'NotDoubled' });
  for (const input of [{ items: [1, 2, 3], customerId: 'CUST-Ben' }, { items: [1, 2, 3] }]) {
    expect(await flows.start(id, { flow: 'way', input })).toMatchObject({ known: false });
    const cause = expect.stringMatching(/^workflow id: there was a run for somebody else/);
    expect(await flows.end(id)).toEqual({ status: 'failed', error: 'InvalidRequest', cause });
  }
  // Their own may be mended and come again.
  await flows.start(id, failing);
  expect(await flows.end(id)).toMatchObject({ status: 'failed', error: 'NotDoubled' });
});

test('steward flow run starts one, waits for it and prints what came of it', async () => {
  const parts = { flows: async () => steward.steward.flows, readText: async () => '{"items": [1, 2, 3]}' };
  const started = await runOn(parts, 'flow', 'run', 'way', '--input', 'in.json', '--wait', '--json');
  expect(started).toMatchObject({ exit: 0 });
  expect(JSON.parse(started.out)).toMatchObject({ status: 'succeeded', output: { sum: [2, 4, 6] } });
  const failed = await runOn(parts, 'flow', 'run', 'hurried', '--wait');
  expect(failed).toMatchObject({ exit: 1, out: expect.stringMatching(/^failed: States\.Timeout: /) });
  const id = runId();
  expect((await runOn(parts, 'flow', 'run', 'long', '--id', id)).out).toContain(`npx steward flow show ${id}`);
  await vi.waitFor(async () => {
    const shown = await runOn(parts, 'flow', 'show', id);
    expect(shown.out).toMatch(/At +Sleep#1\n/);
  }, PATIENCE);
  const again = await runOn(parts, 'flow', 'run', 'long', '--id', id, '--wait');
  expect(again).toMatchObject({ exit: 1, out: '', err: expect.stringContaining(`there was a run ${id} already`) });
  await runHandle(steward, id).terminate();
  expect(await runOn(parts, 'flow', 'show', 'nobody')).toMatchObject({ exit: 1 });
});
