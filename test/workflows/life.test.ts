import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect, it, vi } from 'vitest';
import { useSteward } from '../support/steward.ts';
import {
  about,
  answered,
  entry,
  escalated,
  expectNoFailedTask,
  handleOf,
  historyOf,
  kinds,
  messagesOf,
  PATIENCE,
  ratingsOf,
  until,
} from './support.ts';

const steward = useSteward();

describe('a signal', () => {
  it('customerReplied brings the message into the conversation, and word of it to who has the ticket', async () => {
    const id = await escalated(steward);
    const before = await steward.read.ticket(id);
    await steward.steward.tell(id, 'customerReplied', { message: 'Any news?', eventId: 'e1', source: 'platform' });
    await entry(steward, id, 'escalated', 2);
    await until(steward, id, { state: 'waitingForAgent', assigneeId: before?.assigneeId ?? null });
    expect((await messagesOf(steward, id)).map((line) => [line.author, line.body])).toEqual([
      ['customer', "I can't access my account."],
      ['customer', 'Any news?'],
    ]);
    await vi.waitFor(async () => {
      const told = (await steward.read.deliveries(id)).filter((d) => d.template === 'escalation');
      expect(told).toMatchObject([
        { occasion: 'EscalateToAgent#1', recipient: { id: before?.assigneeId }, status: 'sent' },
        { occasion: 'platform/e1', recipient: { id: before?.assigneeId }, status: 'sent' },
      ]);
    }, PATIENCE);
  });

  it('agentReplied says that the platform has answered: nothing is mailed', async () => {
    const id = await escalated(steward, { customerEmail: 'ada@customer.example' });
    await steward.steward.tell(id, 'agentReplied', { agentId: 'ana', message: 'Try now.', eventId: 'e1' });
    await until(steward, id, { state: 'waitingForCustomer', route: 'agent' });
    expect((await messagesOf(steward, id)).at(-1)).toMatchObject({
      author: 'agent',
      author_id: 'ana',
      body: 'Try now.',
    });
    const deliveries = await steward.read.deliveries(id);
    expect(deliveries.filter((delivery) => delivery.template === 'agent-reply')).toEqual([]);
  });

  it('resolved solves, with or without an agent’s name', async () => {
    const [named, unnamed] = [await escalated(steward), await escalated(steward)];
    await steward.steward.tell(named, 'resolved', { agentId: 'ana' });
    await handleOf(steward, unnamed).signal('resolved');
    await until(steward, named, { state: 'solved' });
    await until(steward, unnamed, { state: 'solved' });
    expect(await entry(steward, named, 'resolved')).toMatchObject({ actor: 'ana' });
    expect(await entry(steward, unnamed, 'resolved')).toMatchObject({ actor: 'platform' });
  });

  it('reopened begins an episode and brings the ticket back to a person', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await steward.steward.tell(id, 'reopened', {});
    await until(steward, id, { state: 'waitingForAgent', episode: 2 });
    expect(await entry(steward, id, 'escalated', 2)).toMatchObject({ facts: { why: 'reopened' } });
  });

  it('customerReplied on a solved ticket begins an episode too', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await steward.steward.tell(id, 'customerReplied', { message: 'It is back.' });
    await until(steward, id, { state: 'waitingForAgent', episode: 2 });
  });

  it('rated is one row an episode, the last word of each', async () => {
    const id = await escalated(steward);
    for (const score of [2, 4]) await steward.steward.rate(id, { score });
    await entry(steward, id, 'rated', 2);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await steward.steward.tell(id, 'reopened', {});
    await until(steward, id, { episode: 2 });
    await steward.steward.rate(id, { score: 5 });
    await entry(steward, id, 'rated', 3);
    expect(await ratingsOf(steward, id)).toEqual([
      { episode: 1, score: 4 },
      { episode: 2, score: 5 },
    ]);
  });
});

describe('an update', () => {
  it('claim: the agent has it and is at work', async () => {
    const id = await escalated(steward);
    expect(await steward.steward.claim(id, { agentId: 'dev' })).toMatchObject({
      state: 'inProgress',
      assigneeId: 'dev',
      waitingFor: 'agent dev',
    });
    await until(steward, id, { state: 'inProgress', route: 'agent', assigneeId: 'dev' });
  });

  it('reply: goes into the conversation and by mail to the customer, once', async () => {
    const id = await escalated(steward, { customerEmail: 'ada@customer.example' });
    const view = await steward.steward.reply(id, { agentId: 'ana', message: 'Please try again.' });
    expect(view).toMatchObject({ state: 'waitingForCustomer', route: 'agent' });
    await vi.waitFor(async () => {
      const mails = (await steward.read.deliveries(id)).filter((d) => d.template === 'agent-reply');
      expect(mails).toMatchObject([{ status: 'sent', channel: 'mail', recipient: { kind: 'customer' } }]);
    }, PATIENCE);
    expect((await messagesOf(steward, id)).at(-1)).toMatchObject({ author: 'agent', body: 'Please try again.' });
  });

  it('resolve: solved, and says until when it can be reopened', async () => {
    const id = await escalated(steward);
    const view = await steward.steward.resolve(id, { agentId: 'ana' });
    expect(view).toMatchObject({
      state: 'solved',
      waitingFor: expect.stringMatching(/^nothing: it can be reopened until/),
    });
  });

  it('that is repeated under its id is done once', async () => {
    const id = await escalated(steward);
    const reply = () =>
      handleOf(steward, id).executeUpdate('reply', { args: [{ agentId: 'ana', message: 'Once.' }], updateId: 'u-1' });
    await Promise.all([reply(), reply(), reply()]);
    expect((await messagesOf(steward, id)).filter((line) => line.body === 'Once.')).toHaveLength(1);
  });

  it.each([
    ['claim', { agentId: 'ana' }],
    ['resolve', { agentId: 'ana' }],
  ] as const)('%s on a solved ticket is rejected with the reason, and nothing is written of it', async (name, args) => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    const [timeline, history] = [await kinds(steward, id), await historyOf(steward, id)];
    await expect(handleOf(steward, id).executeUpdate(name, { args: [args] })).rejects.toMatchObject({
      constructor: WorkflowUpdateFailedError,
      cause: { type: 'UnlawfulTransition', message: expect.stringMatching(/solved.*lawful now: .*reopened/) },
    });
    expect(await kinds(steward, id)).toEqual(timeline);
    expect(await historyOf(steward, id)).toEqual(history);
  });

  it.each([
    ['claim', undefined, 'claim'],
    ['claim', { agentId: 7 }, 'agentId'],
    ['claim', { agentId: 'a b' }, 'agentId'],
    ['claim', 'ana', 'claim'],
    ['reply', { agentId: 'ana' }, 'message'],
    ['reply', { agentId: 'ana', message: 'NUL \u0000' }, 'message'],
    ['reply', { message: 'Hello' }, 'agentId'],
    ['resolve', {}, 'agentId'],
    ['resolve', [], 'resolve'],
  ])('%s with %j is rejected as InvalidRequest that names %s', async (name, payload, field) => {
    const id = await useOne();
    // No payload at all, as the `temporal` command without --input sends it.
    const args = (payload === undefined ? [] : [payload]) as [unknown, ...unknown[]];
    await expect(handleOf(steward, id).executeUpdate<unknown, typeof args>(name, { args })).rejects.toMatchObject({
      cause: { type: 'InvalidRequest', message: expect.stringContaining(`${field}: expected`) },
    });
    await until(steward, id, { state: 'waitingForAgent' });
    expect(await historyOf(steward, id)).not.toContain('workflowExecutionUpdateAccepted');
  });

  it('of a ticket that nobody knows: TicketUnknown', async () => {
    await expect(steward.steward.claim('TKT-nobody', { agentId: 'ana' })).rejects.toMatchObject({
      code: 'TicketUnknown',
    });
  });

  const one: { id?: Promise<string> } = {};
  const useOne = () => {
    one.id ??= escalated(steward);
    return one.id;
  };
});

describe('a signal that is wrong or unlawful', () => {
  const MALFORMED: readonly (readonly [string, unknown[], string])[] = [
    ['customerReplied', [], 'customerReplied: expected an object'],
    ['customerReplied', [null], 'customerReplied: expected an object'],
    ['customerReplied', ['Hello?'], 'customerReplied: expected an object'],
    ['customerReplied', [7], 'customerReplied: expected an object'],
    ['customerReplied', [[{ message: 'x' }]], 'customerReplied: expected an object'],
    ['customerReplied', [{ message: { text: 'x' } }], 'message: expected text'],
    ['customerReplied', [{ message: 'NUL \u0000 inside' }], 'message: expected text without NUL'],
    ['customerReplied', [{ message: 'x'.repeat(1_000_000) }], 'message: expected at most'],
    ['customerReplied', [{ message: 'x', eventId: 7 }], 'eventId: expected text'],
    ['agentReplied', [{ message: 'x' }], 'agentId: expected an id'],
    ['resolved', [null], 'resolved: expected an object'],
    ['resolved', [{ agentId: '../ana' }], 'agentId: expected an id'],
    ['reopened', ['now'], 'reopened: expected an object'],
    ['rated', [], 'rated: expected an object'],
    ['rated', [{ score: 6 }], 'score: expected a whole number'],
    ['rated', [{ score: '5' }], 'score: expected a whole number'],
  ];

  it('is ignored and stands on the timeline, and the workflow goes on', async () => {
    const id = await escalated(steward);
    for (const [i, [signal, args, why]] of MALFORMED.entries()) {
      await handleOf(steward, id).signal(signal, ...args);
      const ignored = await entry(steward, id, 'ignored', i + 1);
      expect(ignored).toMatchObject({ actor: 'platform', facts: { event: signal } });
      expect(String(ignored?.facts.why)).toContain(why);
    }
    await expectNoFailedTask(steward, id);
    await until(steward, id, { state: 'waitingForAgent', episode: 1 });
    expect(await steward.steward.claim(id, { agentId: 'ana' })).toMatchObject({ state: 'inProgress' });
    expect(await messagesOf(steward, id)).toHaveLength(1);
    expect(await ratingsOf(steward, id)).toEqual([]);
  });

  it.each([
    ['reopened', {}, 'waitingForAgent'],
    ['resolved', {}, 'solved'],
  ] as const)('%s with %j on a ticket that is %s changes nothing', async (signal, payload, state) => {
    const id = await escalated(steward);
    if (state === 'solved') await steward.steward.resolve(id, { agentId: 'ana' });
    await handleOf(steward, id).signal(signal, payload);
    expect(await entry(steward, id, 'ignored')).toMatchObject({ facts: { event: signal, state } });
    await until(steward, id, { state, episode: 1 });
    expect(await messagesOf(steward, id)).toHaveLength(1);
    await expectNoFailedTask(steward, id);
  });

  it.each(['half \uD83D', '\uDC00'])(
    'with an id of characters that no database has (%j) does not stop the ticket',
    async (eventId) => {
      const id = await escalated(steward);
      await handleOf(steward, id).signal('customerReplied', { message: `says ${eventId}`, eventId });
      await entry(steward, id, 'customerReplied');
      expect(await steward.steward.claim(id, { agentId: 'ana' })).toMatchObject({ state: 'inProgress' });
    },
  );

  it('with a name that nobody listens to does no harm', async () => {
    const id = await escalated(steward);
    await handleOf(steward, id).signal('constructor', { message: 'x' });
    await handleOf(steward, id).signal('nobodyListens', 1, 2, 3);
    await steward.steward.resolve(id, { agentId: 'ana' });
    await expectNoFailedTask(steward, id);
  });
});

describe('a ticket that the bot has answered', () => {
  it('goes to a person when the customer replies, and the bot is silent from then on', async () => {
    const id = await answered(steward);
    await steward.post(about(id, 'ticket.replied', 'e1', { message: 'That did not help.' }));
    await until(steward, id, { state: 'waitingForAgent', route: 'agent' });
    expect(await entry(steward, id, 'escalated')).toMatchObject({ facts: { why: 'customer replied' } });
    const [first] = await messagesOf(steward, id);
    expect(first).toMatchObject({ author: 'customer' });
    expect((await messagesOf(steward, id)).filter((line) => line.author === 'bot')).toHaveLength(1);
    await vi.waitFor(async () => {
      const templates = (await steward.read.deliveries(id)).map((delivery) => [delivery.template, delivery.status]);
      expect(templates).toEqual([
        ['welcome', 'sent'],
        ['bot-answer', 'sent'],
        ['escalation', 'sent'],
        ['handed-over', 'sent'],
      ]);
    }, PATIENCE);
  });

  it('says what it waits for', async () => {
    const id = await answered(steward);
    const { waitingFor } = await steward.steward.describe(id);
    expect(waitingFor).toMatch(/^the customer; silence until .* counts as solved$/);
  });
});

describe('the query ticket', () => {
  it('answers in ids and labels what the workflow knows', async () => {
    const id = await escalated(steward, { customerId: 'CUST-query' });
    expect(await steward.steward.describe(id)).toEqual({
      ticketId: id,
      asked: { round: 1, face: { kind: 'asked' } },
      customerId: 'CUST-query',
      state: 'waitingForAgent',
      route: 'agent',
      priority: 'HIGH',
      tier: 'premium',
      assigneeId: expect.any(String),
      episode: 1,
      parked: [],
      waitingFor: expect.stringMatching(/^agent \w+$/),
    });
  });

  it('shows in the search attributes too', async () => {
    const id = await escalated(steward);
    await vi.waitFor(async () => {
      const { typedSearchAttributes } = await handleOf(steward, id).describe();
      const pairs = typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value]);
      expect(Object.fromEntries(pairs)).toMatchObject({
        TicketState: 'waitingForAgent',
        TicketPriority: 'HIGH',
        CustomerTier: 'premium',
        TicketRoute: 'agent',
        NeedsAttention: false,
      });
    }, PATIENCE);
  });
});
