/** A request that is under way when its worker stops, or when its run is cancelled. */
import { expect, test, vi } from 'vitest';
import { alone, runHandle, runId } from './flow-run-support.ts';
import { useHttp } from './http-support.ts';
import { PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 120_000 });

const scene = useHttp(
  (url) => ({
    reserve: alone('Reserve', { Type: 'Task', Resource: 'module:http', Parameters: { url, method: 'POST' } }),
  }),
  { timeout: '40 s' },
);

async function underWay(failure: 'timeout' | 'late'): Promise<string> {
  const id = runId();
  const before = scene.outside.asked.length;
  scene.outside.failNext(failure);
  await scene.steward.steward.flows.start(id, { flow: 'reserve' });
  await vi.waitFor(() => expect(scene.outside.asked).toHaveLength(before + 1), PATIENCE);
  return id;
}

test('is made again with the same key by whoever works next', async () => {
  const { steward, outside } = scene;
  const id = await underWay('late');
  await steward.restartWorkers();
  expect(await steward.steward.flows.end(id)).toMatchObject({ status: 'succeeded', output: { status: 200 } });
  const keys = outside.asked.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

test('is not torn by a request to cancel its run, which ends after it', async () => {
  const { steward } = scene;
  const id = await underWay('timeout');
  await runHandle(steward, id).cancel();
  await steward.restartWorkers();
  expect(await steward.steward.flows.end(id)).toMatchObject({ status: 'failed', error: 'Cancelled' });
  const outcomes = await steward.owner
    .selectFrom('audit_entries')
    .select('action')
    .where('object', '=', `workflow/flow-${id}`)
    .orderBy('id')
    .execute();
  expect(outcomes.map(({ action }) => action)).toEqual(['http.intent', 'http.intent', 'http.outcome']);
});
