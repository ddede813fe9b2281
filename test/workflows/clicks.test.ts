import { expect, test, vi } from 'vitest';
import { testFile } from '../support/files.ts';
import { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import type { SlackPosted } from '../support/stand-ins/slack.ts';
import { call, clickAt, sendForm } from '../support/stand-ins/slack-calls.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, expectNoFailedTask, kinds, messagesOf, PATIENCE, until } from './support.ts';

const person = (id: string, slack: string, more: object = {}) => ({
  id,
  name: id.charAt(0).toUpperCase() + id.slice(1),
  email: `${id}@support.example`,
  slack,
  capacity: 1_000,
  onDuty: true,
  ...more,
});
const ANA = 'U0ANA00001';
const BEN = 'U0BEN00001';
const STRANGER = 'U0CLARA001';
const team = testFile('team.yaml', {
  agents: [person('ana', ANA), person('ben', BEN, { capacity: 0 })],
  admins: [person('operations', 'C0OPERATE1', { capacity: undefined, onDuty: undefined })],
});
const escalation = testFile('escalation.yaml', {
  paths: [
    {
      name: 'soon',
      when: { tier: 'soon' },
      first: '3 s',
      lease: '60 s',
      levels: [{ call: [{ agent: 'ben' }], wait: '1 h', nobody: 'admins' }],
    },
    { name: 'late', when: {}, first: '1 h', lease: '1 h', levels: [{ call: ['admins'], wait: '1 h' }] },
  ],
});
const providers = useProviders();
const steward = useSteward({
  settings: () => ({
    STEWARD_TEAM: team,
    STEWARD_ESCALATION: escalation,
    STEWARD_LOST_ATTEMPT_MS: '2000',
    ...providers.settings('ses', 'slack', 'slackCalls'),
  }),
});

const slack = () => providers.slack;
const press = (message: SlackPosted, action: string, user: string, chosen?: string) =>
  call(steward.app, clickAt(slack(), message, action, user, chosen));
const about = (ticketId: string) => slack().messages.filter(({ text }) => text.includes(ticketId));
/** The message by which an agent was asked. */
async function asked(ticketId: string, count = 1): Promise<SlackPosted> {
  return vi.waitFor(() => {
    const found = about(ticketId);
    expect(found).toHaveLength(count);
    return found.at(-1) as SlackPosted;
  }, PATIENCE);
}
const acts = (message: SlackPosted) =>
  (message.blocks ?? []).flatMap(({ elements = [] }) => elements.flatMap(({ action_id }) => action_id ?? []));
const shows = (message: SlackPosted, words: string | RegExp, left: readonly string[]) =>
  vi.waitFor(() => {
    expect(JSON.stringify(message.blocks)).toMatch(words);
    expect(acts(message)).toEqual(left);
  }, PATIENCE);
const whispered = (words: string) =>
  vi.waitFor(() => {
    const found = slack().whispers.filter(({ text }) => text.includes(words));
    expect(found.map(({ text }) => text)).toHaveLength(1);
    return found[0]?.text ?? '';
  }, PATIENCE);
const mails = () => providers.aws.mails.map((mail) => JSON.stringify(mail));
async function ask(detail: object = {}) {
  const id = await escalated(steward, { customerEmail: 'mira@customer.example', ...detail });
  return { id, message: await asked(id) };
}
async function form(message: SlackPosted, user: string) {
  const before = slack().views.length;
  await press(message, 'resolve', user);
  await vi.waitFor(() => expect(slack().views).toHaveLength(before + 1), PATIENCE);
}

test('an agent is asked by a message that says what it is about, with what may be done and nothing of the customer in its values', async () => {
  const { id, message } = await ask({
    subject: 'Key <!channel> & *bold*',
    message: '<https://evil.example|safe> _it_ broke',
  });
  expect(acts(message)).toEqual(['claim', 'resolve', 'reassign', 'snooze']);
  const [fields] = (message.blocks ?? []).flatMap(({ fields = [] }) => (fields.length > 0 ? [fields] : []));
  expect(fields?.map(({ text }) => text.split('\n')[0])).toEqual(
    expect.arrayContaining(['Ticket', 'Priority', 'Why', 'Tried', 'Due']),
  );
  const all = JSON.stringify(message.blocks);
  // Letter by letter, in texts that Slack does not format.
  expect(all).toContain('<https://evil.example|safe> _it_ broke');
  expect(all).not.toContain('mrkdwn');
  expect(message.text).not.toMatch(/<!channel>|<https/);
  for (const { elements = [] } of message.blocks ?? []) {
    for (const { value } of elements) if (value) expect(value).toBe(`steward|${id}|1`);
  }
});

test('a claim by Slack is the claim of whose account it is; the message says so and offers no claim any more', async () => {
  const { id, message } = await ask();
  expect(await press(message, 'claim', ANA)).toEqual({ status: 200, text: '' });
  await until(steward, id, { state: 'inProgress', assigneeId: 'ana' });
  await shows(message, /Claimed by Ana at /, ['resolve', 'reassign']);
  expect((await entry(steward, id, 'claimed'))?.actor).toBe('ana');
  await expectNoFailedTask(steward, id);
});

test('a claim by another way rewrites the message as well, and a late click is told who was first', async () => {
  const { id, message } = await ask();
  const before = structuredClone(message);
  await steward.steward.claim(id, { agentId: 'ana' });
  await shows(message, /Claimed by Ana at /, ['resolve', 'reassign']);
  await press(before, 'claim', BEN);
  await whispered(`Ticket ${id} is already claimed by Ana`);
  await until(steward, id, { state: 'inProgress', assigneeId: 'ana' });
});

test('of two claims at once one wins, and the other one hears of it', async () => {
  const { id, message } = await ask();
  await Promise.all([press(message, 'claim', ANA), press(message, 'claim', BEN)]);
  const told = await whispered(`Ticket ${id} is already claimed by`);
  expect((await kinds(steward, id)).filter((kind) => kind === 'claimed')).toHaveLength(1);
  const { assigneeId } = await steward.steward.describe(id);
  expect(told).toContain(assigneeId === 'ana' ? 'Ana' : 'Ben');
});

test('who is nobody of ours is refused in private, with what to do, and the timeline knows', async () => {
  const { id, message } = await ask();
  for (const action of ['claim', 'resolve']) {
    slack().whispers.length = 0;
    expect(await press(message, action, STRANGER)).toEqual({ status: 200, text: '' });
    expect(await whispered(`Nothing was done with ticket ${id}`)).toContain('policies/team.yaml');
  }
  expect((await kinds(steward, id)).filter((kind) => kind === 'ignored')).toHaveLength(2);
  await until(steward, id, { state: 'waitingForAgent' });
});

test('a form sends a reply and solves; the message says by whom', async () => {
  const { id, message } = await ask();
  await form(message, ANA);
  expect(await call(steward.app, sendForm(slack(), ANA, 'replyAndSolve', 'It works again: I reset it.'))).toEqual({
    status: 200,
    text: '{}',
  });
  await until(steward, id, { state: 'solved' });
  await vi.waitFor(() => expect(mails().filter((mail) => mail.includes('I reset it'))).toHaveLength(1), PATIENCE);
  await shows(message, /Solved by Ana at /, []);
  await expectNoFailedTask(steward, id);
});

test('a note reaches our own people alone: no mail, no page of the customer has it', async () => {
  const { id, message } = await ask();
  await form(message, BEN);
  await call(steward.app, sendForm(slack(), BEN, 'note', 'A secret between us'));
  await whispered(`Your note about ticket ${id} is kept`);
  expect((await messagesOf(steward, id)).filter(({ internal }) => internal).map(({ body }) => body)).toEqual([
    'A secret between us',
  ]);
  await steward.steward.reply(id, { agentId: 'ana', message: 'Hello there.' });
  await vi.waitFor(() => expect(mails().filter((mail) => mail.includes('Hello there'))).toHaveLength(1), PATIENCE);
  expect(mails().filter((mail) => mail.includes('A secret'))).toEqual([]);
  const { links } = steward.composed.deps;
  const page = await steward.app.request(new URL(links.statusPage(id)).pathname);
  const shown = await page.text();
  expect(shown).toContain('Hello there');
  expect(shown).not.toContain('A secret');
});

test('what is wrong with a form shows at its field, and what comes too late is given back', async () => {
  const { id, message } = await ask();
  await form(message, ANA);
  for (const [user, end, words, said] of [
    [ANA, 'reply', ' ', 'Write something'],
    [ANA, null, 'x', 'does not know this form'],
    [STRANGER, 'reply', 'x', 'policies/team.yaml'],
  ] as const) {
    const { status, text } = await call(steward.app, sendForm(slack(), user, end, words));
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { response_action: 'errors', errors: { words: expect.stringContaining(said) } },
    ]);
  }
  await steward.steward.claim(id, { agentId: 'ben' });
  await call(steward.app, sendForm(slack(), ANA, 'reply', 'My long answer.'));
  expect(await whispered(`Ticket ${id} is already claimed by Ben`)).toContain('My long answer.');
  expect(mails().filter((mail) => mail.includes('My long answer'))).toEqual([]);
});

test('a late click at "Resolve" opens no form', async () => {
  const { id, message } = await ask();
  const before = structuredClone(message);
  await steward.steward.resolve(id, { agentId: 'ben' });
  await shows(message, /Solved by Ben/, []);
  await press(before, 'resolve', ANA);
  await whispered(`Nothing was done with ticket ${id}. Solved by Ben`);
  expect(slack().views).toEqual([]);
});

test('reassigned, whom it is given to is asked by a message of their own, and the old one is out of date', async () => {
  const { id, message } = await ask();
  await press(message, 'claim', ANA);
  await shows(message, /Claimed by Ana/, ['resolve', 'reassign']);
  await press(message, 'reassign', ANA, STRANGER);
  await whispered('whoever you chose is nobody in policies/team.yaml');
  const before = structuredClone(message);
  await press(message, 'reassign', ANA, BEN);
  await until(steward, id, { state: 'waitingForAgent', assigneeId: 'ben' });
  const second = await asked(id, 2);
  await shows(message, /Given to Ben by Ana/, []);
  expect(acts(second)).toContain('claim');
  await press(before, 'resolve', ANA);
  await whispered(`This message about ticket ${id} is out of date`);
  await press(second, 'claim', BEN);
  await until(steward, id, { state: 'inProgress', assigneeId: 'ben' });
});

test('snoozed, the path waits as long, and the message says until when', async () => {
  const { id, message } = await ask({ customerTier: 'soon', message: 'The parcel smells of fish.' });
  await press(message, 'snooze', ANA, '15');
  const { facts } = (await entry(steward, id, 'snoozed')) ?? {};
  await shows(message, /Snoozed by Ana until /, ['claim', 'resolve', 'reassign', 'snooze']);
  const calls = () => steward.read.timeline(id).then((all) => all.filter(({ kind }) => kind === 'called'));
  const due = Date.now() + 3_500;
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(due), PATIENCE);
  expect(await calls()).toEqual([]);
  expect(Number(facts?.until)).toBeGreaterThan(Date.now() + 14 * 60_000);
});

test('a message that Slack does not let us change is tried again, and says the last of it', async () => {
  const { id, message } = await ask();
  slack().failNext('500', { action: 'chat.update' }, 1);
  await press(message, 'claim', ANA);
  await shows(message, /Claimed by Ana/, ['resolve', 'reassign']);
  await until(steward, id, { state: 'inProgress' });
});

test('a look that Slack refuses for good does not hold up the next one', async () => {
  const { id, message } = await ask();
  slack().answerNext(json(200, { ok: false, error: 'invalid_blocks' }), { action: 'chat.update' });
  await press(message, 'claim', ANA);
  await until(steward, id, { state: 'inProgress' });
  await vi.waitFor(() => expect(slack().asked.map(({ action }) => action)).toContain('chat.update'), PATIENCE);
  await steward.steward.resolve(id, { agentId: 'ana' });
  await shows(message, /Solved by Ana/, []);
});

test('a click that was taken is done though no worker runs, and though its own address is used up', async () => {
  const { id, message } = await ask();
  const before = structuredClone(message);
  await steward.steward.claim(id, { agentId: 'ben' });
  await steward.restartWorkers(async () => {
    const click = clickAt(slack(), before, 'claim', ANA);
    expect(await call(steward.app, { ...click, response_url: `${slack().url}/actions/T0/gone` })).toMatchObject({
      status: 200,
    });
  });
  await vi.waitFor(
    () => expect(slack().messages.filter(({ text }) => text.includes('is already claimed by Ben'))).toHaveLength(1),
    PATIENCE,
  );
  expect((await steward.steward.describe(id)).assigneeId).toBe('ben');
});
