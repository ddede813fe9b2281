import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSlackPoster } from '../../src/adapters/slack.ts';
import { createSlackCopies } from '../../src/adapters/slack-copies.ts';
import type { LostSlackMessage, SlackCopy } from '../../src/deps.ts';
import { type SlackStandIn, startSlack } from '../support/stand-ins/slack.ts';
import { never } from './failure.ts';

let slack: SlackStandIn;
beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.stop());
beforeEach(() => {
  slack.reset();
  slack.messages.length = 0;
  slack.channels.add('C0OPERATE1').add('C0SECRET01');
});

const poster = () => createSlackPoster({ token: slack.token, apiUrl: slack.apiUrl });
const copies = () =>
  createSlackCopies(poster(), ({ id }) => (id === 'left' ? null : id === 'ana' ? 'U0ANA00001' : 'C0OPERATE1'));
const post = (deliveryId: string, channel = 'C0OPERATE1', ...earlier: string[]) =>
  poster().post(
    {
      deliveryId,
      ticketId: 'TKT-1',
      channel,
      text: deliveryId,
      thread: { earlier, isInDoubt: false, isUrgent: false },
    },
    never(),
  );
const lost = (deliveryId: string, more: Partial<LostSlackMessage> = {}): SlackCopy => ({
  messageId: null,
  lost: {
    deliveryId,
    ticketId: 'TKT-1',
    recipient: { kind: 'agent', id: 'operators' },
    earlier: [],
    from: Date.now() - 60_000,
    to: Date.now() + 60_000,
    ...more,
  },
});
async function takeAway(all: readonly SlackCopy[], made = copies()) {
  const gone: [string | undefined, boolean][] = [];
  const error = await made.takeAway(
    all,
    async ({ messageId, lost }, stood) => {
      gone.push([messageId ?? lost?.deliveryId, stood]);
    },
    never(),
  );
  return { error: error?.reason ?? null, gone };
}
const there = () => slack.messages.map(({ text }) => text);

test('replies go before what they stand below; one that is gone already is gone', async () => {
  const first = await post('1');
  const second = await post('2', 'C0OPERATE1', first);
  const third = await post('3', 'C0OPERATE1', first);
  await poster().remove(third, never());
  const { error, gone } = await takeAway([{ messageId: first }, { messageId: second }, { messageId: third }]);
  expect({ error, gone }).toEqual({
    error: null,
    gone: [
      [third, true],
      [second, true],
      [first, true],
    ],
  });
  expect(there()).toEqual([]);
});

test('a channel that we were put out of keeps its message, which counts as there, and none of the others', async () => {
  const [hidden, open] = [await post('1', 'C0SECRET01'), await post('2')];
  slack.channels.delete('C0SECRET01');
  expect(await takeAway([{ messageId: hidden }, { messageId: open }])).toEqual({
    error: 'channel_not_found',
    gone: [[open, true]],
  });
  expect(there()).toEqual(['1']);
});

test('where Slack wants no more it stops, and says so', async () => {
  const [first, second] = [await post('1'), await post('2')];
  slack.failNext('429', { action: 'chat.delete', retryAfter: 7 });
  const error = await copies().takeAway([{ messageId: first }, { messageId: second }], async () => {}, never());
  expect(error).toMatchObject({ reason: 'rate limited', retryable: true, fault: 'pace', retryAfterMs: 7_000 });
  expect(there()).toEqual(['1', '2']);
});

test('one whose answer was lost is found by what it carries, also below another, and below another that was lost', async () => {
  const first = await post('1', 'U0ANA00001');
  const second = await post('2', 'U0ANA00001', first);
  await post('3', 'U0ANA00001', first);
  const ana = { recipient: { kind: 'agent', id: 'ana' } } as const;
  const known = await takeAway([{ messageId: second }, lost('3', { ...ana, earlier: [first, second] })]);
  expect(known).toMatchObject({ error: null, gone: expect.arrayContaining([['3', true]]) });
  expect(there()).toEqual(['1']);
  await post('4', 'U0ANA00001', first);
  expect(await takeAway([lost('4', { ...ana, from: Date.now() - 1_000 }), lost('1', ana)])).toEqual({
    error: null,
    gone: [
      ['4', true],
      ['1', true],
    ],
  });
  expect(there()).toEqual([]);
});

test('one that was never posted is known not to be there; where not all can be looked through, it may be', async () => {
  expect(await takeAway([lost('9')])).toEqual({ error: null, gone: [['9', false]] });
  // Another time is not looked through.
  await post('9');
  expect(await takeAway([lost('9', { from: 0, to: 1 })])).toEqual({ error: null, gone: [['9', false]] });
  const [one] = slack.messages;
  for (let i = 0; i < 1_001; i++) slack.messages.push({ channel: 'C0OPERATE1', ts: one?.ts ?? '', text: 'Others' });
  expect(await takeAway([lost('8')])).toEqual({ error: 'look-up: too many messages', gone: [] });
});

test('what can’t be looked for may be there: who got it is nobody of ours any more, or we were put out of the channel', async () => {
  expect(await takeAway([lost('1', { recipient: { kind: 'agent', id: 'left' } })])).toEqual({
    error: 'look-up: who got it has no Slack account here any more',
    gone: [],
  });
  slack.channels.delete('C0OPERATE1');
  expect(await takeAway([lost('1')])).toEqual({ error: 'channel_not_found', gone: [] });
});

test('without Slack what stands there stays, and nothing is nothing', async () => {
  const none = createSlackCopies(undefined, () => null);
  expect(await takeAway([{ messageId: 'C0OPERATE1:1.0' }], none)).toEqual({ error: 'not configured', gone: [] });
  expect(await takeAway([], none)).toEqual({ error: null, gone: [] });
});
