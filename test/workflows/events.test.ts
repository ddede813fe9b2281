import { createHash } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it, vi } from 'vitest';
import type { Change } from '../../src/domain/journal.ts';
import { envelope, useSteward } from '../support/steward.ts';
import {
  about,
  entry,
  escalated,
  expectNoFailedTask,
  handleOf,
  kinds,
  messagesOf,
  PATIENCE,
  question,
  ratingsOf,
  until,
} from './support.ts';

const steward = useSteward();

describe('an event that comes before its ticket', () => {
  it('is held, and taken in order when the ticket comes', async () => {
    const event = envelope({ ticketId: `TKT-early-${Date.now()}` });
    const id = event.detail.ticketId;
    const early = [
      about(id, 'ticket.replied', 'e3', { message: 'first' }),
      about(id, 'ticket.replied', 'e1', { message: 'second' }),
      about(id, 'ticket.rated', 'r1', { score: 2 }),
      about(id, 'ticket.replied', 'e2', { message: 'third' }),
    ];
    for (const one of early) {
      const response = await steward.post(one);
      expect(response.status).toBe(202);
      expect(await response.json()).toMatchObject({ held: true });
    }
    expect(
      await handleOf(steward, id)
        .describe()
        .catch((error: unknown) => error),
    ).toBeInstanceOf(WorkflowNotFoundError);
    expect((await steward.post(event)).status).toBe(202);
    await entry(steward, id, 'customerReplied', 3);
    const timeline = await steward.read.timeline(id);
    const taken = timeline.filter((line) => line.kind === 'customerReplied' || line.kind === 'rated');
    expect(taken.map((line) => line.facts.eventId)).toEqual(['e3', 'e1', 'r1', 'e2']);
    expect((await messagesOf(steward, id)).map((line) => line.body).sort()).toEqual([
      "I can't access my account.",
      'first',
      'second',
      'third',
    ]);
    expect(await ratingsOf(steward, id)).toEqual([{ episode: 1, score: 2 }]);
    // They stay until the ticket closes, for a first step that is lost and done again.
    expect(await held(id)).toHaveLength(4);
  });

  it('goes before a signal that comes with the ticket', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await steward.post(about(id, 'ticket.replied', 'held', { message: 'I came first' }));
    await steward.temporal.client.workflow.signalWithStart('supportTicket', {
      workflowId: `ticket-${id}`,
      taskQueue: steward.taskQueue,
      args: [event],
      signal: 'customerReplied',
      signalArgs: [{ message: 'I came with it', source: 'support.platform', eventId: 'signal' }],
    });
    await entry(steward, id, 'customerReplied', 2);
    const taken = (await steward.read.timeline(id)).filter((line) => line.kind === 'customerReplied');
    expect(taken.map((line) => line.facts.eventId)).toEqual(['held', 'signal']);
  });

  it('20 times at once is held once and taken once', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    const early = about(id, 'ticket.replied', 'e1', { message: 'once' });
    const responses = await Promise.all(Array.from({ length: 20 }, () => steward.post(early)));
    expect(responses.map((response) => response.status)).toEqual(Array(20).fill(202));
    await Promise.all([steward.post(event), ...Array.from({ length: 5 }, () => steward.post(early))]);
    await until(steward, id, { state: 'waitingForAgent' });
    await drained(id);
    expect((await kinds(steward, id)).filter((kind) => kind === 'customerReplied')).toHaveLength(1);
    expect((await messagesOf(steward, id)).filter((line) => line.body === 'once')).toHaveLength(1);
  });

  it('that solves the ticket leaves the flow nothing to do', async () => {
    const event = question();
    const id = event.detail.ticketId;
    await steward.post(about(id, 'ticket.resolved', 'e1', { agentId: 'ana' }));
    await steward.post(event);
    await until(steward, id, { state: 'solved' });
    await drained(id);
    expect((await steward.read.deliveries(id)).filter((delivery) => delivery.template === 'bot-answer')).toEqual([]);
    await expectNoFailedTask(steward, id);
  });

  it('and is unlawful then, stands on the timeline', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await steward.post(about(id, 'ticket.reopened', 'e1'));
    await steward.post(event);
    expect(await entry(steward, id, 'ignored')).toMatchObject({ facts: { event: 'reopened', state: 'new' } });
    await until(steward, id, { state: 'waitingForAgent', episode: 1 });
  });
});

describe('an agent who takes a ticket on the support platform', () => {
  it('has it here as well, and says so once', async () => {
    const id = await escalated(steward);
    const claim = about(id, 'ticket.claimed', 'c1', { agentId: 'ben' });
    expect((await steward.post(claim)).status).toBe(202);
    await entry(steward, id, 'claimed');
    expect(await steward.steward.describe(id)).toMatchObject({ state: 'inProgress', assigneeId: 'ben' });
    expect(await (await steward.post(claim)).json()).toMatchObject({ known: true });
    const claims = (await steward.read.timeline(id)).filter(({ kind }) => kind === 'claimed');
    expect(claims).toMatchObject([{ actor: 'ben', facts: { eventId: 'c1' } }]);
  });

  it('has it also where the platform was faster than the ticket', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    const claim = about(id, 'ticket.claimed', 'c1', { agentId: 'ben' });
    expect(await (await steward.post(claim)).json()).toMatchObject({ held: true });
    await steward.post(event);
    expect(await entry(steward, id, 'claimed')).toMatchObject({ actor: 'ben' });
    await vi.waitFor(async () => {
      expect(await steward.steward.describe(id)).toMatchObject({ state: 'inProgress', assigneeId: 'ben' });
    }, PATIENCE);
  });

  it('is named, or nothing is taken', async () => {
    const id = await escalated(steward);
    const response = await steward.post(about(id, 'ticket.claimed', 'c1', {}));
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ problems: [{ field: 'detail.agentId' }] });
  });
});

describe('the same again', () => {
  it('the same event 20 times at once is taken once', async () => {
    const id = await escalated(steward);
    const event = about(id, 'ticket.replied', 'e1', { message: 'once' });
    const responses = await Promise.all(Array.from({ length: 20 }, () => steward.post(event)));
    // The worker, on connections of its own, may have taken it before the last one is looked at: that one is known.
    const statuses = responses.map((response) => response.status);
    expect(statuses).toContain(202);
    expect(statuses.filter((status) => status !== 202 && status !== 200)).toEqual([]);
    await entry(steward, id, 'customerReplied');
    await drained(id);
    expect((await kinds(steward, id)).filter((kind) => kind === 'customerReplied')).toHaveLength(1);
    expect((await messagesOf(steward, id)).filter((line) => line.body === 'once')).toHaveLength(1);
    const told = (await steward.read.deliveries(id)).filter((d) => d.occasion === 'support.platform/e1');
    expect(told).toHaveLength(1);
    // One hand-over by the flow, one for the reply.
    expect((await kinds(steward, id)).filter((kind) => kind === 'escalated')).toHaveLength(2);
  });

  it('a signal whose labels are null is one without', async () => {
    const id = await escalated(steward);
    const nothing = { source: null, eventId: null };
    await handleOf(steward, id).signal('strangerReplied', { otherTicketId: 'MAIL-1', ...nothing });
    await handleOf(steward, id).signal('deliveryFailed', { deliveryId: '1', outcome: 'bounced', ...nothing });
    await handleOf(steward, id).signal('lookAgain', { incidentId: '1', ...nothing });
    await handleOf(steward, id).signal('assignmentDue', nothing);
    for (const message of ['one', 'two']) {
      await handleOf(steward, id).signal('customerReplied', { message, ...nothing });
    }
    await entry(steward, id, 'customerReplied', 2);
    await entry(steward, id, 'strangerReplied');
    await entry(steward, id, 'undelivered');
    await expectNoFailedTask(steward, id);
  });

  it('the same ticket 50 times at once: one workflow, one row, and nothing delivered twice', async () => {
    const event = question();
    const id = event.detail.ticketId;
    const responses = await Promise.all(Array.from({ length: 50 }, () => steward.post(event)));
    const statuses = responses.map((response) => response.status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(49);
    const known = await Promise.all(responses.map(async (r) => ((await r.json()) as { known?: boolean }).known));
    expect(known.filter((one) => one === true)).toHaveLength(49);
    await until(steward, id, { state: 'waitingForCustomer' });
    await drained(id);
    const { executions } = await steward.temporal.client.workflowService.listWorkflowExecutions({
      namespace: 'default',
      query: `WorkflowId = "ticket-${id}"`,
    });
    expect(executions).toHaveLength(1);
    expect(await messagesOf(steward, id)).toHaveLength(2);
    const deliveries = (await steward.read.deliveries(id)).map((d) => [d.template, d.status, d.attempts]);
    expect(deliveries).toEqual([
      ['welcome', 'sent', 1],
      ['bot-answer', 'sent', 1],
    ]);
  });

  it('a ticket whose workflow was deleted is known still', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await steward.post(event);
    await until(steward, id, { state: 'waitingForAgent' });
    await deleteWorkflow(id);
    const response = await steward.post(event);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ ticketId: id, known: true });
    // Past the gateway's own look, as the client or the `temporal` command would: the first step knows it.
    const before = await kinds(steward, id);
    expect(await steward.steward.submit(event)).toMatchObject({ known: false });
    expect(await handleOf(steward, id).result()).toEqual({ ticketId: id, outcome: 'known' });
    expect(await kinds(steward, id)).toEqual(before);
    expect(await messagesOf(steward, id)).toHaveLength(1);
  });

  it('the same id from another source is a conflict', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await steward.post(event);
    await until(steward, id, { state: 'waitingForAgent' });
    const response = await steward.post({ ...event, source: 'another.platform' });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'TicketConflict' });
    await deleteWorkflow(id);
    await steward.steward.submit({ ...event, source: 'another.platform' });
    await expect(handleOf(steward, id).result()).rejects.toMatchObject({ cause: { type: 'TicketConflict' } });
  });
});

describe('many things at once', () => {
  it('are written one after another, and none is lost', async () => {
    const { tickets, deliveries } = steward.composed.deps;
    const watch = watchWrites();
    const undo = [watch.over(tickets, 'record'), watch.over(tickets, 'take'), watch.over(deliveries, 'queue')];
    try {
      const event = question({ customerEmail: 'ada@customer.example' });
      const id = event.detail.ticketId;
      await steward.post(event);
      await vi.waitFor(() => steward.steward.describe(id), PATIENCE);
      const many = Array.from({ length: 8 }, (_, i) => i);
      await Promise.all([
        ...many.map((i) => steward.post(about(id, 'ticket.replied', `c${i}`, { message: `customer ${i}` }))),
        ...many.map((i) => steward.steward.reply(id, { agentId: 'ana', message: `agent ${i}` })),
        ...many.map((i) => steward.steward.rate(id, { score: (i % 5) + 1 })),
        ...many.map(() => handleOf(steward, id).signal('rated', 'nonsense')),
      ]);
      await entry(steward, id, 'customerReplied', 8);
      await entry(steward, id, 'agentReplied', 8);
      await drained(id);
      expect(watch.atOnce).toBe(1);
      const bodies = (await messagesOf(steward, id)).map((line) => line.body);
      for (const i of many) {
        expect(bodies).toContain(`customer ${i}`);
        expect(bodies).toContain(`agent ${i}`);
      }
      const seqs = (await steward.read.timeline(id)).map((line) => line.seq);
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
      const { state, route, assigneeId } = await steward.steward.describe(id);
      expect(await steward.read.ticket(id)).toMatchObject({ state, route, assigneeId });
      await expectNoFailedTask(steward, id);
    } finally {
      for (const one of undo) one();
    }
  });
});

function held(ticketId: string) {
  return steward.composed.db.selectFrom('held_events').selectAll().where('ticket_id', '=', ticketId).execute();
}

/** Whatever was under way has ended: an update goes through the whole line, and nothing waits to be sent. */
async function drained(ticketId: string): Promise<void> {
  await steward.steward.rate(ticketId, {
    score: 3,
    source: 'drained',
    eventId: createHash('sha1').update(ticketId).digest('hex'),
  });
  await vi.waitFor(async () => {
    const timeline = await steward.read.timeline(ticketId);
    expect(timeline.some((line) => line.facts.source === 'drained')).toBe(true);
    const open = (await steward.read.deliveries(ticketId)).filter(
      (d) => d.status === 'queued' || d.status === 'sending',
    );
    expect(open).toEqual([]);
  }, PATIENCE);
}

async function deleteWorkflow(ticketId: string): Promise<void> {
  const { workflowService } = steward.temporal.client;
  await workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: `ticket-${ticketId}` },
  });
  await vi.waitFor(async () => {
    const found = await handleOf(steward, ticketId)
      .describe()
      .catch((error: unknown) => error);
    expect(found).toBeInstanceOf(WorkflowNotFoundError);
  }, PATIENCE);
}

/** Counts how many writes of one ticket are under way at the same time, and makes each take long enough to meet another. */
function watchWrites() {
  const now = new Map<string, number>();
  const watch = {
    atOnce: 0,
    /** Until the function that it answers is called. */
    over(store: object, name: 'record' | 'take' | 'queue'): () => void {
      const real: (change: Change, ...rest: unknown[]) => Promise<unknown> = Reflect.get(store, name);
      const slow: typeof real = async (change, ...rest) => {
        const { ticketId } = change;
        now.set(ticketId, (now.get(ticketId) ?? 0) + 1);
        watch.atOnce = Math.max(watch.atOnce, now.get(ticketId) ?? 0);
        try {
          await steward.composed.db.selectNoFrom((eb) => eb.fn('pg_sleep', [eb.lit(0.02)]).as('slept')).execute();
          return await real(change, ...rest);
        } finally {
          now.set(ticketId, (now.get(ticketId) ?? 0) - 1);
        }
      };
      Object.assign(store, { [name]: slow });
      return () => void Object.assign(store, { [name]: real });
    },
  };
  return watch;
}
