import { describe, expect, it, vi } from 'vitest';
import type { Outbox } from '../../src/deps.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { type TestSteward, useSteward } from '../support/steward.ts';
import {
  about,
  answered,
  entry,
  escalated,
  handleOf,
  kinds,
  messagesOf,
  PATIENCE,
  question,
  ratingsOf,
  until,
} from './support.ts';

const LONG = '3600000';
const timings = (silence: string, window: string) => () => ({
  STEWARD_SOLVE_AFTER_SILENCE_MS: silence,
  STEWARD_REOPEN_WINDOW_MS: window,
});

async function outcomeOf(steward: TestSteward, ticketId: string): Promise<unknown> {
  return handleOf(steward, ticketId).result();
}

describe.concurrent('silence after the bot’s answer', () => {
  const steward = useSteward({ settings: timings('3000', LONG) });

  it('counts as solved', async () => {
    const id = await answered(steward);
    await until(steward, id, { state: 'solved', route: 'bot', episode: 1 });
    expect(await entry(steward, id, 'silenceEnded')).toMatchObject({ actor: 'steward' });
  });

  it('is not ended by a rating: the ticket is solved all the same', async () => {
    const id = await answered(steward);
    await steward.steward.rate(id, { score: 5 });
    await entry(steward, id, 'rated');
    await until(steward, id, { state: 'solved' });
    expect((await kinds(steward, id)).slice(-2)).toEqual(['rated', 'silenceEnded']);
  });

  it('is ended by a reply of the customer’s: the ticket waits for a person, however long', async () => {
    const id = await answered(steward);
    const other = await answered(steward);
    await steward.steward.tell(id, 'customerReplied', { message: 'No.' });
    await until(steward, id, { state: 'waitingForAgent' });
    // By the time that a later ticket's silence has ended, this one's would have too.
    await until(steward, other, { state: 'solved' });
    const third = await answered(steward);
    await until(steward, third, { state: 'solved' });
    await until(steward, id, { state: 'waitingForAgent' });
  });

  it('is none where a person answered', async () => {
    const id = await escalated(steward);
    await steward.steward.reply(id, { agentId: 'ana', message: 'Try now.' });
    const other = await answered(steward);
    await until(steward, other, { state: 'solved' });
    await until(steward, id, { state: 'waitingForCustomer', route: 'agent' });
  });
});

describe.concurrent('the reopen window', () => {
  const steward = useSteward({ settings: timings(LONG, '3000') });

  it('ends, the ticket is closed, and its workflow is over', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    expect(await outcomeOf(steward, id)).toEqual({ ticketId: id, outcome: 'closed' });
    expect(await steward.read.ticket(id)).toMatchObject({ state: 'closed' });
    expect((await kinds(steward, id)).at(-1)).toBe('closed');
  });

  it('begins anew with each episode', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await steward.steward.tell(id, 'reopened', {});
    await until(steward, id, { state: 'waitingForAgent', episode: 2 });
    const other = await escalated(steward);
    await steward.steward.resolve(other, { agentId: 'ana' });
    await outcomeOf(steward, other);
    await until(steward, id, { state: 'waitingForAgent', episode: 2 });
    await steward.steward.resolve(id, { agentId: 'ana' });
    expect(await outcomeOf(steward, id)).toEqual({ ticketId: id, outcome: 'closed' });
    expect((await kinds(steward, id)).filter((kind) => kind === 'closed')).toHaveLength(1);
  });

  it('is not lengthened by a rating', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    const before = (await steward.steward.describe(id)).waitingFor;
    await steward.steward.rate(id, { score: 3 });
    await entry(steward, id, 'rated');
    expect((await steward.steward.describe(id)).waitingFor).toBe(before);
    expect(await outcomeOf(steward, id)).toMatchObject({ outcome: 'closed' });
  });

  it('over, a rating by HTTP still counts, one row an episode', async () => {
    const id = await escalated(steward);
    await steward.steward.rate(id, { score: 1 });
    await entry(steward, id, 'rated');
    await steward.steward.resolve(id, { agentId: 'ana' });
    await outcomeOf(steward, id);
    expect((await steward.post(about(id, 'ticket.rated', 'r1', { score: 4 }))).status).toBe(202);
    expect((await steward.post(about(id, 'ticket.rated', 'r2', { score: 5 }))).status).toBe(202);
    expect(await ratingsOf(steward, id)).toEqual([{ episode: 1, score: 5 }]);
  });

  it('over, a customer’s reply opens a new ticket that goes on from this one', async () => {
    const event = question({ subject: 'Printer' });
    await steward.steward.submit(event);
    const id = event.detail.ticketId;
    await until(steward, id, { state: 'waitingForCustomer' });
    await steward.steward.resolve(id, { agentId: 'ana' });
    await outcomeOf(steward, id);
    const response = await steward.post(about(id, 'ticket.replied', 'late-1', { message: 'It is back!' }));
    expect(response.status).toBe(202);
    const { ticketId, linkedTo } = (await response.json()) as { ticketId: string; linkedTo: string };
    expect(linkedTo).toBe(id);
    await vi.waitFor(async () => {
      expect(await steward.read.ticket(ticketId)).toMatchObject({ customerId: event.detail.customerId });
    }, PATIENCE);
    expect(await messagesOf(steward, ticketId)).toMatchObject([{ subject: 'Printer', body: 'It is back!' }]);
    const again = await steward.post(about(id, 'ticket.replied', 'late-1', { message: 'It is back!' }));
    expect(await again.json()).toMatchObject({ ticketId, known: true });
  });

  it.each(['ticket.resolved', 'ticket.reopened'])('over, %s is refused', async (type) => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await outcomeOf(steward, id);
    const response = await steward.post(about(id, type, 'e1'));
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'TicketClosed' });
  });
});

describe('a message that is tried again', () => {
  const trouble = { mail: false };
  const outbox: Outbox = {
    async write() {
      if (trouble.mail) throw new ProviderError('mail', 'HTTP 503', { retryable: true });
      return 'written';
    },
  };
  const steward = useSteward({ settings: timings(LONG, '4000'), overrides: { outbox } });

  it('after the ticket was solved does not stop its reopen window', async () => {
    const id = await answered(steward);
    trouble.mail = true;
    await steward.steward.tell(id, 'customerReplied', { message: 'No.' });
    await until(steward, id, { state: 'waitingForAgent' });
    await vi.waitFor(async () => {
      const told = (await steward.read.deliveries(id)).filter((delivery) => delivery.template === 'escalation');
      expect(told).toMatchObject([{ status: 'queued', reason: 'HTTP 503' }]);
    }, PATIENCE);
    await steward.steward.resolve(id, { agentId: 'ana' });
    trouble.mail = false;
    expect(await outcomeOf(steward, id)).toMatchObject({ outcome: 'closed' });
    const told = (await steward.read.deliveries(id)).filter((delivery) => delivery.template === 'escalation');
    expect(told).toMatchObject([{ status: 'sent' }]);
  });
});
