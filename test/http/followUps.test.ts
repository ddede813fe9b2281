import { describe, expect, it } from 'vitest';
import { StewardError } from '../../src/domain/errors.ts';
import { linkedTicketId } from '../../src/http/continue.ts';
import { createWorld, followUp, place, postEvent } from './support.ts';

const ID = 'TKT-2026-0423';

describe('POST /v1/events about a ticket that exists', () => {
  it.each([
    ['ticket.replied', { message: 'Still broken' }, 'customerReplied', { message: 'Still broken' }],
    [
      'ticket.replied',
      { message: 'Try now', by: 'agent', agentId: 'ana' },
      'agentReplied',
      { message: 'Try now', agentId: 'ana', via: 'key/k1' },
    ],
    [
      'ticket.replied',
      { message: 'Try now', agentId: 'ana' },
      'agentReplied',
      { message: 'Try now', agentId: 'ana', via: 'key/k1' },
    ],
    ['ticket.replied', { message: 'Hm', by: 'customer', agentId: 'ana' }, 'customerReplied', { message: 'Hm' }],
    ['ticket.claimed', { agentId: 'ana' }, 'claimed', { agentId: 'ana', via: 'key/k1' }],
    ['ticket.resolved', { agentId: 'ana' }, 'resolved', { agentId: 'ana', via: 'key/k1' }],
    ['ticket.resolved', {}, 'resolved', { via: 'key/k1' }],
    ['ticket.reopened', {}, 'reopened', {}],
    ['ticket.rated', { score: 4 }, 'rated', { score: 4 }],
  ])('%s %j becomes the signal %s', async (type, detail, event, payload) => {
    const world = createWorld();
    place(world, ID, 'waitingForAgent');
    const response = await postEvent(world, followUp(type, detail));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ ticketId: ID, workflowId: `ticket-${ID}` });
    expect(world.told).toEqual([
      { ticketId: ID, event, payload: { source: 'support.platform', eventId: 'evt-1', ...payload } },
    ]);
    expect(world.calls).toEqual(['admit', 'tell']);
  });

  it('answers 200 known to an event that was taken already, with no further question', async () => {
    const world = createWorld();
    place(world, ID, 'waitingForAgent');
    world.taken.add('support.platform/evt-1');
    const response = await postEvent(world, followUp('ticket.replied', { message: 'Still broken' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ticketId: ID, workflowId: `ticket-${ID}`, known: true });
    expect(world.calls).toEqual(['admit']);
    expect((await postEvent(world, followUp('ticket.replied', { message: 'More' }, 'evt-2'))).status).toBe(202);
  });

  it('holds an event that comes before its ticket', async () => {
    const world = createWorld();
    const response = await postEvent(world, followUp('ticket.replied', { message: 'PS: it is urgent' }));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ ticketId: ID, workflowId: `ticket-${ID}`, held: true });
    expect(world.held).toEqual([
      {
        ticketId: ID,
        type: 'customerReplied',
        source: 'support.platform',
        eventId: 'evt-1',
        agentId: null,
        score: null,
        message: 'PS: it is urgent',
      },
    ]);
    expect(world.told).toEqual([]);
  });

  it('422 without an id, because a repeat could not be told from a second event', async () => {
    const { id: _, ...event } = followUp('ticket.rated', { score: 3 });
    const response = await postEvent(createWorld(), event);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ problems: [{ field: 'id' }] });
  });

  it.each([
    ['ticket.replied', {}, 'detail.message'],
    ['ticket.replied', { message: 'x', by: 'agent' }, 'detail.agentId'],
    ['ticket.replied', { message: 'x', by: 'bot' }, 'detail.by'],
    ['ticket.rated', { score: 6 }, 'detail.score'],
    ['ticket.rated', { score: 2.5 }, 'detail.score'],
    ['ticket.rated', { score: '5' }, 'detail.score'],
    ['ticket.reopened', { ticketId: '' }, 'detail.ticketId'],
  ])('422 for %s %j names %s', async (type, detail, field) => {
    const response = await postEvent(createWorld(), followUp(type, detail));
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ problems: [{ field }] });
  });
});

describe('POST /v1/events about a ticket that is closed', () => {
  it("opens a new, linked ticket of the same customer for a customer's reply, the same one for a repeat", async () => {
    const world = createWorld();
    place(world, ID, 'closed');
    const event = followUp('ticket.replied', { message: 'It is back' });
    const next = linkedTicketId(ID, 'support.platform', 'evt-1');
    expect(next).toMatch(/^TKT-2026-0423\.[0-9a-f]{8}$/);
    const response = await postEvent(world, event);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ ticketId: next, workflowId: `ticket-${next}`, linkedTo: ID });
    expect(world.submitted[0]?.detail).toEqual({
      ticketId: next,
      customerId: 'CUST-8921',
      subject: 'Login issue',
      message: 'It is back',
      linkedTo: ID,
    });
    const again = await postEvent(world, event);
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ ticketId: next, known: true });
    expect(world.submitted).toHaveLength(1);
  });

  it('makes no ticket of a repeated reply that was taken while the ticket was open', async () => {
    const world = createWorld();
    place(world, ID, 'closed');
    world.taken.add('support.platform/evt-1');
    const response = await postEvent(world, followUp('ticket.replied', { message: 'again' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ticketId: ID, workflowId: `ticket-${ID}`, known: true });
    expect(world.submitted).toEqual([]);
  });

  it('keeps a late rating', async () => {
    const world = createWorld();
    place(world, ID, 'closed');
    expect((await postEvent(world, followUp('ticket.rated', { score: 5 }))).status).toBe(202);
    expect(world.late).toEqual([{ ticketId: ID, score: 5 }]);
  });

  it.each(['ticket.resolved', 'ticket.reopened'])('409 for %s', async (type) => {
    const world = createWorld();
    place(world, ID, 'closed');
    const response = await postEvent(world, followUp(type, {}));
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'TicketClosed' });
  });

  it('loses no reply when the workflow ends between the look and the word', async () => {
    const world = createWorld();
    place(world, ID, 'solved');
    world.fail = { temporal: new StewardError('TicketUnknown', 'no running workflow') };
    const answer = postEvent(world, followUp('ticket.replied', { message: 'wait!' }));
    // The failing word is said; the start that follows finds Temporal well.
    Object.defineProperty(world.fail, 'temporal', {
      get: () => (world.calls.at(-1) === 'tell' ? new StewardError('TicketUnknown', 'no running workflow') : undefined),
    });
    expect((await answer).status).toBe(202);
    expect(world.submitted[0]?.detail.linkedTo).toBe(ID);
  });

  it('keeps the new id within 100 characters', () => {
    expect(linkedTicketId('x'.repeat(100), 's', 'e')).toHaveLength(100);
  });
});
