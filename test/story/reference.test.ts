import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { useSteward } from '../support/steward.ts';

const steward = useSteward();

test('the reference event is NEGATIVE, HIGH, escalated to an agent, and somebody was told', async () => {
  const event = JSON.parse(await readFile('test/fixtures/ticket-created.json', 'utf8'));
  const response = await steward.post(event);
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({ ticketId: 'TKT-2026-0423', workflowId: 'ticket-TKT-2026-0423' });

  await vi.waitFor(
    async () => {
      const deliveries = await steward.read.deliveries('TKT-2026-0423');
      expect(deliveries.filter((d) => d.template === 'escalation')).toMatchObject([
        { status: 'sent', channel: 'mail' },
      ]);
    },
    { timeout: 15_000, interval: 50 },
  );
  const ticket = await steward.read.ticket('TKT-2026-0423');
  expect(ticket).toMatchObject({ state: 'waitingForAgent', route: 'agent', priority: 'HIGH', tier: 'premium' });
  expect(ticket?.facts).toMatchObject({
    sentiment: { label: 'NEGATIVE', source: 'platform' },
    decisions: [{ state: 'RouteTicket', next: 'EscalateToAgent' }],
  });
  const view = await steward.steward.describe('TKT-2026-0423');
  expect(view).toMatchObject({ state: 'waitingForAgent', priority: 'HIGH', assigneeId: ticket?.assigneeId });
  const timeline = await steward.read.timeline('TKT-2026-0423');
  expect(timeline.map((line) => line.kind)).toEqual(['received', 'enriched', 'decided', 'escalated']);
});
