import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTemplates } from '../../src/adapters/templates.ts';
import { StewardError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';

const DATA = {
  ticket: { id: 'TKT-1', subject: 'Login issue', state: 'waitingForAgent', priority: 'HIGH', tier: 'premium' },
  customer: { id: 'CUST-1', name: 'Ada' },
  recipient: { id: 'ana', name: 'Ana Ruiz' },
  text: 'Use "Forgot password" & wait.',
  customerText: "I can't access my account.\n<b>Now</b>",
  customerNow: [] as string[],
  outage: [] as string[],
  context: {
    sentiment: 'NEGATIVE',
    sentimentBy: 'local',
    sentimentNow: null,
    tried: null,
    confidence: null,
    language: 'en',
  } as Record<string, string | null>,
  links: { statusPage: 'http://127.0.0.1/s/abc', webUi: 'http://127.0.0.1/ui/TKT-1', ask: null },
  facts: {
    articleTitle: 'Resetting your password',
    why: 'flow',
    step: 'SendWelcomeEmail',
    attempts: 4,
    error: 'ProviderFailed',
    cause: 'ses: HTTP 503',
    path: 'urgent',
    level: 2,
    number: 2,
    since: '2026-11-25T14:30:00.000Z',
  },
};
const NAMES = ['welcome', 'bot-answer', 'handed-over', 'agent-reply', 'escalation', 'parked', 'call'];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'templates-'));
  await cp('templates', dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true }));

const put = (name: string, subject: string, body: string) =>
  writeFile(join(dir, `${name}.liquid`), `---\nsubject: ${JSON.stringify(subject)}\nrepeat: ask\n---\n${body}\n`);
const render = async (name: string, data: JsonObject = DATA) => (await createTemplates(dir)).render(name, data);

test.each(NAMES)('%s: says its piece with all facts there, and with none that can be missing', async (name) => {
  const full = await render(name, { ...DATA, outage: ['Logins fail', 'Mails are slow'] });
  const bare = await render(name, {
    ...DATA,
    ticket: { ...DATA.ticket, priority: null, tier: null },
    customer: { id: 'CUST-1', name: null },
    recipient: { id: 'ana', name: null },
  });
  for (const { subject, text } of [full, bare]) {
    expect(`${subject}\n${text}`).not.toMatch(/null|undefined|\{\{|\{%|\n{3}| ,|\(\)| {2}(?!(?:npx )?steward)\S/);
    expect(subject).toContain('TKT-1');
  }
  expect(bare.text).toMatch(/^Hello,\n/);
  expect(full.text).toMatch(/^Hello (Ada|Ana Ruiz),\n/);
});

test('a known outage is said to the customer and the agent, each incident on its line', async () => {
  const outage = ['Logins fail', 'Mails are slow'];
  for (const name of ['welcome', 'bot-answer', 'handed-over']) {
    expect((await render(name, { ...DATA, outage })).text).toMatch(/:\n- Logins fail\n- Mails are slow\n\n/);
    expect((await render(name)).text).not.toContain('disturbance');
  }
  expect((await render('escalation', { ...DATA, outage })).text).toContain(
    'Outage: Logins fail\nOutage: Mails are slow\n',
  );
});

test('nothing is escaped: mails are plain text', async () => {
  const { text } = await render('bot-answer');
  expect(text).toContain('Use "Forgot password" & wait.');
  expect(text).toContain('"Resetting your password"');
});

test('an escalation quotes what the customer wrote since, then what they had asked', async () => {
  const { text } = await render('escalation', { ...DATA, customerNow: ['Hello?', 'It is\nurgent.'] });
  expect(text).toMatch(/wrote now:\n\n> Hello\?\n\n> It is\n> urgent\.\n\nand at first:\n\n> I can't access/);
});

test('an escalation says who, why, how urgent, in the customer’s words, and where', async () => {
  const { subject, text } = await render('escalation');
  expect(subject).toBe('[HIGH] TKT-1 needs a person: Login issue');
  expect(text).toContain('the flow sends this ticket to a person');
  expect(text).toContain('Customer: Ada (premium)\nPriority: HIGH\n');
  expect(text).toContain("> I can't access my account.\n> <b>Now</b>\n");
  expect(text).toContain(DATA.links.webUi);
});

test('a parked ticket names the step, the tries and the exact commands', async () => {
  const { text } = await render('parked');
  expect(text).toContain('Its step SendWelcomeEmail failed 4 times, last with ProviderFailed: ses: HTTP 503.');
  for (const command of ['show', 'retry', 'skip', 'abort']) expect(text).toContain(`\n  steward ${command} TKT-1\n`);
});

test('a customer’s text is data: what looks like a template in it stays as it is', async () => {
  const { text } = await render('escalation', { ...DATA, customerText: '{{ links.statusPage }} {% include "x" %}' });
  expect(text).toContain('> {{ links.statusPage }} {% include "x" %}');
});

test('a subject is one line', async () => {
  const { subject } = await render('escalation', { ...DATA, ticket: { ...DATA.ticket, subject: 'a\r\nBcc: b' } });
  expect(subject).toBe('[HIGH] TKT-1 needs a person: a Bcc: b');
});

test.each([
  ['missing', { ...DATA, facts: {} }],
  ['null', { ...DATA, facts: { ...DATA.facts, articleTitle: null } }],
])('a variable that is %s is an error naming template and variable, and no customer’s words', async (_, data) => {
  await expect(render('bot-answer', data)).rejects.toMatchObject({
    code: 'InvalidTemplate',
    message: expect.stringMatching(/^template bot-answer\.liquid: .*facts\.articleTitle/),
  });
  await expect(render('bot-answer', data)).rejects.not.toThrow(/Forgot password|access/);
});

test('a fact that is missing in a condition is an error too, not a silent no', async () => {
  await put('welcome', 'Hi', '{% if facts.urgent %}Hurry!{% endif %}Hello');
  await expect(render('welcome')).rejects.toThrow(/template welcome\.liquid: .*facts\.urgent/);
});

test('only own properties are seen', async () => {
  await put('welcome', 'Hi', '{{ facts.constructor }}');
  await expect(render('welcome')).rejects.toMatchObject({ code: 'InvalidTemplate' });
});

test.each([
  ['an unknown variable', '{{ custmer.name }}', 'custmer.name'],
  ['an unknown variable in a condition', '{% if ticket.nmae %}x{% endif %}', 'ticket.nmae'],
  ['an unknown filter', '{{ text | shout }}', 'shout'],
  ['broken syntax', '{% if text %}x', 'if'],
])('%s stops the start', async (_, body, said) => {
  await put('welcome', 'Hi', body);
  await expect(createTemplates(dir)).rejects.toMatchObject({
    code: 'InvalidTemplate',
    message: expect.stringMatching(new RegExp(`^template welcome\\.liquid: .*${said}`)),
  });
});

test.each([
  ['a variable that nobody knows', 'Hi', 'Hello\n\n{{ custmer.name }}', 'knows no variable custmer.name (line 7)'],
  [
    'one that is not filled',
    'Hi',
    'Hello\n{{ facts.colour }}',
    'undefined variable: facts.colour in line 6: facts.colour',
  ],
  ['one without a value', 'Hi', 'Hello\n{{ links.ask }}', 'has no value in line 6: {{ links.ask }}'],
  ['one in the subject', '{{ facts.colour }}', 'Hello', 'undefined variable: facts.colour in line 2: facts.colour'],
  ['a tag that is not closed', 'Hi', '{% if text %}', 'tag {% if text %} not closed in line 5: {% if text %}'],
])('%s is named with the line of the file', async (_, subject, body, said) => {
  await put('welcome', subject, body);
  await expect(render('welcome')).rejects.toThrow(
    new StewardError('InvalidTemplate', `template welcome.liquid: ${said}`),
  );
});

test('one template is read alone where one is asked for, whatever is wrong with the others', async () => {
  await put('welcome', 'Hi', '{{ custmer.name }}');
  const templates = await createTemplates(dir, ['parked']);
  expect((await templates.render('parked', DATA)).subject).toContain('TKT-1');
});

test('no template reads a file', async () => {
  await put('welcome', 'Hi', '{% include "package.json" %}');
  await expect(render('welcome')).rejects.toMatchObject({ code: 'InvalidTemplate' });
});

test('a missing template stops the start and is named', async () => {
  await rm(join(dir, 'parked.liquid'));
  await expect(createTemplates(dir)).rejects.toThrow(/missing.*parked\.liquid/);
  await expect(createTemplates(join(dir, 'none'))).rejects.toMatchObject({ code: 'InvalidTemplate' });
});

test.each([
  ['no front matter', 'Hello', 'begin with'],
  ['no text', '---\nsubject: a\nrepeat: ask\n---\n', 'begin with'],
  ['no subject', '---\nrepeat: ask\n---\nHello', 'subject'],
  ['another repeat', '---\nsubject: a\nrepeat: always\n---\nHello', 'repeat.*at-least-once'],
  ['a setting nobody knows', '---\nsubject: a\nrepeat: ask\nfrom: b\n---\nHello', 'no others'],
  ['an urgency of its own', '---\nsubject: a\nrepeat: ask\nurgent: very\n---\nHello', 'urgent.*true'],
  ['no YAML', '---\nsubject: [a\n---\nHello', 'not YAML'],
])('a file with %s stops the start with the mend', async (_, source, mend) => {
  await writeFile(join(dir, 'welcome.liquid'), source);
  await expect(createTemplates(dir)).rejects.toThrow(new RegExp(`template welcome\\.liquid: .*${mend}`));
});

test('each template says whether it may go out twice, and whether it has to be seen at once', async () => {
  await put('agent-reply', 'Hi', 'Hello');
  const templates = await createTemplates(dir);
  expect(templates.repeats('escalation')).toBe(true);
  expect(templates.repeats('agent-reply')).toBe(false);
  expect(templates.isUrgent('escalation')).toBe(true);
  expect(templates.isUrgent('agent-reply')).toBe(true);
  expect(templates.isUrgent('undelivered')).toBe(false);
  expect(() => templates.repeats('none')).toThrow(/no template "none"/);
});

test.each([
  [{ to: 'customer', outcome: 'bounced' }, /came back$/, /to the customer of ticket TKT-1 \(welcome\) came back: they/],
  [{ to: 'customer', outcome: 'complained' }, /was complained of$/, /calls our mail \(welcome\) spam/],
  [
    { to: 'agent', agentId: 'ben', outcome: 'bounced' },
    /came back$/,
    /^a mail to ben about ticket TKT-1 \(welcome\) came back\. /m,
  ],
  [{ to: 'agent', agentId: 'ben', outcome: 'complained' }, /complained of$/, /^a mail to ben .* was called spam\. /m],
])('word of a mail that failed says to whom, and what to do: %j', async (facts, said, what) => {
  const { subject, text } = await render('undelivered', { ...DATA, facts: { ...facts, template: 'welcome' } });
  expect(subject).toMatch(said);
  expect(text).toMatch(what);
  expect(text).not.toMatch(/null|undefined|\n{3}|[^\n] {2}\S/);
  expect(text.includes('steward suppression lift CUST-1')).toBe(facts.to === 'customer');
});

test('word that somebody else has answered names both tickets, and nobody', async () => {
  const { subject, text } = await render('other-sender', { ...DATA, facts: { otherTicketId: 'MAIL-1' } });
  expect(subject).toBe('Somebody else has answered our mail about TKT-1');
  expect(text).toContain('steward show MAIL-1');
  expect(text).toContain('steward show TKT-1');
});
