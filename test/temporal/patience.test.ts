import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createStewardClient, type StewardClient } from '../../src/client.ts';
import { composeGateway } from '../../src/compose.ts';
import { judge } from '../../src/config.ts';
import { createApp } from '../../src/http/app.ts';
import { Secret } from '../../src/secret.ts';
import { connectTemporal, type Temporal } from '../../src/temporal/connect.ts';
import { patient, TEMPORAL_PATIENCE_MS } from '../../src/temporal/patience.ts';
import { useProxy } from '../support/proxy.ts';
import { envelope, useSteward } from '../support/steward.ts';

const steward = useSteward();
const proxy = useProxy(() => inject('temporalAddress'));
const held = {} as { temporal: Temporal; bare: StewardClient };
beforeAll(async () => {
  const temporal = await connectTemporal(
    { address: proxy.address, namespace: 'default' },
    steward.composed.dataConverter,
  );
  Object.assign(held, { temporal, bare: createStewardClient(temporal.client, { taskQueue: steward.taskQueue }) });
});
afterAll(() => held.temporal?.connection.close());
beforeEach(() => {
  proxy.mode = 'pass';
});

async function timed(call: () => Promise<unknown>): Promise<{ answer: unknown; ms: number }> {
  const begin = performance.now();
  const answer = await call().catch((error: unknown) => error);
  return { answer, ms: performance.now() - begin };
}

describe('the gateway’s client', () => {
  it('starts and signals like the bare one while Temporal answers', async () => {
    const client = patient(held.bare, held.temporal.client);
    const event = envelope();
    expect(await client.submit(event)).toMatchObject({ known: false });
    expect(await client.submit(event)).toMatchObject({ known: true });
    await client.tell(event.detail.ticketId, 'customerReplied', { message: 'Well?' });
    await expect(client.tell('TKT-nobody', 'reopened', {})).rejects.toMatchObject({ code: 'TicketUnknown' });
  });

  it.each(['hang', 'refuse'] as const)('waits no longer than it has patience where Temporal would %s', async (mode) => {
    const client = patient(held.bare, held.temporal.client, 500);
    proxy.mode = mode;
    for (const call of [() => client.submit(envelope()), () => client.tell('TKT-1', 'reopened', {})]) {
      const { answer, ms } = await timed(call);
      expect(answer).toBeInstanceOf(Error);
      expect(ms).toBeLessThan(1500);
    }
  });

  it('lets POST /v1/events answer 503 with Retry-After while Temporal hangs', async () => {
    const settled = {
      config: judge({}).config,
      databaseUrl: new Secret(steward.databaseUrl),
      linkSecret: new Secret('x'.repeat(32)),
    };
    const log = { info() {}, warn() {}, error() {} };
    const { temporal, bare } = held;
    const app = createApp(composeGateway(settled, steward.composed, temporal.client, bare, log));
    proxy.mode = 'hang';
    const headers = { 'x-api-key': steward.apiKey };
    const { answer, ms } = await timed(async () =>
      app.request('/v1/events', { method: 'POST', headers, body: JSON.stringify(envelope()) }),
    );
    const { status, headers: said } = answer as Response;
    expect([status, said.get('retry-after')]).toEqual([503, '5']);
    expect(ms).toBeLessThan(TEMPORAL_PATIENCE_MS + 1500);
  });
});
