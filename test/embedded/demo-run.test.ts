import { expect, test } from 'vitest';
import type { DeliveryLine, TicketLine, TimelineLine } from '../../src/compose-operator.ts';
import { demoTickets } from '../../src/embedded/demo-data.ts';
import { type DemoStage, runDemo } from '../../src/embedded/demo-run.ts';

/** A stage on which every ticket goes its expected way at once, except as told. */
function createStage(more: Partial<DemoStage['read']> = {}, known: string[] = [], remembered: string[] = []) {
  const posted: string[] = [];
  const lines: string[] = [];
  const expectedOf = (id: string) => {
    const index = ['0423', '0424', '0425'].findIndex((number) => id.startsWith(`TKT-2026-${number}`));
    return demoTickets()[index]?.expected ?? { decision: '', priority: '', route: 'bot' as const };
  };
  const stage: DemoStage = {
    read: {
      async ticket(ticketId): Promise<TicketLine | null> {
        if (!posted.includes(ticketId) && !known.includes(ticketId)) return null;
        const { decision, priority, route } = expectedOf(ticketId);
        return {
          ...{
            ticketId,
            priority,
            route,
            state: 'waitingForAgent',
            tier: null,
            assigneeId: null,
            needsAttention: false,
          },
          ...{ openedAt: '', updatedAt: '', source: 's', flow: 'f', customerId: 'c' },
          facts: {
            sentiment: { label: 'NEGATIVE', source: 'platform' },
            decisions: [{ next: decision }, { next: 'Later' }],
          },
        };
      },
      timeline: async (): Promise<TimelineLine[]> => [
        { seq: 1, at: '2026-04-23T10:15:00.000Z', kind: 'received', actor: 'customer', facts: {} },
        { seq: 2, at: '2026-04-23T10:15:00.200Z', kind: 'escalated', actor: 'steward', facts: { agentId: 'ana' } },
      ],
      deliveries: async (): Promise<DeliveryLine[]> => [delivery('sent')],
      parked: async () => [],
      seconds: async () => 0.1234,
      ...more,
    },
    async post(envelope) {
      const { ticketId } = envelope.detail;
      if (remembered.includes(ticketId)) return { known: true };
      posted.push(ticketId);
      return { known: false };
    },
    say: (line) => void lines.push(line),
    limitMs: 300,
    signal: new AbortController().signal,
  };
  return { stage, posted, lines };
}

function delivery(status: string): DeliveryLine {
  return {
    ...{ id: '1', occasion: 'o', recipient: { kind: 'agent', id: 'ana' }, channel: 'mail', transport: 'outbox' },
    ...{ template: 'escalation', status, reason: null, attempts: 1, at: '' },
  };
}

test('when all go where they should there is no trouble, and each outcome is told', async () => {
  const { stage, lines } = createStage();
  const { outcomes, troubles } = await runDemo(stage);
  expect(troubles).toEqual([]);
  expect(outcomes[0]).toEqual({
    ticketId: 'TKT-2026-0423',
    sentiment: { label: 'NEGATIVE', source: 'platform' },
    priority: 'HIGH',
    decision: 'EscalateToAgent',
    route: 'agent',
    deliveries: [{ recipient: 'ana', channel: 'mail', template: 'escalation', status: 'sent' }],
    seconds: 0.123,
  });
  expect(outcomes).toHaveLength(3);
  expect(lines.filter((line) => line.includes('given to agent ana'))).toHaveLength(3);
});

test('ids that are known already get a suffix, so that the demo can be run again', async () => {
  const { stage, posted } = createStage({}, ['TKT-2026-0424']);
  await runDemo(stage);
  expect(posted).toEqual(
    ['0423', '0424', '0425'].map((n) => expect.stringMatching(new RegExp(`^TKT-2026-${n}-\\w+$`))),
  );
});

test('an id that only Temporal remembers gets a suffix too: its workflow outlives an emptied database', async () => {
  const { stage, posted } = createStage({}, [], ['TKT-2026-0424']);
  const { outcomes, troubles } = await runDemo(stage);
  expect(troubles).toEqual([]);
  const ids = ['TKT-2026-0423', expect.stringMatching(/^TKT-2026-0424-\w+$/), 'TKT-2026-0425'];
  expect(posted).toEqual(ids);
  expect(outcomes.map(({ ticketId }) => ticketId)).toEqual(ids);
});

test('a ticket that went elsewhere is trouble', async () => {
  const { stage } = createStage();
  const { ticket } = stage.read;
  const read = { ...stage.read, ticket: async (id: string) => withRoute(await ticket(id)) };
  const { troubles } = await runDemo({ ...stage, read });
  expect(troubles).toEqual(['TKT-2026-0423: route is bot, should be agent']);
});

function withRoute(ticket: TicketLine | null): TicketLine | null {
  return ticket && { ...ticket, route: 'bot' };
}

test('a message that did not go out is trouble', async () => {
  const { troubles } = await runDemo(createStage({ deliveries: async () => [delivery('failed')] }).stage);
  expect(troubles[0]).toBe('TKT-2026-0423: escalation to ana is failed, not sent');
});

test('a ticket that does not get through in time ends the waiting', async () => {
  const { troubles } = await runDemo(createStage({ deliveries: async () => [delivery('queued')] }).stage);
  expect(troubles[0]).toContain('TKT-2026-0423: did not get through in time');
});

test('a parked step ends the waiting at once', async () => {
  const parked = async (ticketId = '') => [{ ticketId, step: 'A#1', error: 'X', cause: '', attempts: 4, since: '' }];
  const { troubles } = await runDemo({ ...createStage({ parked }).stage, limitMs: 60_000 });
  expect(troubles[0]).toContain('TKT-2026-0423: a step is parked');
});
