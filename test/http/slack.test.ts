import { expect, test, vi } from 'vitest';
import { createSlackDoor } from '../../src/adapters/slack-door.ts';
import type { StewardClient } from '../../src/client.ts';
import type { Clicked, TicketView } from '../../src/contract.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { MAX_SLACK_BYTES } from '../../src/http/slack.ts';
import { createSlackCalls } from '../../src/store/slack-calls.ts';
import { useStores } from '../store/support.ts';
import { useProviders } from '../support/providers.ts';
import { SLACK_SECRET } from '../support/stand-ins/slack.ts';
import { bodyOf, call, clickAt, sendForm, signedHeaders } from '../support/stand-ins/slack-calls.ts';
import { createWorld, depsOf, pageOf } from './support.ts';

const stores = useStores();
const providers = useProviders();
const ANA = 'U0ANA00001';
const now = () => Math.floor(Date.now() / 1000);

const team = {
  agent: () => ({ name: 'Ana', email: null, slack: ANA }),
  bySlack: (user: string) => (user === ANA ? 'ana' : undefined),
};
const doorOf = () =>
  createSlackDoor({ signingSecret: SLACK_SECRET, token: providers.slack.token, apiUrl: providers.slack.apiUrl, team });

/** A gateway on the real store, whose Temporal is in memory. */
function gateway({ asked }: { asked?: TicketView['asked'] } = {}) {
  const world = createWorld();
  const deps = depsOf(world);
  const { slack } = providers;
  const tell: StewardClient['tell'] = async (ticketId, event, payload) => {
    if (world.fail.temporal) throw world.fail.temporal;
    world.told.push({ ticketId, event, payload });
  };
  const describe: StewardClient['describe'] = async (ticketId) => {
    if (world.fail.temporal) throw world.fail.temporal;
    return { ...(pageOf(ticketId) as unknown as TicketView), ...(asked ? { asked } : {}) };
  };
  const app = createApp({
    ...deps,
    client: { ...deps.client, tell, describe },
    slack: doorOf(),
    slackCalls: createSlackCalls(stores.gateway),
  });
  const send = async (body: string, headers: Record<string, string>) => {
    const response = await app.request('/v1/slack/interactions', { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  };
  const told = () => world.told.map(({ ticketId, payload }) => ({ ticketId, ...(payload as Clicked) }));
  return { app, world, slack, send, told };
}

const MESSAGE = { channel: 'D0ANA00001', ts: '1.0', text: 'TKT-1' };
const PLACE = 'steward|TKT-1|3';
const BLOCKS = [
  {
    type: 'actions',
    block_id: PLACE,
    elements: [
      { type: 'button', action_id: 'claim', value: PLACE },
      { type: 'button', action_id: 'resolve', value: PLACE },
      { type: 'users_select', action_id: 'reassign' },
      { type: 'static_select', action_id: 'snooze' },
      { type: 'button', action_id: 'destroy', value: PLACE },
    ],
  },
];
const message = { ...MESSAGE, blocks: BLOCKS };
const whispered = (slack: (typeof providers)['slack'], words: string) =>
  vi.waitFor(() => expect(slack.whispers.map(({ text }) => text)).toEqual([expect.stringContaining(words)]));

test('without a signing secret there is nothing at the address', async () => {
  expect(await call(createWorld().app, {})).toMatchObject({ status: 404 });
});

test('a click is written down for its ticket before Slack hears that it is taken', async () => {
  const { app, slack, told } = gateway();
  expect(await call(app, clickAt(slack, message, 'claim', ANA))).toEqual({ status: 200, text: '' });
  expect(told()).toEqual([
    expect.objectContaining({ ticketId: 'TKT-1', by: 'ana', user: ANA, act: 'claim', round: 3 }),
  ]);
  await call(app, clickAt(slack, message, 'snooze', ANA, '240'));
  await call(app, clickAt(slack, message, 'reassign', ANA, 'U0NOBODY01'));
  expect(told().slice(1)).toMatchObject([
    { act: 'snooze', minutes: 240 },
    { act: 'reassign', to: null },
  ]);
});

test('until its ticket has it, Slack hears nothing', async () => {
  const { app, world } = gateway();
  let release = () => {};
  const held = new Promise<void>((go) => {
    release = go;
  });
  const slow = createApp({
    ...depsOf(world),
    client: { ...depsOf(world).client, tell: () => held },
    slack: doorOf(),
    slackCalls: createSlackCalls(stores.gateway),
  });
  const answered = call(slow, clickAt(providers.slack, message, 'claim', ANA));
  const first = await Promise.race([
    answered,
    call(app, clickAt(providers.slack, message, 'claim', ANA)).then(() => 'the other'),
  ]);
  expect(first).toBe('the other');
  release();
  expect(await answered).toMatchObject({ status: 200 });
});

const click = () => clickAt(providers.slack, message, 'claim', ANA);
test.each<[string, (body: string) => Record<string, string>, string]>([
  [
    'signed with another secret',
    (body) => signedHeaders(body, { secret: 'e'.repeat(32) }),
    'not the one over these bytes',
  ],
  ['altered after it was signed', (body) => signedHeaders(`${body}+`), 'not the one over these bytes'],
  ['of six minutes ago', (body) => signedHeaders(body, { at: now() - 360 }), 'older than five minutes'],
  ['of the future', (body) => signedHeaders(body, { at: now() + 360 }), 'lies in the future'],
  [
    'with another timestamp',
    (body) => ({ ...signedHeaders(body, { at: now() - 9 }), 'x-slack-request-timestamp': `${now()}` }),
    'not the one',
  ],
  ['without a signature', (body) => ({ ...signedHeaders(body), 'x-slack-signature': '' }), 'expected v0='],
  [
    'with another version',
    (body) => ({ ...signedHeaders(body), 'x-slack-signature': `v1=${'0'.repeat(64)}` }),
    'expected v0=',
  ],
  [
    'without a timestamp',
    (body) => ({ ...signedHeaders(body), 'x-slack-request-timestamp': 'now' }),
    'expected seconds',
  ],
])('a call %s is refused, and the log says so', async (_, headers, wrong) => {
  const { send, told, world } = gateway();
  const body = bodyOf(click());
  const { status, text } = await send(body, headers(body));
  expect(status).toBe(403);
  expect(text).toContain(wrong);
  expect(told()).toEqual([]);
  expect(world.logged).toMatchObject([{ level: 'warn' }]);
});

test.each([-290, 290])('a clock that is %i s off is near enough', async (off) => {
  const { app, told } = gateway();
  expect(await call(app, click(), { at: now() + off })).toMatchObject({ status: 200 });
  expect(told()).toHaveLength(1);
});

test('the very same call again is refused, by this gateway and by another one', async () => {
  const [one, other] = [gateway(), gateway()];
  const body = bodyOf(click());
  const headers = signedHeaders(body);
  expect(await one.send(body, headers)).toMatchObject({ status: 200 });
  for (const { send } of [one, other]) expect(await send(body, headers)).toMatchObject({ status: 409 });
  expect([...one.told(), ...other.told()]).toHaveLength(1);
});

test('of one call at many gateways at once one is taken', async () => {
  const { send, told } = gateway();
  const body = bodyOf(click());
  const headers = signedHeaders(body);
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(body, headers)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(told()).toHaveLength(1);
});

test('what is clicked that Steward does not know is answered in private', async () => {
  const { app, slack, told } = gateway();
  expect(await call(app, clickAt(slack, message, 'destroy', ANA))).toEqual({ status: 200, text: '' });
  await whispered(slack, 'does not know what was clicked at ticket TKT-1');
  expect(told()).toEqual([]);
});

test.each([
  ['another app’s message', { value: 'approve-42', block_id: 'x' }],
  ['a ticket id that is none', { value: 'steward|../x|1', block_id: 'x' }],
  ['a snooze of no time', { action_id: 'snooze', value: PLACE, selected_option: { value: '0' } }],
  ['a snooze for ever', { action_id: 'snooze', value: PLACE, selected_option: { value: '99999' } }],
  ['a gift to nobody', { action_id: 'reassign', value: PLACE }],
  ['round none', { value: 'steward|TKT-1|0', block_id: 'x' }],
])('%s is answered in private', async (_, place) => {
  const { app, slack, told } = gateway();
  const clicked = clickAt(slack, message, 'claim', ANA);
  const actions = clicked.actions.map((action) => ({ ...action, ...place }));
  expect(await call(app, { ...clicked, actions })).toMatchObject({ status: 200 });
  await whispered(slack, 'does not know what was clicked');
  expect(told()).toEqual([]);
});

test('a shortcut is answered in private, a form that was closed is heard', async () => {
  const { app, slack } = gateway();
  expect(await call(app, { type: 'message_action', response_url: slack.answerUrl() })).toMatchObject({ status: 200 });
  await whispered(slack, 'knows nothing to do');
  expect(await call(app, { type: 'view_closed' })).toMatchObject({ status: 200 });
});

test('an answer goes to Slack alone, whatever address a call names', async () => {
  const { app, slack, world } = gateway();
  const answer = 'https://evil.example/actions/1';
  await call(app, { ...clickAt(slack, message, 'destroy', ANA), response_url: answer });
  await vi.waitFor(() =>
    expect(world.logged.map(({ message }) => message)).toContain('an answer in private did not get through'),
  );
});

test.each([
  '',
  'payload=',
  'payload=%7B',
  'payload=null',
  'payload=%5B%5D',
  'other=1',
  `payload=${encodeURIComponent('{"type":"block_actions"}')}`,
])('a signed body that is no call is refused: %s', async (body) => {
  const { send, told } = gateway();
  // Signed anew each time: of one that is sent twice the second one is refused as such.
  const { status } = await send(body, signedHeaders(body, { at: now() - Math.floor(Math.random() * 250) }));
  expect([400, 409, 422]).toContain(status);
  expect(told()).toEqual([]);
});

test('Slack’s look at the certificate is answered; what is too large is not read', async () => {
  const { send } = gateway();
  expect(await send('ssl_check=1&token=x', {})).toMatchObject({ status: 200 });
  expect(await send(`ssl_check=1&payload=${encodeURIComponent(JSON.stringify(click()))}`, {})).toMatchObject({
    status: 403,
  });
  expect(await send('x'.repeat(MAX_SLACK_BYTES + 1), {})).toMatchObject({ status: 413 });
});

test('while Temporal is away Slack hears that it was not taken, and so does who clicked', async () => {
  const { app, slack, world } = gateway();
  world.fail.temporal = new StewardError('Unavailable', 'away');
  expect(await call(app, clickAt(slack, message, 'claim', ANA))).toMatchObject({ status: 503 });
  await whispered(slack, 'not taken just now');
});

test('of a closed ticket who clicked hears in private', async () => {
  const { app, slack, world } = gateway();
  world.fail.temporal = new StewardError('TicketUnknown', 'over');
  for (const action of ['claim', 'resolve']) {
    expect(await call(app, clickAt(slack, message, action, ANA))).toMatchObject({ status: 200 });
    await whispered(slack, 'ticket TKT-1 is closed');
    slack.whispers.length = 0;
  }
});

test('"Resolve" opens a form that knows its ticket; Slack’s refusal is answered in private', async () => {
  const { app, slack, told } = gateway({ asked: { round: 3, face: { kind: 'claimed', by: 'ana', at: 0 } } });
  await call(app, clickAt(slack, message, 'resolve', ANA));
  await vi.waitFor(() => expect(slack.views).toHaveLength(1));
  await call(app, { ...clickAt(slack, message, 'resolve', ANA), trigger_id: 'old' });
  await whispered(slack, 'the form did not open');
  expect(await call(app, sendForm(slack, ANA, 'solve', null))).toEqual({ status: 200, text: '{}' });
  expect(told()).toMatchObject([{ ticketId: 'TKT-1', act: 'solve', by: 'ana', round: 3 }]);
});

test.each<[string, TicketView['asked'], string]>([
  ['claimed by somebody else', { round: 3, face: { kind: 'claimed', by: 'ben', at: 0 } }, 'already claimed'],
  ['solved', { round: 3, face: { kind: 'resolved', by: 'ben', at: 0 } }, 'Solved by'],
  ['asked anew', { round: 4, face: { kind: 'asked' } }, 'out of date'],
])('"Resolve" at a ticket that is %s opens no form', async (_, asked, words) => {
  const { app, slack } = gateway(asked ? { asked } : {});
  await call(app, clickAt(slack, message, 'resolve', ANA));
  await whispered(slack, words);
  expect(slack.views).toEqual([]);
});

test('a form whose memory is none of ours, or that comes while Temporal is away, keeps its words', async () => {
  const { app, slack, world } = gateway();
  await call(app, clickAt(slack, message, 'resolve', ANA));
  await vi.waitFor(() => expect(slack.views).toHaveLength(1));
  const form = sendForm(slack, ANA, 'reply', 'Words');
  const foreign = { ...form, view: { ...form.view, private_metadata: '["steward|TKT-1"]' } };
  expect((await call(app, foreign)).text).toContain('does not know this form');
  world.fail.temporal = new StewardError('Unavailable', 'away');
  expect((await call(app, form)).text).toContain('Nothing is lost');
});

test('the route takes no GET, and names POST', async () => {
  const response = await gateway().app.request('/v1/slack/interactions');
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});
