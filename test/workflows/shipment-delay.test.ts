/** flows/shipment-delay.asl.yaml on a real Temporal, against stand-ins that keep what they are told. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runShipments } from '../../src/embedded/demo-shipment.ts';
import { type Systems, startSystems } from '../../src/embedded/demo-systems.ts';
import { testFile } from '../support/files.ts';
import { useSteward } from '../support/steward.ts';
import { runId } from './flow-run-support.ts';
import { SECRET } from './http-support.ts';

vi.setConfig({ testTimeout: 90_000 });

const held: { systems?: Systems } = {};
const systems = () => {
  if (!held.systems) throw new Error('they are there from the first beforeAll on');
  return held.systems;
};
beforeAll(async () => {
  held.systems = await startSystems(SECRET);
});
afterAll(() => held.systems?.stop());
const steward = useSteward({
  settings: () => ({
    STEWARD_FLOW: 'flows/support-escalation.asl.json',
    STEWARD_HTTP: testFile('http.yaml', {
      hosts: Object.values(systems().at).map((url) => ({ host: new URL(url).host, secretEnv: 'CARRIER_SECRET' })),
    }),
  }),
  secrets: { CARRIER_SECRET: SECRET },
});

async function delayed(shipment: string, more: object = {}) {
  const id = runId();
  const before = systems().asked.length;
  const ids = { shipment, order: `ORD-${shipment}`, customerId: 'CUST-8921' };
  await steward.steward.flows.start(id, {
    flow: 'shipment-delay',
    input: { ...ids, systems: { ...systems().at }, ...more } as never,
  });
  const end = await steward.steward.flows.end(id);
  const asked = systems()
    .asked.slice(before)
    .map(({ system, method, path, status }) => `${system} ${method} ${path.replace(id, 'RUN')} ${status}`);
  return { id, end, asked };
}

test('a delay that a webhook tells of is told on, and the goods come from elsewhere', async () => {
  const { id, end, asked } = await delayed('SHP-1', { delay: { hours: 30 } });
  expect(end).toEqual({ status: 'succeeded', output: { shipment: 'SHP-1', told: true, warehouse: 'north' } });
  expect(asked).toEqual([
    'platform POST /messages 201',
    'inventory PUT /reservations/RUN 200',
    'inventory POST /reservations/RUN/dispatch 200',
    'carrier POST /shipments/SHP-1/replacement 200',
  ]);
  expect(systems().reserved.get(id)).toMatchObject({ order: 'ORD-SHP-1', dispatched: true });
});

test('one that nobody tells of is found by looking', async () => {
  const { end, asked } = await delayed('SHP 2/3');
  expect(end).toMatchObject({ status: 'succeeded', output: { shipment: 'SHP 2/3', told: true } });
  expect(asked[0]).toBe('carrier GET /shipments/SHP%202%2F3 200');
  expect(asked).toHaveLength(5);
});

test('what was reserved is released when the carrier takes no word, and somebody is asked for help', async () => {
  systems().refused.add('SHP-4');
  const { id, end, asked } = await delayed('SHP-4', { delay: { hours: 30 } });
  expect(end).toEqual({ status: 'failed', error: 'NotRerouted', cause: 'the reservation is released' });
  expect(asked.slice(3)).toEqual([
    ...Array.from({ length: 4 }, () => 'carrier POST /shipments/SHP-4/replacement 503'),
    'inventory DELETE /reservations/RUN 204',
    'platform POST /tickets 201',
  ]);
  expect(systems().reserved.has(id)).toBe(false);
  expect(systems().asked.at(-1)?.body).toEqual({
    ...{ kind: 'shipmentNotRerouted', shipment: 'SHP-4', order: 'ORD-SHP-4' },
    ...{ error: 'States.Http.StatusCode.503', released: true },
  });
});

test('the demo tells what happened, and what did not go as it should', async () => {
  const lines: string[] = [];
  const stage = { flows: steward.steward.flows, systems: systems(), say: (line: string) => void lines.push(line) };
  const { outcomes, troubles } = await runShipments(stage);
  expect(troubles).toEqual([]);
  expect(outcomes.map(({ end, reserved }) => [end.status, reserved])).toEqual([
    ['succeeded', true],
    ['failed', false],
  ]);
  expect(lines.at(-1)).toBe('  ended     NotRerouted: the reservation is released; nothing is reserved');
  // A system that forgets nothing it was told to release.
  const keeping = { ...systems(), reserved: { has: () => true } as never };
  const { troubles: found } = await runShipments({ ...stage, systems: keeping });
  expect(found).toEqual(['SHP-2026-0424: goods are still reserved']);
});
