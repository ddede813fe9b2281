import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSlackPoster } from '../../src/adapters/slack.ts';
import type { SlackMessage } from '../../src/deps.ts';
import { deafUrl, json } from '../support/stand-ins/server.ts';
import { type SlackStandIn, startSlack } from '../support/stand-ins/slack.ts';
import { failure, never } from './failure.ts';

let slack: SlackStandIn;
beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.stop());
beforeEach(() => {
  slack.reset();
  slack.messages.length = 0;
});

const MESSAGE: SlackMessage = { deliveryId: '7', ticketId: 'TKT-1', channel: 'C0OPERATE1', text: 'Hello' };
const poster = (settings: object = {}) => createSlackPoster({ token: slack.token, apiUrl: slack.apiUrl, ...settings });
const post = (message: Partial<SlackMessage> = {}, settings: object = {}) =>
  poster(settings).post({ ...MESSAGE, ...message }, never());
const find = (message: Partial<SlackMessage> = {}) => poster().find({ ...MESSAGE, ...message }, never());

test('a message carries its delivery and its ticket, and its id is channel and timestamp', async () => {
  const id = await post();
  expect(slack.messages).toHaveLength(1);
  expect(slack.messages[0]).toMatchObject({
    channel: 'C0OPERATE1',
    text: 'Hello',
    metadata: { event_type: 'steward_delivery', event_payload: { deliveryId: '7', ticketId: 'TKT-1' } },
  });
  expect(id).toBe(`C0OPERATE1:${slack.messages[0]?.ts}`);
});

test('a customer’s text mentions nobody and makes no link', async () => {
  await post({ text: '<!channel> <https://evil.example|safe> & more' });
  expect(slack.messages[0]?.text).toBe('&lt;!channel&gt; &lt;https://evil.example|safe&gt; &amp; more');
});

test('a text beyond Slack’s limit is cut, not refused', async () => {
  await post({ text: '👍'.repeat(30_000) });
  expect(slack.messages[0]?.text).toMatch(/^(👍)+…$/u);
});

test('a person is written to in their direct-message channel, which is looked up once', async () => {
  const one = poster();
  expect(await one.post({ ...MESSAGE, channel: 'U0ANA00001' }, never())).toMatch(/^D0ANA00001:/);
  await one.post({ ...MESSAGE, channel: 'U0ANA00001' }, never());
  expect(slack.asked.map((a) => a.action)).toEqual(['conversations.open', 'chat.postMessage', 'chat.postMessage']);
});

test('find gives the id of the very delivery, and null when it is not there', async () => {
  const id = await post({ channel: 'U0ANA00001' });
  await post({ channel: 'U0ANA00001', deliveryId: '8' });
  expect(await find({ channel: 'U0ANA00001' })).toBe(id);
  expect(await find({ channel: 'U0ANA00001', deliveryId: '9' })).toBeNull();
  expect(await find({ channel: 'U0ANA00001', ticketId: 'TKT-2' })).toBeNull();
});

const thread = (...earlier: string[]) => ({ earlier, isInDoubt: false, isUrgent: false });
const tsOf = (id: string) => id.split(':')[1];

test('what is said of a ticket later stands below the first message of this channel; what is urgent is shown in the channel too', async () => {
  const elsewhere = await post({ channel: 'U0BEN00001', deliveryId: '1' });
  const first = await post({ deliveryId: '2' });
  const second = await post({ deliveryId: '3', thread: thread(elsewhere, first) });
  await post({ deliveryId: '4', thread: { ...thread(elsewhere, first, second), isUrgent: true } });
  expect(slack.messages.map(({ thread_ts, isBroadcast }) => [thread_ts, isBroadcast])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    [tsOf(first), false],
    [tsOf(first), true],
  ]);
});

test('a thread whose first message was deleted in Slack is no reason to stay silent: a new one begins', async () => {
  const id = await post({ deliveryId: '2', thread: thread('C0OPERATE1:1600000000.000100') });
  expect(slack.messages).toMatchObject([{ channel: 'C0OPERATE1', ts: tsOf(id) }]);
  expect(slack.messages[0]?.thread_ts).toBeUndefined();
});

test('find sees replies, which no history has', async () => {
  const first = await post({ deliveryId: '1' });
  const reply = await post({ deliveryId: '2', thread: thread(first) });
  slack.reset();
  expect(await find({ deliveryId: '2', thread: thread(first) })).toBe(reply);
  expect(slack.asked.map(({ action }) => action)).toEqual(['conversations.history', 'conversations.replies']);
  expect(await find({ deliveryId: '3', thread: thread(first, reply) })).toBeNull();
  expect(await find({ deliveryId: '3', thread: thread('C0OPERATE1:1600000000.000100') })).toBeNull();
});

test('a message of the ticket whose answer was lost is looked for, to stand below it', async () => {
  const first = await post({ deliveryId: '1' });
  await post({ deliveryId: '9', ticketId: 'TKT-2' });
  await post({ deliveryId: '2', thread: { earlier: [], isInDoubt: true, isUrgent: false } });
  expect(slack.messages[2]).toMatchObject({ thread_ts: tsOf(first) });
  slack.failNext('500', { action: 'conversations.history' });
  const doubt = { earlier: [], isInDoubt: true, isUrgent: false };
  expect(await failure(post({ deliveryId: '3', thread: doubt }))).toMatchObject({ retryable: true, answerLost: false });
  expect(slack.messages).toHaveLength(3);
});

test('find looks back over pages, but not for ever', async () => {
  const id = await post();
  for (let i = 0; i < 450; i++) slack.messages.push({ channel: 'C0OPERATE1', ts: `18${i}.0`, text: 'talk' });
  expect(await find()).toBe(id);
  expect(slack.asked.filter((a) => a.action === 'conversations.history')).toHaveLength(3);
  for (let i = 0; i < 900; i++) slack.messages.push({ channel: 'C0OPERATE1', ts: `19${i}.0`, text: 'talk' });
  expect(await find()).toBeNull();
  expect(slack.asked.filter((a) => a.action === 'conversations.history')).toHaveLength(8);
});

test.each(['429', '500'] as const)(
  'a look-up that fails with %s leaves open whether the message is there',
  async (kind) => {
    slack.failNext(kind, { retryAfter: 3 });
    expect(await failure(find())).toMatchObject({ retryable: true, answerLost: true });
  },
);

test.each(['lost', 'late'] as const)('%s: the message is there, nobody knows it, and find finds it', async (kind) => {
  slack.failNext(kind, { action: 'chat.postMessage' });
  expect(await failure(post({}, { timeoutMs: 300 }))).toMatchObject({ retryable: true, answerLost: true });
  expect(slack.messages).toHaveLength(1);
  expect(await find()).toBe(`C0OPERATE1:${slack.messages[0]?.ts}`);
});

test('rate limited: says when to come back, at once, and does not wait itself', async () => {
  slack.failNext('429', { retryAfter: 30 });
  expect(await failure(post())).toMatchObject({ retryable: true, retryAfterMs: 30_000, answerLost: false });
  slack.failNext('429');
  expect(await failure(post())).toMatchObject({ retryable: true, retryAfterMs: undefined, answerLost: false });
  expect(slack.asked).toHaveLength(2);
  expect(slack.messages).toEqual([]);
});

test('a 500 may have posted; one call is one attempt', async () => {
  slack.failNext('500', {}, 5);
  expect(await failure(post())).toMatchObject({ retryable: true, answerLost: true, reason: 'HTTP 500' });
  expect(slack.asked).toHaveLength(1);
});

test.each([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'missing_scope',
  'invalid_blocks',
])('%s is final', async (error) => {
  slack.answerNext(json(200, { ok: false, error }));
  expect(await failure(post())).toMatchObject({ retryable: false, answerLost: false, reason: error });
});

test.each([
  ['service_unavailable', false],
  ['request_timeout', false],
  ['internal_error', true],
  ['fatal_error', true],
])('%s can be tried again (perhaps posted: %s)', async (error, answerLost) => {
  slack.answerNext(json(200, { ok: false, error }));
  expect(await failure(post())).toMatchObject({ retryable: true, answerLost, reason: error });
});

test('an answer that is not Slack’s leaves open whether the message is there, and its text is not passed on', async () => {
  slack.answerNext({ status: 200, body: '<html>Proxy says hello to ada@customer.example</html>' });
  const error = await failure(post());
  expect(error).toMatchObject({ retryable: true, answerLost: true });
  expect(error.message).not.toContain('ada');
});

test('a person who can’t be opened is final and nothing was posted', async () => {
  expect(await failure(post({ channel: 'U0STRANGER' }))).toMatchObject({
    retryable: false,
    answerLost: false,
    reason: 'user_not_found',
  });
  slack.failNext('lost', { action: 'conversations.open' });
  expect(await failure(post({ channel: 'U0BEN00001' }))).toMatchObject({ retryable: true, answerLost: false });
  expect(slack.messages).toEqual([]);
});

test('a wrong token is final', async () => {
  expect(await failure(post({}, { token: 'xoxb-wrong' }))).toMatchObject({ retryable: false, reason: 'invalid_auth' });
});

test('nobody listening: nothing was posted', async () => {
  const error = await failure(post({}, { apiUrl: `${await deafUrl()}/api/` }));
  expect(error).toMatchObject({ retryable: true, answerLost: false });
});

test('the caller’s signal ends a post that gets no answer', async () => {
  slack.failNext('timeout');
  const caller = new AbortController();
  const posted = failure(poster().post(MESSAGE, caller.signal));
  await expect.poll(() => slack.asked.length).toBe(1);
  caller.abort();
  expect(await posted).toMatchObject({ answerLost: true });
  expect(await failure(poster().post(MESSAGE, AbortSignal.abort()))).toMatchObject({ answerLost: false });
});
