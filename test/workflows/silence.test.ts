import { describe, expect, it, vi } from 'vitest';
import type { Outbox } from '../../src/deps.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { historyOf as toldOf } from '../support/history.ts';
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

/** A ticket whose timeline says that the bot has answered: by the time one looks, its silence may have ended. */
async function oncePerhapsSolved(steward: TestSteward): Promise<string> {
  const event = question();
  await steward.steward.submit(event);
  await entry(steward, event.detail.ticketId, 'answered');
  return event.detail.ticketId;
}

/** How the ticket's clocks of this kind have ended, and that the last one runs or does not. */
async function expectClock(steward: TestSteward, ticketId: string, kind: RegExp, running: boolean): Promise<void> {
  await vi.waitFor(async () => {
    const { timers } = await toldOf(steward, ticketId);
    const outcomes = timers.filter(({ summary }) => kind.test(summary)).map((timer) => timer.outcome);
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes.slice(0, -1)).not.toContain('open');
    expect(outcomes.at(-1)).toBe(running ? 'open' : 'cancelled');
  }, PATIENCE);
}
const SILENCE = /^Silence/;
const WINDOW = /^The reopen window/;

describe.concurrent('silence after the bot’s answer', () => {
  const steward = useSteward({ settings: timings('2000', LONG) });

  it('counts as solved', async () => {
    const id = await oncePerhapsSolved(steward);
    expect(await entry(steward, id, 'silenceEnded')).toMatchObject({ actor: 'steward' });
    await until(steward, id, { state: 'solved', route: 'bot', episode: 1 });
  });

  it('is none where a person answered', async () => {
    const id = await escalated(steward);
    await steward.steward.reply(id, { agentId: 'ana', message: 'Try now.' });
    const other = await oncePerhapsSolved(steward);
    await entry(steward, other, 'silenceEnded');
    await until(steward, id, { state: 'waitingForCustomer', route: 'agent' });
  });
});

// Longer than any test: that a clock runs on, or does not, is seen in the history.
describe.concurrent('the clock of a ticket', () => {
  const steward = useSteward({ settings: timings(LONG, LONG) });

  it('runs on over a rating of the bot’s answer', async () => {
    const id = await answered(steward);
    const before = (await steward.steward.describe(id)).waitingFor;
    await steward.steward.rate(id, { score: 5 });
    await entry(steward, id, 'rated');
    expect((await steward.steward.describe(id)).waitingFor).toBe(before);
    await expectClock(steward, id, SILENCE, true);
  });

  it('is ended by a reply of the customer’s: the ticket waits for a person, however long', async () => {
    const id = await answered(steward);
    await steward.steward.tell(id, 'customerReplied', { message: 'No.' });
    await until(steward, id, { state: 'waitingForAgent' });
    await expectClock(steward, id, SILENCE, false);
  });

  it('is ended by a reopening, and the window begins anew with the next episode', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await expectClock(steward, id, WINDOW, true);
    await steward.steward.tell(id, 'reopened', {});
    await until(steward, id, { state: 'waitingForAgent', episode: 2 });
    await expectClock(steward, id, WINDOW, false);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await expectClock(steward, id, WINDOW, true);
  });

  it('is not lengthened by a rating of what was solved', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    const before = (await steward.steward.describe(id)).waitingFor;
    await steward.steward.rate(id, { score: 3 });
    await entry(steward, id, 'rated');
    expect((await steward.steward.describe(id)).waitingFor).toBe(before);
    await expectClock(steward, id, WINDOW, true);
  });
});

describe.concurrent('the reopen window', () => {
  const steward = useSteward({ settings: timings(LONG, '2000') });

  it('ends, the ticket is closed, and its workflow is over', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    expect(await outcomeOf(steward, id)).toEqual({ ticketId: id, outcome: 'closed' });
    expect(await steward.read.ticket(id)).toMatchObject({ state: 'closed' });
    expect((await kinds(steward, id)).at(-1)).toBe('closed');
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
