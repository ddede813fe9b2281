import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSlackPoster } from '../../src/adapters/slack.ts';
import { createSlackDesk } from '../../src/adapters/slack-desk.ts';
import type { Card } from '../../src/deps.ts';
import { json } from '../support/stand-ins/server.ts';
import { type SlackStandIn, startSlack } from '../support/stand-ins/slack.ts';
import { CARD } from './card.ts';
import { failure, never } from './failure.ts';

let slack: SlackStandIn;
beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.stop());
beforeEach(() => {
  slack.reset();
  slack.messages.length = 0;
  slack.whispers.length = 0;
});

const ASKED: Card = { ...CARD, acts: ['claim'] };
const USER = 'U0ANA00001';
const settings = () => ({ token: slack.token, apiUrl: slack.apiUrl });
const desk = () => createSlackDesk(settings());
const post = () =>
  createSlackPoster(settings()).post(
    { deliveryId: '7', ticketId: 'TKT-1', channel: USER, text: 'Hello', card: ASKED },
    never(),
  );
const redraw = (messageId: string) =>
  desk().redraw(messageId, { text: 'Hello', card: { ...ASKED, said: 'Claimed by Ana', acts: [] } }, never());
const whisper = (answerUrl: string | null, written?: string) =>
  desk().whisper({ user: USER, answerUrl }, { text: 'Too <late>', written }, never());

test('a message is made to look anew, in its place, and its buttons go', async () => {
  const id = await post();
  expect(JSON.stringify(slack.messages[0]?.blocks)).toContain('"action_id":"claim"');
  expect(await redraw(id)).toBe(true);
  expect(slack.messages).toHaveLength(1);
  expect(slack.messages[0]?.text).toContain('Claimed by Ana');
  expect(JSON.stringify(slack.messages[0]?.blocks)).not.toContain('action_id');
});

test.each(['message_not_found', 'channel_not_found', 'cant_update_message', 'edit_window_closed'])(
  'one that Slack has changed no more (%s) is left as it is',
  async (error) => {
    slack.answerNext(json(200, { ok: false, error }), { action: 'chat.update' });
    expect(await redraw('D0ANA00001:1.0')).toBe(false);
  },
);

test('what Slack may do later is tried later, when Slack says so', async () => {
  slack.failNext('429', { action: 'chat.update', retryAfter: 7 });
  expect(await failure(redraw(await post()))).toMatchObject({ retryable: true, retryAfterMs: 7_000 });
  slack.failNext('500', { action: 'answer' });
  expect(await failure(whisper(slack.answerUrl()))).toMatchObject({ retryable: true });
});

test('an answer goes to who clicked alone, and mentions nobody', async () => {
  await whisper(slack.answerUrl(), 'My words');
  expect(slack.whispers.map(({ text }) => text)).toEqual(['Too &lt;late&gt;\n\nWhat you wrote:\nMy words']);
  expect(slack.messages).toEqual([]);
});

test.each([
  ['is used up', () => `${slack.url}/actions/T0/gone`],
  ['is nobody’s', () => null],
  ['is not of Slack', () => 'https://evil.example/actions/1'],
  ['is none', () => 'javascript:alert(1)'],
])(
  'where the address %s it goes to their own channel, without what they wrote: that would stay there',
  async (_, address) => {
    await whisper(address(), 'My words');
    expect(slack.messages).toMatchObject([{ channel: 'D0ANA00001', text: 'Too &lt;late&gt;' }]);
    expect(slack.whispers).toEqual([]);
  },
);
