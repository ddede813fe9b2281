import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { useSteward } from '../support/steward.ts';

const steward = useSteward();

test('the reference event is NEGATIVE, HIGH, escalated to an agent, and somebody was told', async () => {
  const reference = JSON.parse(await readFile('test/fixtures/ticket-created.json', 'utf8'));
  // The run's Temporal server is shared: an id of its own.
  const ticketId = `${reference.detail.ticketId}-${Date.now()}`;
  const event = { ...reference, detail: { ...reference.detail, ticketId } };
  const response = await steward.post(event);
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({ ticketId, workflowId: `ticket-${ticketId}` });

  await vi.waitFor(
    async () => {
      const deliveries = await steward.read.deliveries(ticketId);
      expect(deliveries.filter((d) => d.template === 'escalation')).toMatchObject([
        { status: 'sent', channel: 'mail' },
      ]);
    },
    { timeout: 15_000, interval: 50 },
  );
  const ticket = await steward.read.ticket(ticketId);
  expect(ticket).toMatchObject({ state: 'waitingForAgent', route: 'agent', priority: 'HIGH', tier: 'premium' });
  expect(ticket?.facts).toMatchObject({
    sentiment: { label: 'NEGATIVE', source: 'platform' },
    decisions: [{ state: 'RouteTicket', next: 'EscalateToAgent' }],
  });
  const view = await steward.steward.describe(ticketId);
  expect(view).toMatchObject({ state: 'waitingForAgent', priority: 'HIGH', assigneeId: ticket?.assigneeId });
  const timeline = await steward.read.timeline(ticketId);
  expect(timeline.map((line) => line.kind)).toEqual(['received', 'enriched', 'decided', 'escalated']);
});
